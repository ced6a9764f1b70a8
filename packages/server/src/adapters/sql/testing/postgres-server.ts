import { execFileSync, spawn } from 'node:child_process';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { vi } from 'vitest';
import { toolOrSkip } from '../../../../../../scripts/tools.mjs';

/** An instance of PostgreSQL of our own: a temporary folder, a socket in it, no TCP port. */
export interface PostgresServer {
  /** Makes an empty place for tables, a schema; returns the URL that leads there. */
  database(): Promise<string>;
  /** How often sessions that have ended by now waited for each other until PostgreSQL sacrificed one. */
  deadlocks(): Promise<number>;
  /** Runs a statement as the owner of everything. */
  run(sql: string): Promise<unknown[]>;
  /** Resolves once a statement of which this is a part waits for somebody. Rejects after ten seconds. */
  untilWaiting(statement: string): Promise<void>;
  /** Cuts the lines that hold a database for servers. */
  cutLocks(): Promise<void>;
  /** Stops it, waits for `meanwhile`, which is given the folder of its data, and starts it again on what is there. */
  restart(meanwhile: (data: string) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

const WAITING_MS = 10_000;

/** The schema that a URL of `database` leads to. */
export const schemaOf = (url: string) => /test_\d+/.exec(url)?.[0] ?? '';

/** The folder of `initdb` and `postgres`, or undefined when the tests that need it shall skip. */
export const postgresOrSkip = () => toolOrSkip('postgresql');

/** Starts an instance; resolves when it takes connections. */
export async function startPostgres(binaries: string): Promise<PostgresServer> {
  // Short: the path of a socket has 107 bytes.
  const folder = await mkdtemp('/tmp/gc-pg-');
  const user = await ownerOf(folder);
  const data = join(folder, 'data');
  const options = { cwd: folder, env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' }, ...user };
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'goconnect', '-A', 'trust', '-E', 'UTF8', '--no-sync'],
    {
      ...options,
      stdio: 'pipe',
    },
  );
  const settings = ['listen_addresses=', `unix_socket_directories=${folder}`, 'max_connections=60'];
  const url = `postgres://goconnect@localhost/postgres?host=${folder}`;
  const launch = async () => {
    const args = ['-D', data, ...settings.flatMap((text) => ['-c', text])];
    const server = spawn(join(binaries, 'postgres'), args, { ...options, stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
    await untilReady(url, ended);
    // Fast shutdown: clients are cut off.
    return () => {
      server.kill('SIGINT');
      return ended;
    };
  };
  let end = await launch();
  let schemas = 0;
  return {
    async database() {
      const name = `test_${++schemas}`;
      await run(url, `CREATE SCHEMA ${name}`);
      return `${url}&options=-csearch_path%3D${name}`;
    },
    async deadlocks() {
      // A session reports its numbers when it ends.
      const others = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'goconnect-server'";
      while ((await run(url, others)).length > 0) await new Promise((resolve) => setImmediate(resolve));
      const [row] = await run(url, 'SELECT sum(deadlocks)::int AS count FROM pg_stat_database');
      return (row as { count: number }).count;
    },
    run: (sql) => run(url, sql),
    async untilWaiting(statement) {
      const waits = `SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%${statement}%'`;
      await vi.waitUntil(async () => (await run(url, waits)).length > 0, WAITING_MS);
    },
    async cutLocks() {
      await run(
        url,
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted",
      );
    },
    async restart(meanwhile) {
      await end();
      await meanwhile(data);
      end = await launch();
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true });
    },
  };
}

/** `initdb` refuses root, so root hands the folder to the user whom the package made. */
async function ownerOf(folder: string): Promise<{ readonly uid?: number; readonly gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const user = { uid: id('-u'), gid: id('-g') };
  await chown(folder, user.uid, user.gid);
  return user;
}

async function untilReady(url: string, ended: Promise<void>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  for (;;) {
    try {
      await run(url, 'SELECT 1');
      return;
    } catch (error) {
      if (over) throw new Error('PostgreSQL ended while it was starting', { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function run(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // `stop` cuts the line while this client may still be ending.
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}
