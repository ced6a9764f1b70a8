// Loaded before the real server (`node --import`): a SQLite that keeps its promises less than it says. Only for the
// proof that the judge of acks notices.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const bug = process.env.CARELESS_STORE;
const [major] = process.versions.node.split('.').map(Number);

/** What the server opens its database with on this version of Node. */
const Database = major >= 24 ? process.getBuiltinModule('node:sqlite').DatabaseSync : fromServer('libsql');

function fromServer(name) {
  return createRequire(require.resolve('@goconnect/server/package.json'))(name);
}

const { prepare } = Database.prototype;

/** @type {Record<string, (database: object, sql: string, statement: object) => object>} */
const BUGS = {
  // Checked at the open, changed afterwards: the WAL is written and not synced.
  'no fsync': (database, sql, statement) => {
    if (sql === 'BEGIN IMMEDIATE') database.exec('PRAGMA synchronous = NORMAL');
    return statement;
  },
  // Says "committed" and does it a little later.
  'ack before commit': (database, sql, statement) => {
    if (sql === 'BEGIN IMMEDIATE') return running(() => finish(database), statement);
    if (sql !== 'COMMIT') return statement;
    return running(() => {
      pending.set(
        database,
        setTimeout(() => finish(database), 20),
      );
      return { changes: 0, lastInsertRowid: 0 };
    });
  },
};

/** @type {Map<object, NodeJS.Timeout>} */
const pending = new Map();

function finish(database) {
  const timer = pending.get(database);
  if (timer === undefined) return;
  clearTimeout(timer);
  pending.delete(database);
  prepare.call(database, 'COMMIT').run();
}

/** A statement without rows that does something first, or instead. */
function running(act, statement) {
  return {
    reader: false,
    columns: () => [],
    all: () => [],
    run() {
      const instead = act();
      return statement ? statement.run() : instead;
    },
  };
}

const plant = BUGS[bug];
if (plant === undefined) throw new Error(`CARELESS_STORE=${bug}: there is no such bug`);
Database.prototype.prepare = function (sql) {
  return plant(this, sql, prepare.call(this, sql));
};
