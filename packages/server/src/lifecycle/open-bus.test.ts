import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPrometheusMetrics } from '../adapters/prometheus/create-metrics.js';
import { type RedisServer, redisOrSkip, startRedis } from '../adapters/redis/testing/redis-server.js';
import { systemClock } from '../adapters/system-clock.js';
import type { BusMessage } from '../ports/bus.js';
import { readExposition } from '../testing/exposition.js';
import { openBus, placeOfBus } from './open-bus.js';

const binary = redisOrSkip();
const message: BusMessage = { kind: 'roster_beat', node: 'x', number: 1 };

function setUp() {
  const logger = { debug() {}, info() {}, warn() {}, error() {} };
  const metrics = createPrometheusMetrics({ version: '0', maxConnections: 1 });
  const shown = async () => readExposition((await metrics.render()).text);
  return { shown, ports: { clock: systemClock, random: Math.random, logger, metrics: metrics.bus } };
}

it('a server that is alone has a bus in its own process, and nobody to miss', async () => {
  const { ports, shown } = setUp();
  const bus = await openBus({ busUrl: 'none' }, { store: {}, ...ports });
  await bus.check();
  expect((await shown()).value('goconnect_bus_up')).toBe(1);
  await bus.close();
});

it.each([
  ['redis://me:hunter2@redis.example', 'redis.example:6379'],
  ['rediss://:hunter2@[::1]:7000/3', '::1:7000'],
  ['none', undefined],
])('the place of %s is %s', (busUrl, place) => {
  expect(placeOfBus({ busUrl })).toBe(place);
});

it('servers that share a database share its name, or none of them starts', async () => {
  const { ports } = setUp();
  await expect(openBus({ busUrl: 'redis://127.0.0.1:1' }, { store: {}, ...ports })).rejects.toThrow(
    'gives no name that they share',
  );
});

describe.skipIf(binary === undefined)('several servers on one Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(binary ?? '');
  });
  afterAll(() => redis?.stop());

  it('hear each other if they share a database, and the metrics tell of it', async () => {
    const [one, two] = [setUp(), setUp()];
    const open = (fleet: string, { ports }: ReturnType<typeof setUp>) =>
      openBus({ busUrl: redis.url }, { store: { fleet }, ...ports });
    const [here, there, elsewhere] = [await open('a', one), await open('a', two), await open('b', setUp())];
    elsewhere.subscribe(() => {
      throw new Error('a server of another database was heard');
    });
    const heard = new Promise((resolve) => there.subscribe((messages) => resolve(messages)));
    here.publish([message]);
    expect(await heard).toEqual([message]);
    expect((await one.shown()).value('goconnect_bus_messages_total', { direction: 'told' })).toBe(1);
    expect((await two.shown()).value('goconnect_bus_messages_total', { direction: 'heard' })).toBe(1);
    const down = new Promise((resolve) => here.watch(resolve));
    await redis.kill();
    expect(await down).toBe('down');
    here.publish([message]);
    const after = await one.shown();
    expect(after.value('goconnect_bus_up')).toBe(0);
    expect(after.value('goconnect_bus_messages_dropped_total', { reason: 'no_line' })).toBe(1);
    await Promise.all([here, there, elsewhere].map((bus) => bus.close()));
  });
});
