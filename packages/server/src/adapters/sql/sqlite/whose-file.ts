import { OURS } from '../ours.js';
import type { NativeSqlite } from './native-sqlite.js';

/** What somebody made. SQLite keeps tables of its own, and so does what copies a file while it is written (Litestream). */
const OTHERS = `SELECT count(*) AS n FROM sqlite_schema WHERE type IN ('table', 'view')
  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name NOT LIKE '\\_litestream\\_%' ESCAPE '\\'`;

/** Whose tables a file has; looks only. */
export function whoseFile(native: NativeSqlite): 'ours' | 'empty' | 'another' {
  const columns = [...OURS].filter(
    ([table, column]) =>
      countOf(native, `SELECT count(*) AS n FROM pragma_table_info('${table}') WHERE name = '${column}'`) > 0,
  );
  if (columns.length === OURS.size) return 'ours';
  return countOf(native, OTHERS) === 0 ? 'empty' : 'another';
}

/** The number that a query names `n`; 0 where it answers with none. */
export function countOf(native: NativeSqlite, sql: string): number {
  const [row] = native.prepare(sql).all([]);
  const value: unknown = row !== null && typeof row === 'object' ? Reflect.get(row, 'n') : undefined;
  return typeof value === 'number' ? value : 0;
}
