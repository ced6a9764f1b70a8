import type { SqliteDatabase } from 'kysely';

/** What `node:sqlite` and `libsql` have in common, under one shape. */
export interface NativeSqlite extends SqliteDatabase {
  exec(sql: string): void;
  /** First column of the first row that a PRAGMA answers with. */
  pragma(text: string): unknown;
}
