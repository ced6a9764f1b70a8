import { randomUUID } from 'node:crypto';
import type { ConformanceUser } from '@goconnect/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RawConnection } from '../support/raw-connection.js';
import { Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';

const LIMIT = 40;
const MOST = 3;
const PATIENCE_MS = 60_000;
const TIMEOUT_MS = 120_000;

describe.skipIf(NO_GROUND)('limits over two servers', () => {
  const on = ground();
  let fleet: Fleet;
  let ada: ConformanceUser;
  const start = async (env: NodeJS.ProcessEnv) => {
    fleet = await Fleet.start({ ...on(), env });
    ada = fleet.stranger('ada');
  };
  afterEach(async () => {
    await fleet.stop();
    const { redis } = on();
    if (redis.ended()) await redis.restart();
  });

  const isLeft = async (connection: RawConnection): Promise<boolean> => {
    const ended = connection.closed.then(() => false);
    const lives = connection.ask('presence.ping', randomUUID(), {}).then(
      () => true,
      () => false,
    );
    return await Promise.race([ended, lives]);
  };
  const left = async (all: readonly RawConnection[]) =>
    (await Promise.all(all.map(isLeft))).filter(Boolean).length;

  it(
    'A6.5: a newer twin takes the place of the older one, and its user is there all the time',
    async () => {
      await start({});
      const witness = await fleet.raw(0, fleet.stranger('witness').token);
      const id = randomUUID();
      let older = await fleet.raw(0, ada.token, id);
      for (const at of [1, 0, 1]) {
        const newer = await fleet.raw(at, ada.token, id);
        expect(await older.closed).toBe(4409);
        expect(await isLeft(newer)).toBe(true);
        older = newer;
      }
      const both = await Promise.all([0, 1].map((at) => fleet.raw(at, ada.token, id)));
      await vi.waitUntil(async () => (await left([...both, older])) === 1, PATIENCE_MS);
      const told = witness.events.filter(({ data }) => data?.user_id === 'ada');
      expect(told.map(({ data }) => data?.status)).toEqual(['online']);
    },
    TIMEOUT_MS,
  );

  it(
    `A6.5: a user has ${MOST} connections, wherever they are`,
    async () => {
      await start({ WS_MAX_CONNECTIONS_PER_USER: String(MOST) });
      const first = [
        await fleet.raw(0, ada.token),
        await fleet.raw(0, ada.token),
        await fleet.raw(1, ada.token),
      ];
      for (const at of [0, 1]) expect(await (await fleet.raw(at, ada.token)).closed).toBe(4429);
      expect(await left(first)).toBe(MOST);
      for (const one of first) await one.close();
      await vi.waitUntil(async () => {
        const one = await fleet.raw(0, ada.token);
        const other = await fleet.raw(1, ada.token);
        const there = await left([one, other]);
        await Promise.all([one.close(), other.close()]);
        return there === 2;
      }, PATIENCE_MS);
      // At one moment, on both: the later ones are closed again.
      const all = await Promise.all(Array.from({ length: 8 }, (_, index) => fleet.raw(index % 2, ada.token)));
      await vi.waitUntil(async () => (await left(all)) === MOST, PATIENCE_MS);
    },
    TIMEOUT_MS,
  );

  describe(`A6.2: a network takes ${LIMIT} messages of both together`, () => {
    let room: string;
    let writers: readonly RawConnection[];
    const begin = async () => {
      await start({ WS_RATE_NETWORK: `${LIMIT}/1h` });
      room = `network:${await fleet.admin(0).newNetwork(ada)}`;
      writers = await Promise.all([0, 1].map((at) => fleet.raw(at, ada.token)));
    };
    /** The code of a refusal. */
    const say = async (writer: RawConnection | undefined) => {
      const answer = await writer?.ask('chat.send', randomUUID(), { scope: room, body: 'a message' });
      return answer?.error?.code;
    };
    const heard = ({ events }: RawConnection) => events.filter(({ type }) => type === 'chat.message').length;
    /** Each says what it can, and how much that was. */
    const all = async () => {
      const counts = writers.map(async (writer) => {
        for (let count = 0; ; count++) if ((await say(writer)) !== undefined) return count;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    };

    it(
      'exactly, where each is heard before the next one is said',
      async () => {
        await begin();
        for (let count = 1; count <= LIMIT; count++) {
          expect(await say(writers[count % 2])).toBeUndefined();
          for (const writer of writers) await vi.waitUntil(() => heard(writer) === count, PATIENCE_MS);
        }
        for (const writer of writers) expect(await say(writer)).toBe('ERR_RATE_LIMIT');
      },
      TIMEOUT_MS,
    );

    it(
      'and what was on its way at that moment, where both write as fast as they can',
      async () => {
        await begin();
        const count = await all();
        console.log(`network rate: ${count} of ${LIMIT} messages were let in by two servers`);
        expect(count).toBeGreaterThanOrEqual(LIMIT);
        expect(count).toBeLessThanOrEqual(LIMIT * 1.25);
      },
      TIMEOUT_MS,
    );

    it(
      'while Redis is gone no more, for each counts its own for two',
      async () => {
        await begin();
        await on().redis.kill();
        await vi.waitUntil(async () => (await fleet.ready()).every(({ bus }) => bus === 'down'), PATIENCE_MS);
        expect(await all()).toBe(LIMIT);
      },
      TIMEOUT_MS,
    );
  });
});
