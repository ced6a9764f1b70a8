import { afterEach, beforeEach, expect, test } from 'vitest';
import { effort } from '../support/effort.js';
import { allHeard } from './support/all-heard.js';
import { shown, uniformity } from './support/chi-square.js';
import type { ClientCrowd } from './support/client-crowd.js';
import { eventually } from './support/eventually.js';
import type { RemoteProcess } from './support/remote.js';
import { Stage } from './support/stage.js';
import type { Writer } from './support/talk.js';

const PEOPLE = effort({ test: 100, ci: 200, prove: 1_000 });
const DRAINS = effort({ test: 1, ci: 2, prove: 20 });
const TENANT_SIZE = 50;
const EVERY_MS = 500;
const DRAIN_MS = 2_000;
/** Clients are told moments in the first half: the second is for those whose successor does not come about at once. */
const ADVICE_MS = DRAIN_MS / 2;
const PATIENCE_MS = 90_000;
const BINS = 10;

let stage: Stage;
let crowd: RemoteProcess<ClientCrowd>;
beforeEach(async () => {
  const env = { DRAIN_TIMEOUT: `${DRAIN_MS}ms` };
  stage = await Stage.open({ people: PEOPLE, tenantSize: TENANT_SIZE, env });
  crowd = stage.crowd<ClientCrowd>('client-crowd');
  const url = stage.server.process.webSocket;
  await crowd.do.arrive({ url, from: 0, count: PEOPLE, tenantSize: TENANT_SIZE, width: 50 });
}, 120_000);
afterEach(() => stage.close(), 30_000);

test(
  `B5: ${DRAINS} x ${PEOPLE} clients are drained while they talk: all back, nothing lost, missed or doubled`,
  async () => {
    const { server, scopes } = stage;
    const writers: Writer[] = scopes.map((scope, tenant) => ({ number: tenant * TENANT_SIZE, scope }));
    await crowd.do.talk({ writers, everyMs: EVERY_MS });
    const tookMs: number[] = [];
    const advised: number[] = [];
    for (let drain = 0; drain < DRAINS; drain++) {
      await server.process.end('SIGTERM');
      await server.process.start();
      const back = await eventually(
        () => crowd.do.standing(undefined),
        ({ connected }) => connected === PEOPLE,
        PATIENCE_MS,
      );
      tookMs.push(back.tookMs);
      advised.push(...(await crowd.do.journal(undefined)).advised);
    }
    const said = await crowd.do.hush(undefined);
    const heard = await allHeard(crowd, writers, said, { people: PEOPLE, patienceMs: PATIENCE_MS });
    const { errors } = await crowd.do.journal(undefined);
    const spread = uniformity(
      advised.map((ms) => ms / ADVICE_MS),
      BINS,
    );
    console.log(
      `drains: ${DRAINS} with ${PEOPLE} clients, all back within ${(Math.max(...tookMs) / 1_000).toFixed(1)} s of the new start; ${said.messages} messages, ${Object.keys(said.failed).length} failed, ${heard.missing + heard.skipped} missed, ${heard.doubled} doubled, ${heard.gaps} gaps; advice ${shown(spread)}, the latest after ${Math.max(...advised)} ms`,
    );
    expect({ failed: said.failed, errors }).toEqual({ failed: {}, errors: {} });
    expect(heard).toMatchObject({ complete: PEOPLE, missing: 0, skipped: 0, doubled: 0, gaps: 0 });
    expect(advised.length).toBe(PEOPLE * DRAINS);
    expect(spread.chiSquare).toBeLessThan(spread.critical);
  },
  120_000 + DRAINS * 120_000,
);
