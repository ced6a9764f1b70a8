import { afterEach, beforeEach, expect, test } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import { eventually } from './support/eventually.js';
import { percentiles } from './support/percentiles.js';
import type { RawCrowd } from './support/raw-crowd.js';
import { Stage } from './support/stage.js';

const PEOPLE = effort({ test: 500, ci: 500, prove: 5_000 });
/** One tenant of them stops reading. */
const SLOW = 100;
/** Of everyone else's talk, each way. */
const SECONDS = effort({ test: 8, ci: 8, prove: 20 });
/** One stall of the machine, 1 % of the time long, is the p99 of a round: what all rounds heard is judged together. */
const ROUNDS = effort({ test: 1, ci: 1, prove: 3 });
const TENANT_SIZE = SLOW;
/** Largest body there is (A3.5), so that what the kernel takes on behalf of a client (10 MB and more) is soon full. */
const LOUD = { perSecond: effort({ test: 60, ci: 60, prove: 90 }), bytes: 16_000 };
const CUT_MS = 11_000;

interface Talk {
  readonly latencies: readonly number[];
  /** Of the server. */
  readonly longestTurnMs: number;
}

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ people: PEOPLE, tenantSize: TENANT_SIZE });
}, 120_000);
afterEach(() => stage.close(), 30_000);

test(`${SLOW} slow readers of ${PEOPLE} are cut with 4408, and the others do not notice`, async () => {
  const { server, scopes } = stage;
  const everyone = stage.crowd<RawCrowd>('raw-crowd');
  // In a process of their own: what one measures must not wait behind what they read.
  const slow = stage.crowd<RawCrowd>('raw-crowd');
  const othersOnes = { from: 0, count: PEOPLE - SLOW };
  const slowOnes = { from: PEOPLE - SLOW, count: SLOW };
  const common = { url: server.process.webSocket, tenantSize: TENANT_SIZE, width: 50 };
  expect((await everyone.do.arrive({ ...common, ...othersOnes })).refused).toEqual({});

  const quiet = scopes.slice(0, -1).map((scope, tenant) => ({ number: tenant * TENANT_SIZE, scope }));
  const loudSpeaker = [{ number: PEOPLE - SLOW, scope: scopes.at(-1) ?? '' }];
  // Who speaks goes on reading.
  const stalled = { from: PEOPLE - SLOW + 1, count: SLOW - 1 };
  const cutSoFar = () => server.metric('websocket_errors_total', 'slow_consumer');

  let without: readonly number[] = [];
  let beside: readonly number[] = [];
  for (let round = 1; round <= ROUNDS; round++) await stall(round);
  const times = percentiles(beside).p99 / percentiles(without).p99;
  console.log(`slow readers: beside them the p99 of the others is ${times.toFixed(2)} times as long`);
  expect(await everyone.do.standing(othersOnes)).toEqual({ open: othersOnes.count });
  if (atLength()) expect(times).toBeLessThan(1.5);

  /** The slow ones come, stop reading, are cut and leave. */
  async function stall(round: number): Promise<void> {
    expect((await slow.do.arrive({ ...common, ...slowOnes })).refused).toEqual({});
    const first = await talk();
    const before = await cutSoFar();
    await slow.do.read({ ...stalled, reading: false });
    const cut = eventually(
      async () => (await cutSoFar()) - before,
      (count) => count >= stalled.count,
      60_000,
    );
    const second = await talk();
    const { tookMs } = await cut;
    await slow.do.read({ ...stalled, reading: true });
    const { seen } = await eventually(
      () => slow.do.standing(slowOnes),
      (standing) => standing.open === SLOW - stalled.count,
      30_000,
    );
    await slow.do.leave(undefined);
    without = without.concat(first.latencies);
    beside = beside.concat(second.latencies);
    console.log(
      `slow readers, round ${round}: ${stalled.count} cut within ${(tookMs / 1_000).toFixed(1)} s, told ${JSON.stringify(seen)}; the other ${othersOnes.count}: p99 ${shown(first)} without them, ${shown(second)} beside them`,
    );
    // Who reads on in time finds the 4408; who does not for longer than the server waits finds the end of the line.
    const { open, 'close 4408': heard = 0, 'close 1006': unheard = 0, ...rest } = seen;
    expect({ open, closed: heard + unheard, ...rest }).toEqual({ open: 1, closed: stalled.count });
    if (atLength()) expect(tookMs).toBeLessThan(CUT_MS);
    else expect(unheard).toBe(0);
  }

  async function talk(): Promise<Talk> {
    await everyone.do.latencies(undefined);
    await server.reset();
    const loud = slow.do.speak({ ...LOUD, speakers: loudSpeaker, seconds: SECONDS });
    await everyone.do.speak({ speakers: quiet, perSecond: quiet.length, seconds: SECONDS, bytes: 100 });
    await loud;
    const { loop } = await server.sample();
    return { latencies: await everyone.do.latencies(undefined), longestTurnMs: loop.maxMs };
  }
}, 300_000);

const shown = ({ latencies, longestTurnMs }: Talk): string =>
  `${percentiles(latencies).p99.toFixed(1)} ms (longest turn ${longestTurnMs.toFixed(1)})`;
