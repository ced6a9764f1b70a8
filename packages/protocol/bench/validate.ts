import { EVENTS, REQUESTS } from '../src/registry.js';
import { type EventType, eventValidators, type RequestType, requestValidators } from '../src/validators.js';
import { type Json, readGolden } from '../test/support/golden.js';

// Generated validators against zod, on the golden messages. Says the time of one check, and the ratio.

const ROUNDS = 7;

/** Nanoseconds of one call: the best of several rounds, because other work on the machine only ever adds. */
function nanoseconds(call: () => unknown): number {
  let calls = 1_000;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round++) {
    const startedAt = performance.now();
    for (let index = 0; index < calls; index++) call();
    const took = performance.now() - startedAt;
    best = Math.min(best, (took / calls) * 1e6);
    // Rounds of about 100 ms, however fast the call is.
    calls = Math.max(1_000, Math.round((calls * 100) / Math.max(took, 1)));
  }
  return best;
}

const golden = readGolden();

function example(type: string): Json {
  const file = golden.get(type);
  return (file?.request ?? file?.event)?.valid[0]?.envelope.data as Json;
}

function compare(name: string, generated: () => unknown, zod: () => unknown) {
  const [ours, theirs] = [nanoseconds(generated), nanoseconds(zod)];
  console.log(
    `${name.padEnd(34)} ${ours.toFixed(0).padStart(7)} ns   zod ${theirs.toFixed(0).padStart(7)} ns   ${(theirs / ours).toFixed(1)}x`,
  );
}

for (const type of ['chat.send', 'chat.edit', 'room.join'] satisfies RequestType[]) {
  const [valid, refused] = [example(type), { ...example(type), message_id: '', scope: '', room: '' }];
  const schema = REQUESTS[type].data;
  compare(
    type,
    () => requestValidators[type](valid, 'data'),
    () => schema.safeParse(valid),
  );
  compare(
    `${type}, refused`,
    () => requestValidators[type](refused, 'data'),
    () => schema.safeParse(refused),
  );
}
for (const type of ['chat.message', 'presence.update', 'session.welcome'] satisfies EventType[]) {
  const valid = example(type);
  compare(
    type,
    () => eventValidators[type](valid, 'data'),
    () => EVENTS[type].data.safeParse(valid),
  );
}
