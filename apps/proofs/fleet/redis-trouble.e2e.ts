import { setTimeout as pause } from 'node:timers/promises';
import type { ConformanceUser } from '@goconnect/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { effort } from '../support/effort.js';
import { asLogin, Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';
import type { Guest } from './support/guest.js';
import { judge, Talk } from './support/talk.js';

const WRITERS = 8;
const PATIENCE_MS = 90_000;
const TIMEOUT_MS = 240_000;
const ROUNDS = effort({ test: 1, ci: 2, prove: 20 });

describe.skipIf(NO_GROUND)('a fleet whose Redis', () => {
  const on = ground();
  let fleet: Fleet;
  let ada: ConformanceUser;
  let room: string;
  let guests: readonly Guest[];
  let talk: Talk;

  beforeEach(async () => {
    fleet = await Fleet.start(on());
    ada = fleet.stranger('ada');
    room = `network:${await fleet.admin(0).newNetwork(ada)}`;
    guests = await Promise.all(Array.from({ length: WRITERS }, (_, index) => fleet.visit(ada, index % 2)));
    talk = new Talk(guests, room);
    await talk.goesOn(WRITERS);
  });
  afterEach(async () => {
    const { redis } = on();
    redis.resume();
    if (redis.ended()) await redis.restart();
    await talk.end();
    await fleet.stop();
  });

  const is = (line: 'ok' | 'down') =>
    vi.waitUntil(async () => {
      const ready = await fleet.ready();
      // Nobody takes a server out of service for it.
      expect(ready.map(({ status }) => status)).toEqual([200, 200]);
      return ready.every(({ bus }) => (bus === 'ok') === (line === 'ok'));
    }, PATIENCE_MS);

  /** Each hears by the bus what is said on the other; a look into the log is not counted there. */
  async function isHeardAtOnce(): Promise<void> {
    const heard = (at: number) => fleet.metric(at, 'goconnect_bus_messages_total', 'heard');
    const before = await Promise.all([0, 1].map(heard));
    await talk.goesOn(4 * WRITERS);
    await vi.waitUntil(async () => {
      const grown = await Promise.all([0, 1].map(async (at) => (await heard(at)) - (before[at] ?? 0)));
      return grown.every((count) => count >= WRITERS);
    }, PATIENCE_MS);
  }

  async function nothingIsLost(): Promise<void> {
    await talk.end();
    await judge(talk, guests, fleet.node(1).http, asLogin(ada));
  }

  it(
    'cuts off who listens, and forgets everything, is as good as before at once',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await on().redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
        await talk.goesOn(4 * WRITERS);
        await is('ok');
        await on().redis.run('FLUSHALL');
        await talk.goesOn(4 * WRITERS);
        await isHeardAtOnce();
      }
      await nothingIsLost();
    },
    TIMEOUT_MS,
  );

  it(
    'is killed and started again loses nothing meanwhile',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await on().redis.kill();
        await is('down');
        await talk.goesOn(20 * WRITERS);
        await on().redis.restart();
        await is('ok');
        await isHeardAtOnce();
      }
      await nothingIsLost();
    },
    TIMEOUT_MS,
  );

  it(
    'stands still for 20 s is taken for gone, and is there again when it goes on',
    async () => {
      on().redis.pause();
      const over = pause(20_000);
      await is('down');
      await talk.goesOn(20 * WRITERS);
      await over;
      on().redis.resume();
      await is('ok');
      await isHeardAtOnce();
      await nothingIsLost();
    },
    TIMEOUT_MS,
  );
});
