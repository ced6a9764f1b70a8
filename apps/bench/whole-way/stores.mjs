import { join } from 'node:path';
import { createServer } from '@goconnect/server';
import Database from 'libsql';
import { SECRET } from '../support/person.mjs';

/**
 * Our own store lent to a peer: GoConnect as a library without a single connection. Everything of one turn of the loop
 * shares one transaction and one fsync. It writes less than for a `chat.send`: no membership, no repeats, no history.
 * @param {string} folder @returns {Promise<import('./candidate.mjs').Store>}
 */
export async function groupCommit(folder) {
  const databaseUrl = `file:${join(folder, 'bench.db')}`;
  const options = { port: 0, host: '127.0.0.1', jwtSecret: SECRET, logLevel: 'error' };
  const server = createServer({ ...options, databaseUrl });
  await server.start();
  return { append: (message) => server.broadcast('host', 'chat.message', message) };
}

/**
 * A row and a transaction for each message, as a handler that knows nothing of its neighbours does it: the same SQLite
 * with the same settings, and as little in the row as can be.
 * @param {string} folder @returns {import('./candidate.mjs').Store}
 */
export function oneByOne(folder) {
  const database = new Database(join(folder, 'bench.db'));
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
  database.exec('CREATE TABLE messages (seq INTEGER PRIMARY KEY, data TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO messages (data) VALUES (?)');
  return { append: (message) => void insert.run([JSON.stringify(message)]) };
}
