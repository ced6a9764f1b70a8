import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { readModel } from '../../generate/model.js';
import { eventValidators, replyValidators, requestValidators } from '../../src/generated/validators.js';
import type { Fault, Validation, Validator } from '../../src/primitives/validation.js';
import { EVENTS, REQUESTS } from '../../src/registry.js';
import { Choices } from './random.js';
import { Sampler } from './sampler.js';
import { withoutUndefined, zodValidation } from './zod-validation.js';

interface Pair {
  readonly name: string;
  /** Name of the schema in the generator's model. */
  readonly schema: string;
  readonly zod: z.ZodType;
  readonly generated: Validator<unknown>;
}

const model = readModel();
const pairs: readonly Pair[] = [
  ...model.requests.flatMap(({ type, data, reply }) => {
    const key = type as keyof typeof REQUESTS;
    return [
      { name: type, schema: data, zod: REQUESTS[key].data, generated: requestValidators[key] },
      { name: `reply to ${type}`, schema: reply, zod: REQUESTS[key].ack, generated: replyValidators[key] },
    ];
  }),
  ...model.events.map(({ type, data }) => {
    const key = type as keyof typeof EVENTS;
    return { name: type, schema: data, zod: EVENTS[key].data, generated: eventValidators[key] };
  }),
];

/**
 * Holds zod and the generated validators against each other on values made from `seed`.
 *
 * @returns how many both accepted, and the first value on which they differ
 */
export function differential(seed: number, samples: number): { accepted: number; difference?: string } {
  const choices = new Choices(seed);
  const sampler = new Sampler(model, choices);
  let accepted = 0;
  for (let index = 0; index < samples; index++) {
    const pair = choices.of(pairs);
    const value = sampler.sample(pair.schema);
    const expected = zodValidation(pair.zod, value, 'data');
    const difference = compare(expected, pair.generated(value, 'data'));
    if (difference)
      return { accepted, difference: `sample ${index}, ${pair.name}: ${difference}: ${show(value)}` };
    if (expected.ok) accepted++;
  }
  return { accepted };
}

/** What the two say differently. */
function compare(expected: Validation<unknown>, actual: Validation<unknown>): string | undefined {
  if (expected.ok && actual.ok) {
    const same = isDeepStrictEqual(withoutUndefined(actual.value), withoutUndefined(expected.value));
    return same ? undefined : 'other output';
  }
  if (!expected.ok && !actual.ok) return compareFaults(expected.faults, actual.faults);
  return expected.ok ? 'zod accepts' : 'zod refuses';
}

function compareFaults(expected: readonly Fault[], actual: readonly Fault[]): string | undefined {
  if (actual.length > 3) return `${actual.length} faults`;
  if (actual.some((fault) => fault.expected.length > 100)) return 'a text as long as the input wants';
  const paths = new Set(expected.map(({ path }) => path));
  const unknown = actual.find(({ path }) => !paths.has(path));
  if (unknown) return `zod has no fault at ${unknown.path}`;
  return actual[0]?.path === expected[0]?.path
    ? undefined
    : `first fault at ${actual[0]?.path}, zod at ${expected[0]?.path}`;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 500) ?? String(value);
}
