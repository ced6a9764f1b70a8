import type { Compilable, CompiledQuery, QueryResult } from 'kysely';
import type { LogEntry } from '../../domain/entities.js';
import type { Connection } from './connection.js';
import type { Statement } from './statement.js';

type Phase = 'read' | 'write' | 'write_without_waiting' | 'over';

/**
 * What one `work` may do with the connection while it runs. Afterwards it answers no more: a late query would land in
 * somebody else's transaction.
 */
export class UnitOfWork {
  readonly #connection: Connection;
  /** Log entries appended so far, to be told once they are durable. */
  readonly entries: LogEntry[] = [];
  /** Rooms that no other node appends to until this work is committed. */
  readonly heldRooms = new Set<string>();
  #phase: Phase;
  #driverError: unknown;
  #wrote = false;

  constructor(connection: Connection, phase: Exclude<Phase, 'over'>) {
    this.#connection = connection;
    this.#phase = phase;
  }

  /** May it wait for a room that another node holds? Only while nobody can be waiting for it. */
  get mayWait(): boolean {
    return this.#phase === 'write';
  }

  /** Whether a row was changed: a transaction without says nothing about the disk. */
  get wrote(): boolean {
    return this.#wrote;
  }

  /** What the database refused last, also when the work has made another error of it. */
  get driverError(): unknown {
    return this.#driverError;
  }

  /** Rows of a query that changes nothing. */
  async all<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R[]> {
    return (await this.#run(statement.with(parameters))).rows;
  }

  async first<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R | undefined> {
    return (await this.all(statement, parameters))[0];
  }

  /** The same for a query whose text depends on what is asked. */
  async query<R>(query: Compilable<R>): Promise<R[]> {
    return (await this.#run(query.compile())).rows;
  }

  /** Changes rows; returns how many. */
  async change<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<number> {
    this.#mustWrite();
    const rows = Number((await this.#run(statement.with(parameters))).numAffectedRows ?? 0n);
    this.#wrote ||= rows > 0;
    return rows;
  }

  /** Changes or holds rows by a query that gives some back. */
  async changed<P extends object, R>(statement: Statement<P, R>, parameters: P): Promise<R[]> {
    this.#mustWrite();
    const { rows } = await this.#run(statement.with(parameters));
    this.#wrote ||= rows.length > 0;
    return rows;
  }

  end(): void {
    this.#phase = 'over';
  }

  async #run<R>(query: CompiledQuery<R>): Promise<QueryResult<R>> {
    if (this.#phase === 'over') throw new Error('this unit of work is over: its tx was kept');
    try {
      return await this.#connection.execute(query);
    } catch (error) {
      this.#driverError = error;
      throw error;
    }
  }

  #mustWrite(): void {
    if (this.#phase === 'read') throw new Error('store.read() must not change anything');
  }
}
