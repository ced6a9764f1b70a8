import { afterEach, beforeEach, expect, test } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import type { ClientCrowd } from './support/client-crowd.js';
import type { RemoteProcess } from './support/remote.js';
import type { Sample } from './support/sample.js';
import { slope } from './support/slope.js';
import { Stage } from './support/stage.js';

/** Who stays, and who is between coming and going. */
const STAYING = effort({ test: 100, ci: 100, prove: 900 });
const PASSING = effort({ test: 20, ci: 20, prove: 100 });
const PER_SECOND = 50;
const TENANT_SIZE = 50;
const ROUND_S = effort({ test: 2, ci: 2, prove: 20 });
/** The first of them warm the process up: caches fill, code is compiled. */
const WARM = effort({ test: 1, ci: 1, prove: 6 });
const ROUNDS = effort({ test: 3, ci: 3, prove: 24 });
const PEOPLE = STAYING + PASSING;
/** Entries of rooms stay in memory for resuming (B3.4); what is said in all this time is less than this. */
const MOST_KB_PER_MINUTE = 1_024;

let stage: Stage;
let crowd: RemoteProcess<ClientCrowd>;
let url: string;
beforeEach(async () => {
  stage = await Stage.open({ people: PEOPLE, tenantSize: TENANT_SIZE });
  crowd = stage.crowd<ClientCrowd>('client-crowd');
  url = stage.server.process.webSocket;
  await crowd.do.arrive({ url, from: 0, count: STAYING, tenantSize: TENANT_SIZE, width: 50 });
}, 120_000);
afterEach(() => stage.close(), 30_000);

/** Comes and goes at `PER_SECOND`, one after the other, until the time is over. */
async function pass(seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1_000;
  let connects = 0;
  for (let next = 0; performance.now() < until; next = (next + 10) % PASSING) {
    const dueAt = performance.now() + 10_000 / PER_SECOND;
    const group = { from: STAYING + next, count: 10 };
    await crowd.do.arrive({ url, ...group, tenantSize: TENANT_SIZE, width: 10 });
    await crowd.do.leave(group);
    connects += 10;
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, dueAt - performance.now())));
  }
  return connects;
}

test(
  `soak: ${PEOPLE} clients, ${PER_SECOND} connects a second and chat for ${(ROUNDS + WARM) * ROUND_S} s leave nothing behind`,
  async () => {
    const { server, scopes } = stage;
    const writers = scopes.slice(0, Math.floor(STAYING / TENANT_SIZE)).map((scope, tenant) => ({
      number: tenant * TENANT_SIZE,
      scope,
    }));
    const samples: Sample[] = [];
    let connects = 0;
    for (let round = 0; round < WARM + ROUNDS; round++) {
      await crowd.do.talk({ writers, everyMs: 5_000 });
      connects += await pass(ROUND_S);
      const { failed } = await crowd.do.hush(undefined);
      expect(failed).toEqual({});
      if (round >= WARM) samples.push(await server.collected());
    }
    const minutes = (ROUND_S * (samples.length - 1)) / 60;
    const memory = samples.map(({ heapUsed, external }) => (heapUsed + external) / 1_024);
    const kbPerMinute = (slope(memory) * (samples.length - 1)) / minutes;
    const kinds = (sample: Sample | undefined) => ({
      sockets: sample?.resources.TCPSocketWrap ?? 0,
      timers: sample?.resources.Timeout ?? 0,
    });
    const [first, final] = [kinds(samples[0]), kinds(samples.at(-1))];
    const { errors } = await crowd.do.journal(undefined);

    console.log(
      `soak: ${connects} connects beside ${STAYING} clients, memory ${kbPerMinute.toFixed(0)} KB a minute (${memory.map((kb) => (kb / 1_024).toFixed(1)).join(', ')} MB), sockets ${first.sockets} -> ${final.sockets}, timers ${first.timers} -> ${final.timers}, RSS ${((samples.at(-1)?.rss ?? 0) / 2 ** 20).toFixed(0)} MB`,
    );
    expect(errors).toEqual({});
    // A moment after somebody left, one of their sockets or timers may still be there: a few, not one for each who passed.
    expect(final.sockets).toBeLessThanOrEqual(STAYING + 30);
    expect(final.timers).toBeLessThanOrEqual(first.timers + PASSING);
    if (atLength()) expect(kbPerMinute).toBeLessThan(MOST_KB_PER_MINUTE);
    // In seconds nothing can be said about minutes, but a connection that is kept weighs 10 KB.
    else expect((memory.at(-1) ?? 0) - (memory[0] ?? 0)).toBeLessThan((connects / 2) * 10);
  },
  (ROUNDS + WARM) * (ROUND_S + 10) * 1_000,
);
