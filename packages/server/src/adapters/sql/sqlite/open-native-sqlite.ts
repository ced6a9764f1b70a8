import type { NativeSqlite } from './native-sqlite.js';

/** Opens a file or `:memory:`. `node:sqlite` where the runtime has it without a flag, else `libsql`. */
export async function openNativeSqlite(path: string): Promise<NativeSqlite> {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= 24) {
    const { openNodeSqlite } = await import('./node-sqlite.js');
    return openNodeSqlite(path);
  }
  const { openLibsql } = await import('./libsql.js');
  return openLibsql(path);
}
