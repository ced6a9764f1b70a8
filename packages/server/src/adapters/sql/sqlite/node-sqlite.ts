import type { NativeSqlite } from './native-sqlite.js';
import { StatementCache } from './statement-cache.js';

// The part of `node:sqlite` that is used here; the type files of Node 20 do not know the module.
interface StatementSync {
  all(...parameters: readonly unknown[]): unknown[];
  run(...parameters: readonly unknown[]): { changes: number; lastInsertRowid: number };
  iterate(...parameters: readonly unknown[]): IterableIterator<unknown>;
  columns(): readonly unknown[];
}
interface DatabaseSync {
  prepare(sql: string): StatementSync;
  exec(sql: string): void;
  close(): void;
}
interface NodeSqlite {
  readonly DatabaseSync: new (path: string) => DatabaseSync;
}

/** `node:sqlite`, part of Node itself; needs Node 24. */
export function openNodeSqlite(path: string): NativeSqlite {
  // By name at run time: bundlers do not know the module either, and Node 20 must be able to load this file.
  const { DatabaseSync } = process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite;
  const db = new DatabaseSync(path);
  const statements = new StatementCache((sql) => {
    const statement = db.prepare(sql);
    return {
      reader: statement.columns().length > 0,
      all: (parameters) => statement.all(...parameters),
      run: (parameters) => statement.run(...parameters),
      iterate: (parameters) => statement.iterate(...parameters),
    };
  });
  return {
    prepare: (sql) => statements.get(sql),
    exec: (sql) => db.exec(sql),
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
