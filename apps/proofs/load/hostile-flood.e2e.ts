import { afterEach, beforeEach, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { FRAMES, LONGEST_TURN_MS, written } from '../hostile/corpus.js';
import { atLength, effort } from '../support/effort.js';
import { tokenOf } from './support/person.js';
import type { RawCrowd } from './support/raw-crowd.js';
import { Stage } from './support/stage.js';

/** Users who talk, one tenant of them. */
const USERS = 100;
const ATTACKERS = effort({ test: 10, ci: 10, prove: 50 });
const SECONDS = effort({ test: 3, ci: 3, prove: 30 });

let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open({ people: USERS + ATTACKERS, tenantSize: USERS });
}, 120_000);
afterEach(() => stage.close(), 30_000);

/** Sends the corpus round and round, and comes back when it is closed, until the time is over. */
async function attack(
  url: string,
  number: number,
  until: number,
): Promise<{ frames: number; closes: number }> {
  const headers = { authorization: `Bearer ${tokenOf(number, USERS)}` };
  const frames = FRAMES.map(({ frame }) => written(frame));
  const counts = { frames: 0, closes: 0 };
  while (performance.now() < until) {
    const socket = new WebSocket(url, { headers });
    socket.on('error', () => {});
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.once('open', () => {
      for (const frame of frames) socket.send(frame);
    });
    // The end of what it sent shows by the refusal that closes the connection (A1.5).
    await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 5_000))]);
    socket.terminate();
    counts.frames += frames.length;
    counts.closes++;
  }
  return counts;
}

test(`${ATTACKERS} clients who send what is hostile keep the event loop for no longer than ${LONGEST_TURN_MS} ms (A1.6)`, async () => {
  const { server, scopes } = stage;
  const url = server.process.webSocket;
  const users = stage.crowd<RawCrowd>('raw-crowd');
  const people = { url, from: 0, count: USERS, tenantSize: USERS, width: 20 };
  expect((await users.do.arrive(people)).refused).toEqual({});
  const speaker = { speakers: [{ number: 0, scope: scopes[0] ?? '' }], perSecond: 20, bytes: 100 };
  // What comes first pays for the compiler.
  await attack(url, USERS, performance.now() + 1_000);

  await server.reset();
  const until = performance.now() + SECONDS * 1_000;
  const attackers = Array.from({ length: ATTACKERS }, (_, index) => attack(url, USERS + index, until));
  const said = await users.do.speak({ ...speaker, seconds: SECONDS });
  const reports = await Promise.all(attackers);
  const { loop } = await server.sample();
  const frames = reports.reduce((sum, report) => sum + report.frames, 0);
  const closes = reports.reduce((sum, report) => sum + report.closes, 0);
  const { latency, received } = await users.do.heard(undefined);
  console.log(
    `hostile flood: ${frames} frames by ${ATTACKERS} clients on ${closes} connections in ${SECONDS} s; longest turn of the server ${loop.maxMs.toFixed(1)} ms, p99 ${loop.p99Ms.toFixed(1)} ms; ${USERS} users beside them: p99 ${latency.p99.toFixed(1)} ms, ${received} of ${said * USERS} heard`,
  );
  expect(frames).toBeGreaterThan(0);
  expect(await users.do.standing({ from: 0, count: USERS })).toEqual({ open: USERS });
  if (atLength()) expect(loop.maxMs).toBeLessThan(LONGEST_TURN_MS);
}, 120_000);
