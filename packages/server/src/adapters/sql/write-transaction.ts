import { CompiledQuery } from 'kysely';
import type { LogEntry } from '../../domain/entities.js';
import type { Transaction } from '../../ports/store.js';
import { type Connection, withConnection } from './connection.js';
import { MustBeFirst } from './must-be-first.js';
import type { AnyPendingWork } from './pending-work.js';
import type { SqlDatabase } from './sql-database.js';
import { UnitOfWork } from './unit-of-work.js';

const COMMIT = CompiledQuery.raw('COMMIT');
const ROLLBACK = CompiledQuery.raw('ROLLBACK');
const SAVEPOINT = CompiledQuery.raw('SAVEPOINT work');
const RELEASE = CompiledQuery.raw('RELEASE SAVEPOINT work');
const UNDO = CompiledQuery.raw('ROLLBACK TO SAVEPOINT work');

/**
 * Runs one work inside the open transaction; `again` when it must be the first one of another. Rejects only when the
 * whole transaction is lost.
 */
export type Attempt = (work: AnyPendingWork) => Promise<'done' | 'again'>;

/** What a transaction came to. */
export interface Committed {
  /** Log entries of the works that went well. */
  readonly entries: readonly LogEntry[];
  /** False when there was nothing to be made durable. */
  readonly wrote: boolean;
}

/** A COMMIT was sent, and the database did not say what came of it. */
export class CommitInDoubt extends Error {
  constructor(
    readonly mark: number,
    /** What it comes to if it took effect. */
    readonly committed: Committed,
    override readonly cause: unknown,
  ) {
    super('the database did not answer for a commit');
  }
}

/**
 * One transaction that several works share. `fill` runs them with the function it gets, one after the other; when it
 * is done the transaction is committed. Rejects when nothing of it took effect, and with a `CommitInDoubt` when nobody
 * knows.
 */
export async function writeTransaction(
  database: SqlDatabase,
  mark: number,
  openTables: (unit: UnitOfWork) => Transaction,
  fill: (attempt: Attempt) => Promise<void>,
): Promise<Committed> {
  return await withConnection(database.kysely, async (connection) => {
    const entries: LogEntry[] = [];
    let attempts = 0;
    let wrote = false;
    try {
      await connection.execute(CompiledQuery.raw(database.beginMarked?.(mark) ?? database.beginWrite));
      await fill(async (work) => {
        await connection.execute(SAVEPOINT);
        // Who holds a room must not wait for another one: two nodes would wait for each other.
        const unit = new UnitOfWork(connection, attempts++ === 0 ? 'write' : 'write_without_waiting');
        try {
          await work.run(openTables(unit));
          unit.end();
          // In PostgreSQL this fails after an error that the work swallowed: COMMIT alone would quietly roll back.
          await connection.execute(RELEASE);
        } catch (error) {
          if (database.isConflict(error)) throw error;
          // On a disk that is full or a page that is damaged nobody knows what else of the transaction would hold.
          if (database.faultOf(unit.driverError) !== undefined) throw unit.driverError;
          await undo(connection, error);
          if (error instanceof MustBeFirst || database.wouldWait(error)) return 'again';
          work.fail(error);
          return 'done';
        }
        for (const entry of unit.entries) entries.push(entry);
        wrote ||= unit.wrote;
        return 'done';
      });
      // Nothing was changed, so nothing has to be durable, and nothing can be in doubt.
      if (!wrote) await connection.execute(ROLLBACK);
    } catch (error) {
      // SQLite may have rolled back by itself (disk full), PostgreSQL may be gone: either way nothing is left to undo.
      await connection.execute(ROLLBACK).catch(() => {});
      throw error;
    }
    const committed = { entries, wrote };
    if (wrote) await commit(connection, database, mark, committed);
    return committed;
  });
}

async function commit(
  connection: Connection,
  database: SqlDatabase,
  mark: number,
  committed: Committed,
): Promise<void> {
  try {
    await connection.execute(COMMIT);
    database.committed?.(mark);
  } catch (error) {
    if (database.mayHaveCommitted(error)) throw new CommitInDoubt(mark, committed, error);
    await connection.execute(ROLLBACK).catch(() => {});
    throw error;
  }
}

/** Takes one work back. Rejects when the database has already thrown away the whole transaction. */
async function undo(connection: Connection, cause: unknown): Promise<void> {
  try {
    await connection.execute(UNDO);
    await connection.execute(RELEASE);
  } catch {
    throw cause;
  }
}
