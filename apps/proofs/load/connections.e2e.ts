import { afterEach, beforeEach, expect, test } from 'vitest';
import { effort } from '../support/effort.js';
import type { RawCrowd } from './support/raw-crowd.js';
import { grownKb } from './support/sample.js';
import { Stage } from './support/stage.js';

const PEOPLE = effort({ test: 200, ci: 1_000, prove: 10_000 });
const TENANT_SIZE = 50;
/** Goal of the long form; a few hundred connections weigh less than the noise. */
const MOST_KB = 25;

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ people: PEOPLE, tenantSize: TENANT_SIZE });
}, 120_000);
afterEach(() => stage.close(), 30_000);

test(`${PEOPLE} authenticated connections in rooms on one process, none refused`, async () => {
  const { server, scopes } = stage;
  const crowd = stage.crowd<RawCrowd>('raw-crowd');
  // What is made once, whoever comes, is no cost of a connection.
  const url = server.process.webSocket;
  await crowd.do.arrive({ url, from: 0, count: 100, tenantSize: TENANT_SIZE, width: 50 });
  const before = await server.collected();

  const group = { url, from: 100, count: PEOPLE - 100, tenantSize: TENANT_SIZE, width: 50 };
  const { refused, latency } = await crowd.do.arrive(group);
  const connections = await server.connections();
  const rooms = await server.metric('goconnect_websocket_rooms');
  const after = await server.collected();
  const cpuMs = (after.cpuMs - before.cpuMs) / (PEOPLE - 100);
  const kb = grownKb(after, before, PEOPLE - 100);

  // They are not merely open: what is said reaches all of them.
  const speakers = scopes.map((scope, tenant) => ({ number: tenant * TENANT_SIZE, scope }));
  await crowd.do.heard(undefined);
  await crowd.do.speak({ speakers, perSecond: scopes.length, seconds: 1, bytes: 50 });
  let reached = 0;
  while (reached < PEOPLE) reached += (await crowd.do.heard(undefined)).latency.count;

  console.log(
    `connections: ${connections} open in ${rooms} rooms, ${JSON.stringify(refused)} refused, all reached; per connection ${kb.rss.toFixed(1)} KB RSS (heap ${kb.heap.toFixed(1)}, external ${kb.external.toFixed(1)}); each costs ${cpuMs.toFixed(2)} ms of CPU; welcome after p50 ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms`,
  );
  expect(refused).toEqual({});
  expect(connections).toBe(PEOPLE);
  expect(reached).toBe(PEOPLE);
  expect(rooms).toBe(1 + 2 * scopes.length);
  if (PEOPLE >= 10_000) expect(kb.heap + kb.external).toBeLessThan(MOST_KB);
}, 300_000);
