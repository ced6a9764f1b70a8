import { afterEach, beforeEach, expect, test } from 'vitest';
import { LONGEST_TURN_MS } from '../hostile/corpus.js';
import { atLength, effort } from '../support/effort.js';
import { tokenOf } from './support/person.js';
import type { RawCrowd } from './support/raw-crowd.js';
import { Stage } from './support/stage.js';

const PEOPLE = effort({ test: 100, ci: 300, prove: 2_000 });
/** Everyone hears of those who go before them, and of themselves. */
const DEPARTURES_HEARD = (PEOPLE * (PEOPLE + 1)) / 2;

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ people: PEOPLE, tenantSize: PEOPLE });
}, 120_000);
afterEach(() => stage.close(), 30_000);

test(`a network of ${PEOPLE} who are all connected is deleted: everyone hears each departure once, up to their own`, async () => {
  const { server, scopes } = stage;
  const crowd = stage.crowd<RawCrowd>('raw-crowd');
  const group = { url: server.process.webSocket, from: 0, count: PEOPLE, tenantSize: PEOPLE, width: 50 };
  expect((await crowd.do.arrive(group)).refused).toEqual({});
  // Presence of those who came last may still be under way.
  await crowd.do.speak({ speakers: [{ number: 0, scope: 'host' }], perSecond: 1, seconds: 1, bytes: 8 });
  for (let reached = 0; reached < PEOPLE; ) reached += (await crowd.do.heard(undefined)).latency.count;

  await server.reset();
  const startedAt = performance.now();
  const id = (scopes[0] ?? '').replace('network:', '');
  const response = await fetch(`${server.process.http}/v1/networks/${id}`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${tokenOf(0, PEOPLE)}` },
  });
  const answeredMs = performance.now() - startedAt;
  let heard = 0;
  while (heard < DEPARTURES_HEARD) heard += (await crowd.do.heard(undefined)).received;
  const allMs = performance.now() - startedAt;
  const { loop } = await server.sample();
  console.log(
    `deletion: ${PEOPLE} members, answered after ${answeredMs.toFixed(0)} ms, all ${heard} departures heard after ${allMs.toFixed(0)} ms; longest turn of the server ${loop.maxMs.toFixed(1)} ms, p99 ${loop.p99Ms.toFixed(1)} ms`,
  );
  expect(response.status).toBe(200);
  expect(heard).toBe(DEPARTURES_HEARD);
  expect(await crowd.do.standing({ from: 0, count: PEOPLE })).toEqual({ open: PEOPLE });
  if (atLength()) expect(loop.maxMs).toBeLessThan(LONGEST_TURN_MS);
}, 120_000);
