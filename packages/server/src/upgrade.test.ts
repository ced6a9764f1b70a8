import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from './adapters/sql/migrate.js';
import { MIGRATIONS } from './adapters/sql/migrations/all.js';
import { openNativeSqlite } from './adapters/sql/sqlite/open-native-sqlite.js';
import { sqliteDatabase } from './adapters/sql/sqlite/sqlite-database.js';
import { systemClock } from './adapters/system-clock.js';
import { createServer, type Server } from './create-server.js';
import { connectRaw } from './testing/raw-client.js';

/**
 * A database file as version 0.1.0 left it. Whatever this server has become, it must start on it and lose nothing. A
 * migration that comes later adds a file of its own beside this one.
 */
const OLD = new URL('./adapters/sql/testing/fixtures/schema-1.sql', import.meta.url);
/** A minute after it was made: what keeps for a day or a week is still kept. */
const MADE_AT = 1795541138068;
const SECRET = 'the secret of the fixture, 32 bytes long';
/** As that version remembered a network that ada made over HTTP. */
const KEYED_REQUEST = `INSERT INTO operations VALUES ('http:ada', 'http:IWGVTqzYOqTnXX5ideSRr1H7Nm9WWazsWpB6qWkJTbk', 'ITDL55gKtiLqifI5eaiGbc0DCDr8DwegsUP4W_6Kn8Q', 'Ka-H2TR0GGqYAiaqEmL-_DosYxcXd2bHmhWWD0LWFpRkHM7Dvnt69YXun7CzlTfvIPjcSewJ_u50qKu2jj3aqT87cOxK1LDAqgFpHEthYWEqCJYGm2d3aSSoUkk7SXNk2GU9jCK9ybXHuCxjASb_SslD66KBBBTeTCdbPNr7q0ruPlCbAbAtt__RajaEweBlwretYWxmn3U-0M4viou_jtAQeY1zTL8dHH4MQJP6NpPHEaTWOHMKJuVVXczLR9ktCb5QByeDgOTwCV1qh2Evw0debq634dmE8bX2JuOAWIznJM-vZ4QbwmGgjw8pY5YZz3dJvCZ5tGN4rjwn9VjICwIrKeQk21BU93cE', ${MADE_AT})`;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let folder: string;
let file: string;
let server: Server | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect upgrade-'));
  file = join(folder, 'old.db');
  const native = await openNativeSqlite(file);
  native.exec(readFileSync(OLD, 'utf8'));
  native.close();
});
afterEach(async () => {
  await server?.stop({ drainMs: 0 });
  server = undefined;
  await rm(folder, { recursive: true });
});

async function start(): Promise<Server> {
  const began = systemClock.monotonic();
  const clock = { ...systemClock, now: () => MADE_AT + 60_000 + systemClock.monotonic() - began };
  server = createServer({
    dev: true,
    port: 0,
    databaseUrl: `file:${file}`,
    jwtSecret: SECRET,
    logger: silent,
    clock,
  });
  await server.start();
  return server;
}

const post = async ({ address }: Server, path: string, body: object) => {
  const response = await fetch(address.url + path, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as { data: { access_token: string; refresh_token: string } };
};

const tokenOf = (userId: string, tenantId: string) =>
  new SignJWT({ type: 'access', user_id: userId, tenant_id: tenantId })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime(MADE_AT / 1_000 + 3_600)
    .sign(new TextEncoder().encode(SECRET));

describe('a database of version 0.1.0', () => {
  it('serves its people, networks and messages as it did', async () => {
    const running = await start();
    // The password hash is the old one: nobody is seeded twice.
    const { data } = await post(running, '/v1/auth/login', {
      email: 'ADA@goconnect.example',
      password: 'goconnect',
    });
    const ada = await connectRaw(running.address.wsUrl, {
      token: data.access_token,
      protocols: ['goconnect.v1'],
    });
    expect((await running.networks.get({ userId: 'ada', tenantId: 'default' }, 'lobby')).name).toBe('Hall');
    const { members } = await running.networks.members({ userId: 'ada', tenantId: 'default' }, 'lobby');
    expect(members.map(({ userId }) => userId).sort()).toEqual(['ada', 'grace']);
    const { data: page } = await ada.ask('chat.history', 'history', { scope: 'network:lobby', limit: 50 });
    const messages = (page?.messages ?? []) as {
      id: string;
      body: string;
      redacted?: boolean;
      deleted_at?: string;
    }[];
    expect(messages.map(({ id, body }) => [id, body])).toEqual([
      ['msg-01m879ey9r7eh10ndcqn5h6813', '***'],
      ['msg-01m879ey0gs8kqhw7t89czwx96', ''],
      ['msg-01m879exw464be0m6rgyszp4g9', `after 💥 “quotes” and 'one'`],
      ['msg-01m879exr31g61gn8mfs80g619', 'the first message'],
    ]);
    expect(messages[0]?.redacted).toBe(true);
    expect(messages[1]?.deleted_at).toMatch(/^20/);
    await ada.close();
  });

  it('has every room where it stood, and every promise that was made', async () => {
    const running = await start();
    const { data } = await post(running, '/v1/auth/refresh', {
      refresh_token: 'PPrcce8l2ZJpSQTyCiWtnTVXox6g190b3ot7NQssrSo',
    });
    const ada = await connectRaw(running.address.wsUrl, {
      token: data.access_token,
      protocols: ['goconnect.v1'],
    });
    const welcome = await ada.event('session.welcome');
    const rooms = (welcome.data?.rooms ?? []) as { room: string; epoch: string; seq: number }[];
    const lobby = rooms.find(({ room }) => room === 'network:lobby');
    const resumed = await ada.ask('session.resume', 'resume', { positions: [{ ...lobby, seq: 0 }] });
    expect(resumed.data?.rooms).toEqual([{ ...lobby, status: 'recovered' }]);
    expect(lobby?.seq).toBeGreaterThan(10);
    // B4.1: the repeat of what was done before the upgrade has no second effect.
    const repeat = { scope: 'network:lobby', body: 'the first message' };
    expect((await ada.ask('chat.send', 'op-first', repeat)).data?.message_id).toBe(
      'msg-01m879exr31g61gn8mfs80g619',
    );
    const next = await ada.ask('chat.send', 'new', { scope: 'network:lobby', body: 'of the new server' });
    expect(next.type).toBe('ack');
    const heard = await ada.next(
      ({ type, data: of }) => type === 'chat.message' && of?.id === next.data?.message_id,
    );
    expect(heard).toMatchObject({ seq: (lobby?.seq ?? 0) + 1 });
    await ada.close();
  });

  it('knows requests over HTTP again that were done under a key', async () => {
    const native = await openNativeSqlite(file);
    native.exec(KEYED_REQUEST);
    native.close();
    const running = await start();
    const headers = {
      authorization: `Bearer ${await tokenOf('ada', 'default')}`,
      'idempotency-key': 'before-the-upgrade',
    };
    const body = '{"name":"Once","visibility":"public","join_policy":"open"}';
    const answer = await fetch(`${running.address.url}/v1/networks`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ data: { id: 'net-01m8phsmq2bqr03m1e24xk1wh4' } });
  });

  it('knows what people of another tenant did again, who had no owner of their own then (B4.1)', async () => {
    const native = await openNativeSqlite(file);
    native.exec("UPDATE networks SET tenant_id = 'acme'; UPDATE messages SET tenant_id = 'acme'");
    native.close();
    const running = await start();
    const protocols = ['goconnect.v1'];
    const [ada, grace] = [
      await connectRaw(running.address.wsUrl, { token: await tokenOf('ada', 'acme'), protocols }),
      await connectRaw(running.address.wsUrl, { token: await tokenOf('grace', 'acme'), protocols }),
    ];
    const [edited, redacted] = ['msg-01m879exw464be0m6rgyszp4g9', 'msg-01m879ey9r7eh10ndcqn5h6813'];
    const answers = [
      await ada.ask('chat.send', 'op-first', { scope: 'network:lobby', body: 'the first message' }),
      await ada.ask('chat.edit', 'op-3', {
        message_id: edited,
        new_body: `after 💥 “quotes” and 'one'`,
      }),
      await ada.ask('chat.redact', 'op-9', { message_id: redacted, mask: '***' }),
      await grace.ask('chat.send', 'op-10', { scope: 'host', body: 'in the hall' }),
    ];
    expect(answers.map(({ data }) => data)).toEqual([
      { message_id: 'msg-01m879exr31g61gn8mfs80g619', status: 'sent' },
      { message_id: edited, status: 'edited', edited_at: '2026-11-24T17:25:37.409Z' },
      { message_id: redacted, status: 'redacted', redaction_mask: '***' },
      { message_id: 'msg-01m879eygmxafnz22bcw5w1d09', status: 'sent' },
    ]);
    for (const client of [ada, grace]) await client.close();
  });

  it('goes forward when there is something new, and not at all when that breaks', async () => {
    const version = MIGRATIONS.length + 1;
    const native = await openNativeSqlite(file);
    const database = sqliteDatabase(native);
    const dump = () => native.prepare('SELECT count(*) AS n FROM messages').all([]);
    const before = dump();
    const later = {
      version,
      name: 'a column more',
      up: async (db: (typeof database)['kysely']) => {
        await db.schema.alterTable('messages').addColumn('more', 'text').execute();
      },
    };
    const broken = {
      ...later,
      up: async (db: (typeof database)['kysely']) => {
        await later.up(db);
        throw new Error('half way');
      },
    };
    const around = { clock: systemClock, logger: silent };
    await expect(migrate(database, around, [...MIGRATIONS, broken])).rejects.toThrow('half way');
    expect(
      native.prepare("SELECT name FROM pragma_table_info('messages') WHERE name = 'more'").all([]),
    ).toEqual([]);
    expect(await migrate(database, around, [...MIGRATIONS, later])).toMatchObject({ to: version });
    expect(await migrate(database, around, [...MIGRATIONS, later])).toEqual({ from: version, to: version });
    expect(dump()).toEqual(before);
    // The way back is a backup: the older program refuses what it does not know.
    await expect(migrate(database, around)).rejects.toThrow(
      /schema version \d+, this server knows up to \d+/,
    );
    await database.close();
  });

  it('warns when the clock is behind the database', async () => {
    const native = await openNativeSqlite(file);
    const warned: string[] = [];
    const logger = { ...silent, warn: (_: object, text: string) => void warned.push(text) };
    const database = sqliteDatabase(native);
    await migrate(database, { clock: { now: () => 1_000_000 }, logger });
    await migrate(database, { clock: { now: () => MADE_AT + 3_600_000 }, logger });
    expect(warned).toEqual([expect.stringContaining('clock of this machine is behind')]);
    await database.close();
  });
});
