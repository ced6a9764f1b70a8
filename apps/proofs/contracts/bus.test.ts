import { BUS_CASES, type BusTarget, type BusUnderTest, judgeBus } from '@goconnect/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  createInProcessBus,
  createRedisBus,
  type RedisServer,
  redisOrSkip,
  startRedis,
  systemClock,
} from './adapters.js';
import { inShape } from './bus-shape.js';
import { outcomeOf } from './verdict.js';

const errors: unknown[] = [];
const error = (...said: unknown[]) => void errors.push(said);
const open = async () => inShape(createInProcessBus({ error }));

function describeCases(target: BusTarget): void {
  it.each(BUS_CASES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
    expect(await outcomeOf(one, (options) => judgeBus(target, options))).toEqual({ kind: 'passed' });
    // A listener that threw would be told here, not to the case.
    expect(errors).toEqual([]);
  });
}

describe('the in-process bus', () => describeCases({ kind: 'bus', name: 'in-process', open }));

const binary = redisOrSkip();

describe.skipIf(binary === undefined)('the bus over Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(binary ?? '');
  });
  afterAll(() => redis?.stop());

  const logger = { debug() {}, info() {}, warn() {}, error };
  const ports = { clock: systemClock, random: Math.random, logger };
  const openOne = async () => inShape(await createRedisBus({ url: redis.url, fleet: 'cases', ...ports }));
  describeCases({ kind: 'bus', name: 'Redis', open: openOne });

  describe('of which nothing answers any more', () => {
    const openDead = async () => {
      const bus = await openOne();
      await redis.kill();
      return bus;
    };
    const dead: BusTarget = { kind: 'bus', name: 'dead Redis', open: openDead };

    it.each(BUS_CASES.map((one) => [one.name, one] as const))('%s', async (_, one) => {
      if (redis.ended()) await redis.restart();
      expect(await outcomeOf(one, (options) => judgeBus(dead, options))).toEqual({ kind: 'passed' });
    });
  });
});

/** A message that never comes is waited for in vain; everything else a spoiled bus does comes at once. */
const PATIENCE = { caseTimeoutMs: 2_000 };

/** Each a fault laid over the real bus, the case that notices, and what that says. */
const FAULTS: readonly (readonly [string, (bus: BusUnderTest) => BusUnderTest, string, RegExp])[] = [
  [
    'swallows one message',
    (bus) => ({ ...bus, publish: (messages) => bus.publish(messages.slice(0, 1)) }),
    'carries messages to the sender as well, in the order of publishing',
    /did not end within/,
  ],
  [
    'turns the order of messages round',
    (bus) => ({ ...bus, publish: (messages) => bus.publish([...messages].reverse()) }),
    'carries messages to the sender as well, in the order of publishing',
    /expected \["1","2","3"\], got \["2","1","3"\]/,
  ],
  [
    'goes on after it was closed',
    (bus) => ({ ...bus, close: async () => {} }),
    'carries nothing after it was closed, and does not throw',
    /expected \[\], got \["late"\]/,
  ],
  [
    'tells those who left',
    (bus) => ({
      ...bus,
      subscribe(listener) {
        bus.subscribe(listener);
        return () => {};
      },
    }),
    'carries messages to every listener, and to none that stopped',
    /expected \["1"\], got \["1","2"\]/,
  ],
];

describe('the cases notice a bus that', () => {
  it.each(FAULTS)('%s', async (_, spoil, name, why) => {
    const target: BusTarget = { kind: 'bus', name: 'spoiled', open: async () => spoil(await open()) };
    const outcome = await outcomeOf({ name }, (options) => judgeBus(target, { ...options, ...PATIENCE }));
    expect(outcome).toMatchObject({ kind: 'failed', why: expect.stringMatching(why) });
  });
});
