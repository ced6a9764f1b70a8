import Libsql from 'libsql';
import type { NativeSqlite } from './native-sqlite.js';
import { StatementCache } from './statement-cache.js';

/** `libsql`: prebuilt, with the API of better-sqlite3. One connection per file, one process. */
export function openLibsql(path: string): NativeSqlite {
  const db = new Libsql(path);
  const statements = new StatementCache((sql) => {
    const statement = db.prepare(sql);
    return {
      reader: statement.reader,
      all: (parameters) => statement.all(parameters),
      run: (parameters) => statement.run(parameters),
      iterate: (parameters) => statement.iterate(parameters),
    };
  });
  return {
    prepare: (sql) => statements.get(sql),
    exec: (sql) => void db.exec(sql),
    pragma(text) {
      const [row] = db.prepare(`PRAGMA ${text}`).all() as (object | undefined)[];
      return row && Object.values(row)[0];
    },
    close() {
      statements.clear();
      db.close();
    },
  };
}
