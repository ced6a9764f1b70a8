import { afterEach, beforeEach, expect, test } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import type { RawCrowd } from './support/raw-crowd.js';
import { Stage } from './support/stage.js';

const EACH = effort({ test: 100, ci: 100, prove: 2_000 });
const USERS = effort({ test: 20, ci: 20, prove: 200 });
const TENANT_SIZE = 20;
const GONE_MS = 11_000;
const WELCOME_MS = 500;

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ people: USERS, tenantSize: TENANT_SIZE });
}, 60_000);
afterEach(() => stage.close(), 30_000);

test(`${EACH} slow upgrades, ${EACH} silent sockets and ${EACH} strangers are gone, and real users come in meanwhile`, async () => {
  const { server } = stage;
  const hostile = stage.crowd<RawCrowd>('raw-crowd');
  const users = stage.crowd<RawCrowd>('raw-crowd');
  const { port, webSocket: url } = server.process;
  const people = { url, from: 0, count: USERS, tenantSize: TENANT_SIZE };
  // A server under siege is not one that has just been started: a cold one would spend the first second on compiling.
  const before = await users.do.arrive({ ...people, width: 10 });
  await users.do.leave(undefined);
  const siege = hostile.do.besiege({
    port,
    dripping: EACH,
    silent: EACH,
    strangers: EACH,
    patienceMs: 60_000,
  });
  const { refused, latency } = await users.do.arrive({ ...people, width: USERS, everyMs: 10_000 / USERS });
  const report = await siege;
  const { resources } = await server.sample();

  console.log(
    `slow upgrades: ${Object.entries(report)
      .map(
        ([kind, { gone, lastMs }]) => `${gone} ${kind} gone, the last after ${(lastMs / 1_000).toFixed(1)} s`,
      )
      .join(
        '; ',
      )}; ${USERS} users meanwhile: welcome after p50 ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms`,
  );
  expect([before.refused, refused]).toEqual([{}, {}]);
  for (const kind of ['dripping', 'silent', 'strangers']) {
    expect(report[kind]).toMatchObject({ opened: EACH, gone: EACH });
  }
  // Nothing of them is left: the users' sockets, and a few of ours.
  expect(resources.TCPSocketWrap ?? 0).toBeLessThan(USERS + 10);
  if (atLength()) {
    for (const { lastMs } of Object.values(report)) expect(lastMs).toBeLessThan(GONE_MS);
    expect(latency.p99).toBeLessThan(WELCOME_MS);
  }
}, 120_000);
