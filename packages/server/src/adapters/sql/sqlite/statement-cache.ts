import type { SqliteStatement } from 'kysely';

/** The store has some seventy queries; more can only come from lists of rooms of differing length. */
const CAPACITY = 256;

/** Prepared statements by text: preparing costs more than running. Forgets the one that was made first when full. */
export class StatementCache {
  readonly #prepare: (sql: string) => SqliteStatement;
  readonly #statements = new Map<string, SqliteStatement>();

  constructor(prepare: (sql: string) => SqliteStatement) {
    this.#prepare = prepare;
  }

  get(sql: string): SqliteStatement {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#prepare(sql);
    if (this.#statements.size >= CAPACITY) {
      const [oldest] = this.#statements.keys();
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(sql, made);
    return made;
  }

  clear(): void {
    this.#statements.clear();
  }
}
