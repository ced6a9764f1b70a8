import type { SqliteDatabase } from 'kysely';

/** What `node:sqlite` and `libsql` have in common, under one shape. */
export interface NativeSqlite extends SqliteDatabase {
  exec(sql: string): void;
  /** First column of the first row that a PRAGMA answers with. */
  pragma(text: string): unknown;
}

/** Opens a file or `:memory:`. `node:sqlite` where the runtime has it without a flag, else `libsql`. */
export async function openNativeSqlite(path: string): Promise<NativeSqlite> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  const { openNodeSqlite } = await import('./node-sqlite.js');
  if (major >= 24) return openNodeSqlite(path);
  const { openLibsql } = await import('./libsql.js');
  return openLibsql(path);
}
