import { afterEach, beforeEach, expect, test } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import { eventually } from './support/eventually.js';
import type { Percentiles } from './support/percentiles.js';
import type { RawCrowd } from './support/raw-crowd.js';
import { Stage } from './support/stage.js';

const PEOPLE = effort({ test: 500, ci: 500, prove: 5_000 });
/** One tenant of them stops reading. */
const SLOW = 100;
/** Of everyone else's talk, each way. */
const SECONDS = effort({ test: 8, ci: 8, prove: 30 });
const TENANT_SIZE = SLOW;
/** Largest body there is (A3.5), so that what the kernel takes on behalf of a client (4 MB) is soon full. */
const LOUD = { perSecond: 60, bytes: 16_000 };
const CUT_MS = 11_000;

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ people: PEOPLE, tenantSize: TENANT_SIZE });
}, 120_000);
afterEach(() => stage.close(), 30_000);

test(`${SLOW} slow readers of ${PEOPLE} are cut with 4408, and the others do not notice`, async () => {
  const { server, scopes } = stage;
  const url = server.process.webSocket;
  const everyone = stage.crowd<RawCrowd>('raw-crowd');
  // In a process of their own: what one measures must not wait behind what they read.
  const slow = stage.crowd<RawCrowd>('raw-crowd');
  const slowOnes = { from: PEOPLE - SLOW, count: SLOW };
  const common = { url, tenantSize: TENANT_SIZE, width: 50 };
  expect((await everyone.do.arrive({ ...common, from: 0, count: PEOPLE - SLOW })).refused).toEqual({});
  expect((await slow.do.arrive({ ...common, ...slowOnes })).refused).toEqual({});

  const quiet = scopes.slice(0, -1).map((scope, tenant) => ({ number: tenant * TENANT_SIZE, scope }));
  const loudScope = scopes.at(-1) ?? '';
  const loudSpeaker = [{ number: PEOPLE - SLOW, scope: loudScope }];

  async function talk(): Promise<Percentiles> {
    await everyone.do.heard(undefined);
    const loud = slow.do.speak({ ...LOUD, speakers: loudSpeaker, seconds: SECONDS });
    await everyone.do.speak({ speakers: quiet, perSecond: quiet.length, seconds: SECONDS, bytes: 100 });
    await loud;
    return (await everyone.do.heard(undefined)).latency;
  }

  const without = await talk();
  const cutBefore = await server.metric('websocket_errors_total', 'slow_consumer');
  // Who speaks goes on reading.
  const stalled = SLOW - 1;
  await slow.do.read({ from: PEOPLE - SLOW + 1, count: stalled, reading: false });
  const cut = eventually(
    async () => (await server.metric('websocket_errors_total', 'slow_consumer')) - cutBefore,
    (count) => count >= stalled,
    60_000,
  );
  const beside = await talk();
  const { tookMs } = await cut;
  await slow.do.read({ from: PEOPLE - SLOW + 1, count: stalled, reading: true });
  const told = await eventually(
    () => slow.do.standing(slowOnes),
    (standing) => standing.open === SLOW - stalled,
    30_000,
  );
  const others = await everyone.do.standing({ from: 0, count: PEOPLE - SLOW });

  const ratio = beside.p99 / without.p99;
  console.log(
    `slow readers: ${stalled} cut within ${(tookMs / 1_000).toFixed(1)} s, told ${JSON.stringify(told.seen)}; the other ${PEOPLE - SLOW}: p99 ${without.p99.toFixed(1)} ms without them, ${beside.p99.toFixed(1)} ms with (${ratio.toFixed(2)} times), ${JSON.stringify(others)}`,
  );
  // Who reads on in time finds the 4408; who does not for longer than the server waits finds the end of the line.
  const { open, 'close 4408': heard = 0, 'close 1006': unheard = 0, ...rest } = told.seen;
  expect({ open, closed: heard + unheard, ...rest }).toEqual({ open: 1, closed: stalled });
  if (!atLength()) expect(unheard).toBe(0);
  expect(others).toEqual({ open: PEOPLE - SLOW });
  if (atLength()) {
    expect(tookMs).toBeLessThan(CUT_MS);
    expect(ratio).toBeLessThan(1.5);
  }
}, 300_000);
