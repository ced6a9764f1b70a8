import { afterEach, beforeEach, expect, test } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import { allHeard } from './support/all-heard.js';
import { shown, uniformity } from './support/chi-square.js';
import type { ClientCrowd, Delay } from './support/client-crowd.js';
import { eventually } from './support/eventually.js';
import type { RemoteProcess } from './support/remote.js';
import { Stage } from './support/stage.js';
import type { Writer } from './support/talk.js';

const PEOPLE = effort({ test: 200, ci: 200, prove: 2_000 });
const TENANT_SIZE = 50;
const EVERY_MS = 500;
/** Defaults of the client's backoff. */
const [MIN_MS, BASE_MS, MAX_MS] = [250, 500, 20_000];
/** At their own pace 2,000 clients of one process dial within 250 ms, which that process cannot. When they arrive shows at a slower one. */
const PACES = atLength() ? [BASE_MS, 10_000] : [BASE_MS];
const STALL_MS = 250;
const PATIENCE_MS = 90_000;
const BINS = 20;

let stage: Stage;
let crowd: RemoteProcess<ClientCrowd>;
beforeEach(async () => {
  stage = await Stage.open({ people: PEOPLE, tenantSize: TENANT_SIZE });
  crowd = stage.crowd<ClientCrowd>('client-crowd');
}, 120_000);
afterEach(() => stage.close(), 30_000);

/** Where in its range each delay lies. */
function places(delays: readonly Delay[], baseMs: number): number[] {
  return delays.map(({ tries, ms }) => (ms - MIN_MS) / (Math.min(MAX_MS, baseMs * 2 ** tries) - MIN_MS));
}

test.each(PACES)(
  `promise 7: ${PEOPLE} clients, server killed and started again, backoff from %d ms: all back, nothing missed, no herd`,
  async (baseMs) => {
    const { server, scopes } = stage;
    const url = server.process.webSocket;
    await crowd.do.arrive({ url, from: 0, count: PEOPLE, tenantSize: TENANT_SIZE, width: 50, baseMs });
    const writers: Writer[] = scopes.map((scope, tenant) => ({ number: tenant * TENANT_SIZE, scope }));
    await crowd.do.talk({ writers, everyMs: EVERY_MS });
    await crowd.do.journal(undefined);
    await server.process.end('SIGKILL');
    await server.process.start();
    await server.reset();
    const back = await eventually(
      () => crowd.do.standing(undefined),
      ({ connected }) => connected === PEOPLE,
      PATIENCE_MS,
    );
    const { loop } = await server.sample();
    const said = await crowd.do.hush(undefined);
    const heard = await allHeard(crowd, writers, said, { people: PEOPLE, patienceMs: PATIENCE_MS });
    const { dials, delays, arrivals, errors } = await crowd.do.journal(undefined);
    const jitter = uniformity(places(delays, baseMs), BINS);
    const arrived = uniformity(places(arrivals, baseMs), BINS);

    console.log(
      `herd: ${PEOPLE} clients back after ${(back.tookMs / 1_000).toFixed(1)} s with ${dials.length} dials, planned ${shown(jitter)}, arrived ${shown(arrived)}; ${said.messages} messages meanwhile, ${heard.missing + heard.skipped} missed, ${heard.doubled} doubled, ${heard.gaps} gaps; longest stall of the server's loop ${loop.maxMs.toFixed(0)} ms`,
    );
    expect({ failed: said.failed, errors }).toEqual({ failed: {}, errors: {} });
    expect(heard).toMatchObject({ complete: PEOPLE, missing: 0, skipped: 0, doubled: 0, gaps: 0 });
    expect(delays.length).toBeGreaterThanOrEqual(PEOPLE);
    expect(jitter.chiSquare).toBeLessThan(jitter.critical);
    if (baseMs > BASE_MS) expect(arrived.chiSquare).toBeLessThan(arrived.critical);
    if (atLength()) expect(loop.maxMs).toBeLessThan(STALL_MS);
  },
  240_000,
);
