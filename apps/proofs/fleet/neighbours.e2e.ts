import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { redisOrSkip, startRedis } from '../contracts/adapters.js';
import { ServerProcess } from '../support/server-process.js';
import { Fleet, SECRET } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';

const TIMEOUT_MS = 120_000;

describe.skipIf(NO_GROUND)('servers that do not belong together', () => {
  const on = ground();
  const fleets: Fleet[] = [];
  afterEach(async () => {
    for (const fleet of fleets.splice(0)) await fleet.stop();
  });

  async function start(options: Partial<Parameters<typeof Fleet.start>[0]> = {}): Promise<Fleet> {
    const fleet = await Fleet.start({ ...on(), ...options });
    fleets.push(fleet);
    return fleet;
  }

  /** With what a server says that does not start. */
  async function refusal(env: NodeJS.ProcessEnv): Promise<string> {
    const server = await ServerProcess.create('', { GOCONNECT_DEV: '', JWT_SECRET: SECRET, ...env });
    const why: unknown = await server.start().catch((error: unknown) => error);
    await server.end('SIGKILL');
    if (!(why instanceof Error)) throw new Error('it started');
    return why.message;
  }

  it(
    'hear nothing of each other, though they have one Redis and one secret',
    async () => {
      const [fleet, other] = [await start(), await start({ nodes: 1 })];
      const ada = fleet.stranger('ada');
      const [here, there, stranger] = [
        await fleet.raw(0, ada.token),
        await fleet.raw(1, ada.token),
        await other.raw(0, ada.token),
      ];
      const bodies = Array.from({ length: 20 }, (_, index) => `of this fleet ${index}`);
      for (const body of bodies) await here.ask('chat.send', body, { scope: 'host', body });
      const heard = ({ events }: typeof here) =>
        events.filter(({ type }) => type === 'chat.message').map(({ data }) => data?.body);
      await vi.waitUntil(() => heard(there).length >= bodies.length, TIMEOUT_MS);
      expect(heard(there)).toEqual(bodies);
      await stranger.ask('presence.ping', 'a ping', {});
      expect(heard(stranger)).toEqual([]);
      expect(await other.metric(0, 'goconnect_bus_messages_total', 'heard')).toBe(0);
      expect(await other.metric(0, 'goconnect_bus_up')).toBe(1);
    },
    TIMEOUT_MS,
  );

  it(
    'do not share a database: one without a bus beside a fleet, and the other way round',
    async () => {
      const shared = { DATABASE_URL: await on().postgres.database() };
      const own = { DATABASE_URL: await on().postgres.database() };
      await start({ nodes: 1, urls: [shared.DATABASE_URL] });
      await start({ nodes: 1, urls: [own.DATABASE_URL], env: { BUS_URL: '' } });
      const [lone, another] = await Promise.all([
        refusal(shared),
        refusal({ ...own, BUS_URL: on().redis.url }),
      ]);
      expect(lone).toMatch(/goconnect-server cannot start: DATABASE_URL: another server.*BUS_URL/);
      expect(another).toMatch(/goconnect-server cannot start: DATABASE_URL: a server without BUS_URL/);
    },
    TIMEOUT_MS,
  );

  it('cannot be several on a SQLite file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'goconnect-fleet-'));
    const why = await refusal({ DATABASE_URL: `file:${join(folder, 'a.db')}`, BUS_URL: on().redis.url });
    expect(why).toMatch(/BUS_URL.*SQLite|SQLite.*BUS_URL/s);
    await rm(folder, { recursive: true });
  });

  it(
    'are told of a wrong password, and start without a Redis',
    async () => {
      const guarded = await startRedis(redisOrSkip() ?? '', { password: 'right' });
      const wrong = `redis://:wrong@127.0.0.1:${guarded.port}`;
      const why = await refusal({ DATABASE_URL: await on().postgres.database(), BUS_URL: wrong });
      expect(why).toMatch(/BUS_URL: Redis cannot be used: user or password are wrong/);
      expect(why).not.toContain(':wrong@');
      await guarded.kill();
      const fleet = await start({ redis: guarded });
      expect(await fleet.ready()).toEqual([0, 1].map(() => ({ status: 200, bus: 'down' })));
      await guarded.restart();
      await vi.waitUntil(async () => (await fleet.ready()).every(({ bus }) => bus === 'ok'), TIMEOUT_MS);
      await guarded.stop();
    },
    TIMEOUT_MS,
  );
});
