import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Store } from '../../ports/store.js';
import { migrate } from './migrate.js';
import { MIGRATIONS } from './migrations/all.js';
import { openStore } from './open-store.js';
import { openPostgres } from './postgres/open-postgres.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from './testing/postgres-server.js';
import { clock, describeStore, event, silent } from './testing/store-contract.js';

const binaries = postgresOrSkip();

describe.skipIf(binaries === undefined)('the store on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  afterAll(() => server?.stop());

  describe('in trouble', () => {
    let time = 0;
    const logged: string[] = [];
    /** The line of the lock has a test of its own. */
    const log = (_: object, text: string) => void (text.includes('for this server') || logged.push(text));
    const open = async () =>
      openStore({
        url: await server.database(),
        clock: { ...clock, monotonic: () => time },
        logger: { debug() {}, info: log, warn() {}, error: log },
      });
    const say = (store: Store) => store.write((tx) => tx.log.append('host', event('a'), 1));
    /** Refuses with this word, and goes on by itself. */
    const drill = async (
      store: Store,
      fault: string,
      trouble: (during: () => Promise<void>) => Promise<void>,
    ) => {
      logged.length = 0;
      expect((await say(store)).seq).toBe(1);
      await trouble(async () => {
        for (let times = 0; times < 3; times++)
          await expect(say(store)).rejects.toMatchObject({ reason: 'failed', fault });
        time += 1_000;
        await expect(store.check()).rejects.toMatchObject({ fault });
      });
      time += 1_000;
      await store.check();
      expect((await say(store)).seq).toBe(2);
      expect(logged).toEqual([
        expect.stringContaining('the server goes on by itself'),
        'the database works again',
      ]);
      await store.close();
    };

    it('is called unreachable while it is down', async () => {
      const store = await open();
      const read = () => store.read((tx) => tx.log.positions(['host']));
      await drill(store, 'unreachable', (during) =>
        server.restart(async () => {
          for (let times = 0; times < 3; times++)
            await expect(read()).rejects.toMatchObject({ reason: 'failed', fault: 'unreachable' });
          await during();
        }),
      );
    });

    it('is called full until it has room for something new: it takes a row anew all the while', async () => {
      // As PostgreSQL says it where a file cannot be extended. Here it is told to: to fill a disk needs one to fill.
      const refuse = `LANGUAGE plpgsql AS $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$`;
      await drill(await open(), 'disk_full', async (during) => {
        await server.run(`CREATE FUNCTION no_row() RETURNS trigger ${refuse}`);
        await server.run(`CREATE FUNCTION no_table() RETURNS event_trigger ${refuse}`);
        const schemas = await server.run(`SELECT schemaname FROM pg_tables WHERE tablename = 'room_events'`);
        for (const { schemaname } of schemas as { schemaname: string }[])
          await server.run(
            `CREATE TRIGGER full_disk BEFORE INSERT ON ${schemaname}.room_events EXECUTE FUNCTION no_row()`,
          );
        await server.run(
          `CREATE EVENT TRIGGER full_disk ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') EXECUTE FUNCTION no_table()`,
        );
        await during();
        await server.run('DROP FUNCTION no_table() CASCADE');
        await server.run('DROP FUNCTION no_row() CASCADE');
      });
      expect(await server.run(`SELECT 1 FROM pg_tables WHERE tablename LIKE 'goconnect_growth%'`)).toEqual(
        [],
      );
    });

    it('is refused where another program has its tables, and where there is no place for any', async () => {
      const url = new URL(await server.database());
      const schema = /search_path=(\w+)/.exec(decodeURIComponent(url.search))?.[1];
      await server.run(`CREATE TABLE ${schema}.users (id INTEGER)`);
      const start = (there: string) => openStore({ url: there, clock, logger: silent });
      await expect(start(`${url}`)).rejects.toThrow(
        /^DATABASE_URL: .* tables of another program \(users\): .*$/,
      );
      await server.run(`DROP TABLE ${schema}.users`);
      await server.run(`CREATE MATERIALIZED VIEW ${schema}.rooms AS SELECT 1 AS epoch`);
      await expect(start(`${url}`)).rejects.toThrow(
        /^DATABASE_URL: .* tables of another program \(rooms\): .*$/,
      );
      await server.run(`DROP MATERIALIZED VIEW ${schema}.rooms`);
      await (await start(`${url}`)).close();
      await (await start(`${url}`)).close();
      await server.run(`DROP SCHEMA ${schema} CASCADE`);
      await expect(start(`${url}`)).rejects.toThrow(/^DATABASE_URL: .*no schema.*search_path.*$/);
    });

    it('is called read-only while it takes no writes', async () => {
      const writable = async (word: string) => {
        await server.run(`ALTER SYSTEM SET default_transaction_read_only = ${word}`);
        await server.run('SELECT pg_reload_conf()');
        await vi.waitUntil(async () => {
          const [row] = await server.run('SHOW default_transaction_read_only');
          return Reflect.get(row ?? {}, 'default_transaction_read_only') === word;
        });
      };
      await drill(await open(), 'read_only', async (during) => {
        await writable('on');
        await during();
        await writable('off');
      });
    });
  });

  it('gives what people of other tenants did to them, and leaves all else where it was', async () => {
    const database = await openPostgres(await server.database(), silent);
    const db = database.kysely;
    await migrate(database, { clock, logger: silent }, MIGRATIONS.slice(0, 3));
    const idOf = (name: string) => `msg-${name.padStart(26, '0')}`;
    const said = async (name: string, seq: number, scope: string, tenant: string) =>
      sql`INSERT INTO messages VALUES (${idOf(name)}, ${scope}, ${seq}, ${tenant}, 'sam', '', '[]', 0, NULL, NULL, 1)`.execute(
        db,
      );
    await said('ours', 1, 'host', 'default');
    await said('theirs', 2, 'host', 'acme');
    await said('inside', 3, 'network:n', 'acme');
    const replyTo = (name: string) => JSON.stringify({ message_id: idOf(name), status: 'sent' });
    const done = async (owner: string, reply: string, opId = reply) =>
      sql`INSERT INTO operations VALUES (${owner}, ${opId}, 'f', ${reply}, 1)`.execute(db);
    await done('sam', replyTo('ours'));
    await done('sam', replyTo('theirs'));
    await done('moderator', replyTo('theirs'));
    await done('moderator', replyTo('inside'));
    await done('http:sam', 'sealed');
    await done('store:1', '', 'commit');
    await migrate(database, { clock, logger: silent });
    const rows = await db.selectFrom('operations').select(['owner', 'reply']).execute();
    const owners = rows.map(({ owner, reply }) => `${owner} ${/[a-z]+(?=","status)/.exec(reply) ?? reply}`);
    expect(owners.sort()).toEqual([
      'acme\u001fmoderator inside',
      'acme\u001fsam theirs',
      'http:sam sealed',
      'moderator theirs',
      'sam ours',
      'store:1 ',
    ]);
    await database.close();
  });

  describeStore(async () => openStore({ url: await server.database(), clock, logger: silent }));
});
