import { execFile, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openNativeSqlite } from './adapters/sql/sqlite/open-native-sqlite.js';
import { createServer, type Server } from './create-server.js';
import { connectRaw } from './testing/raw-client.js';

const BIN = fileURLToPath(new URL('../dist/bin.js', import.meta.url));
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Ended {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

let folder: string;
let servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "goconnect back'up-"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop({ drainMs: 0 });
  servers = [];
  await rm(folder, { recursive: true });
});

/** The command, as an operator runs it: a process of its own, which knows no secret. */
const command = (database: string, ...args: string[]) =>
  new Promise<Ended>((resolve) => {
    const env = { PATH: process.env.PATH, DATABASE_URL: `file:${join(folder, database)}` };
    const child = execFile(process.execPath, [BIN, ...args], { cwd: folder, env }, (_, output, errors) =>
      resolve({ code: child.exitCode ?? -1, output, errors }),
    );
  });

const start = async (database: string) => {
  const databaseUrl = `file:${join(folder, database)}`;
  const secret = 'a secret of this test, over 32 bytes long';
  const server = createServer({
    dev: true,
    port: 0,
    databaseUrl,
    jwtSecret: secret,
    logger: silent,
    wsRateClient: '10000/1m',
    wsRateNetwork: '100000/1m',
  });
  servers.push(server);
  await server.start();
  return server;
};

/** The database of another program, with a table that ours has too. */
const makeForeign = async (path: string) => {
  const native = await openNativeSqlite(path);
  native.exec(
    'CREATE TABLE migrations (id INTEGER PRIMARY KEY, migration TEXT); CREATE TABLE posts (id INTEGER)',
  );
  native.close();
};

const login = async ({ address }: Server, name: string) => {
  const body = JSON.stringify({ email: `${name}@goconnect.example`, password: 'goconnect' });
  const response = await fetch(`${address.url}/v1/auth/login`, { method: 'POST', body });
  return ((await response.json()) as { data: { access_token: string } }).data.access_token;
};

/** Ids of all messages of `host`, oldest first. */
const history = async (server: Server) => {
  const token = await login(server, 'ada');
  const client = await connectRaw(server.address.wsUrl, { token, protocols: ['goconnect.v1'] });
  const found: string[] = [];
  for (let page: string | null | undefined; page !== null; ) {
    const query = { scope: 'host', limit: 100, ...(page !== undefined && { before: page }) };
    const { data } = await client.ask('chat.history', `page-${found.length}`, query);
    for (const { id } of (data?.messages ?? []) as { id: string }[]) found.unshift(id);
    page = (data?.next ?? null) as string | null;
  }
  await client.close();
  return found;
};

describe('goconnect-server backup', () => {
  it('copies a server under load: all that was acknowledged before, an unbroken part of the rest', async () => {
    const server = await start('a.db');
    const acked: string[] = [];
    let going = true;
    const write = async (name: string) => {
      const client = await connectRaw(server.address.wsUrl, { token: await login(server, name) });
      for (let count = 0; going; count++) {
        const ack = await client.ask('chat.send', `${count}`, { scope: 'host', body: `${name} ${count}` });
        if (ack.type === 'ack') acked.push(String(ack.data?.message_id));
      }
      await client.close();
    };
    const writers = ['ada', 'grace', 'linus'].map(write);
    await expect.poll(() => acked.length, { timeout: 20_000 }).toBeGreaterThan(100);
    const before = [...acked];
    const made = await command('a.db', 'backup', 'copy.db');
    const during = acked.length - before.length;
    going = false;
    await Promise.all(writers);

    expect(made).toMatchObject({ code: 0, errors: '' });
    expect(made.output).toMatch(
      /copy\.db: \d+ bytes, schema version \d+, \d+ log entries, checked and on disk\.\n$/,
    );
    expect(during).toBeGreaterThan(0);
    expect((await stat(join(folder, 'copy.db'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).filter((name) => name.includes('partial'))).toEqual([]);

    const original = await history(server);
    const copy = await history(await start('copy.db'));
    expect(before.filter((id) => !copy.includes(id))).toEqual([]);
    // One point of the room's order: everything up to it, nothing after it.
    expect(copy).toEqual(original.slice(0, copy.length));
    expect(Number(/(\d+) log entries/.exec(made.output)?.[1])).toBe(copy.length);
  });

  it('copies a server that does not run, and one that was killed', async () => {
    const server = await start('a.db');
    await server.networks.update({ userId: 'ada', tenantId: 'default' }, 'lobby', { name: 'Hall' });
    await server.stop({ drainMs: 0 });
    expect((await command('a.db', 'backup', 'copy.db')).code).toBe(0);
    const restored = await start('copy.db');
    expect((await restored.networks.get({ userId: 'ada', tenantId: 'default' }, 'lobby')).name).toBe('Hall');
    // The server that is copied starts again, its lock is free.
    await start('a.db');
  });

  it('tells who has seen more than the copy holds of the gap, also when the copy has gone on past them', async () => {
    const say = async (server: Server, count: number) => {
      const client = await connectRaw(server.address.wsUrl, {
        token: await login(server, 'grace'),
        protocols: ['goconnect.v1'],
      });
      for (let index = 0; index < count; index++)
        await client.ask('chat.send', `${index}-${Math.random()}`, { scope: 'host', body: `${index}` });
      const { data } = await client.ask('room.join', 'join', { room: 'host' });
      await client.close();
      return { room: 'host', epoch: data?.epoch, seq: data?.seq };
    };
    const server = await start('a.db');
    const copied = await say(server, 3);
    expect((await command('a.db', 'backup', 'copy.db')).code).toBe(0);
    const seen = await say(server, 5);
    await server.stop({ drainMs: 0 });
    const restored = await start('copy.db');
    const now = await say(restored, 10);
    expect([seen.seq, now.seq]).toEqual([Number(copied.seq) + 5, Number(copied.seq) + 10]);

    const client = await connectRaw(restored.address.wsUrl, {
      token: await login(restored, 'ada'),
      protocols: ['goconnect.v1'],
    });
    const { data } = await client.ask('session.resume', 'resume', { positions: [seen] });
    expect(data?.rooms).toEqual([expect.objectContaining({ room: 'host', status: 'gap', epoch: now.epoch })]);
    await client.close();
  });

  it('and migrate know a running server by the name of a symbolic link, too', async () => {
    await start('a.db');
    await symlink('a.db', join(folder, 'link.db'));
    expect(await command('link.db', 'backup', 'copy.db')).toMatchObject({ code: 0, errors: '' });
    expect(await command('link.db', 'migrate')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('is in use by another process'),
    });
    const files = (await readdir(folder)).filter((name) => name.startsWith('link.db'));
    expect(files).toEqual(['link.db']);
  });

  it('overwrites nothing, makes nothing up and says what is wrong', async () => {
    await writeFile(join(folder, 'precious'), 'notes');
    await (await start('a.db')).stop();
    await writeFile(join(folder, 'empty.db'), '');
    await makeForeign(join(folder, 'foreign.db'));
    const foreign = await readFile(join(folder, 'foreign.db'));
    const refusals = [
      await command('a.db', 'backup', 'precious'),
      await command('none.db', 'backup', 'copy.db'),
      await command('a.db', 'backup', 'no such folder/copy.db'),
      await command('precious', 'backup', 'copy.db'),
      await command('empty.db', 'backup', 'copy.db'),
      await command('foreign.db', 'backup', 'copy.db'),
    ];
    expect(refusals.map(({ code, output }) => [code, output])).toEqual(refusals.map(() => [1, '']));
    const [exists, none, nowhere, notOne, ...notOurs] = refusals.map(({ errors }) => errors);
    expect(exists).toMatch(
      /^goconnect-server cannot back up: .*precious exists already: a backup overwrites nothing.*\n$/,
    );
    expect(none).toMatch(
      /^goconnect-server cannot back up: DATABASE_URL: there is no database file .*none\.db\.\n$/,
    );
    expect(nowhere).toMatch(/^goconnect-server cannot back up: cannot write beside .*ENOENT.*\n$/);
    expect(notOne).toMatch(/is not a SQLite database/);
    for (const line of notOurs)
      expect(line).toMatch(
        /^goconnect-server cannot back up: DATABASE_URL: .*\.db holds no data of a GoConnect server: .*\n$/,
      );
    expect(await readFile(join(folder, 'foreign.db'))).toEqual(foreign);
    expect((await readdir(folder)).filter((name) => /none|copy|partial/.test(name))).toEqual([]);
  });
});

describe('goconnect-server backup after one that was interrupted', () => {
  const LEFT = '0123456789ab';
  const partial = (target: string, end: string) => `${target}.partial-${end}`;
  const partials = async () => (await readdir(folder)).filter((name) => name.includes('partial')).sort();
  const age = async (minutes: number, ...names: string[]) => {
    const then = new Date(Date.now() - minutes * 60_000);
    for (const name of names) await utimes(join(folder, name), then, then);
  };
  const leave = async (minutes: number, ...names: string[]) => {
    for (const name of names) await writeFile(join(folder, name), '');
    await age(minutes, ...names);
  };

  it('removes what that one left of the same target, and nothing else', async () => {
    await command('a.db', 'migrate');
    const others = [
      partial('copy.db', 'notes'),
      partial('copy.db', `${LEFT}-notes`),
      partial('other.db', LEFT),
    ].sort();
    await leave(11, ...others, partial('copy.db', LEFT), partial('copy.db', `${LEFT}-journal`));
    expect(await command('a.db', 'backup', 'copy.db')).toMatchObject({ code: 0, errors: '' });
    expect(await partials()).toEqual(others);
  });

  it('leaves alone what may be under way, in another container', async () => {
    await command('a.db', 'migrate');
    await leave(9, partial('copy.db', LEFT));
    expect(await command('a.db', 'backup', 'copy.db')).toMatchObject({ code: 0, errors: '' });
    expect(await partials()).toEqual([partial('copy.db', LEFT)]);
  });

  it('is made though a leftover cannot be removed', async () => {
    await command('a.db', 'migrate');
    const folderOfThatName = partial('copy.db', LEFT);
    await mkdir(join(folder, folderOfThatName));
    await age(11, folderOfThatName);
    expect(await command('a.db', 'backup', 'copy.db')).toMatchObject({ code: 0, errors: '' });
    expect(await partials()).toEqual([folderOfThatName]);
  });
});

/** A small disk of its own, where this user may make one. */
const SMALL_DISK = ['--map-root-user', '--mount', 'sh', '-c'];
const mayMount = spawnSync('unshare', [...SMALL_DISK, 'mount -t tmpfs tmpfs /tmp']).status === 0;

it.skipIf(!mayMount)('a backup onto a full disk names its target (needs the right to mount)', async () => {
  await command('a.db', 'migrate');
  const target = join(folder, 'disk', 'copy.db');
  await mkdir(join(folder, 'disk'));
  const mount = 'mount -t tmpfs -o size=32k tmpfs "$0" && exec "$@"';
  const args = [...SMALL_DISK, mount, join(folder, 'disk'), process.execPath, BIN, 'backup', target];
  const env = { PATH: process.env.PATH, DATABASE_URL: `file:${join(folder, 'a.db')}` };
  const { status, stderr } = spawnSync('unshare', args, { env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([
    1,
    `goconnect-server cannot back up: cannot write ${target}: its disk is full; free space on it, or name a file on another disk.\n`,
  ]);
});

describe('goconnect-server migrate', () => {
  it('brings a database up to date, once, and needs no secret for it', async () => {
    const first = await command('a.db', 'migrate');
    expect(first).toMatchObject({ code: 0, errors: '' });
    expect(first.output).toMatch(/^Migrated from schema version 0 to \d+\.\n$/);
    const again = await command('a.db', 'migrate');
    expect(again.output).toMatch(/^The database has schema version \d+ already\.\n$/);
    await start('a.db');
    expect(await command('a.db', 'migrate')).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/^goconnect-server cannot migrate: .*is in use by another process/),
    });
  });

  it('of several at the same moment is done once', async () => {
    const ended = await Promise.all(Array.from({ length: 4 }, () => command('a.db', 'migrate')));
    const done = ended.filter(({ output }) => output.startsWith('Migrated'));
    expect(done).toHaveLength(1);
    for (const { code, errors } of ended)
      if (code !== 0) expect(errors).toContain('is in use by another process');
    await start('a.db');
  });
});
