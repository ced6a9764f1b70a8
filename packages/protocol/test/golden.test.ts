import { describe, expect, test } from 'vitest';
import { decodeFrame, decodeRequest } from '../src/codec.js';
import { replyValidators } from '../src/generated/validators.js';
import { EVENTS, REQUESTS } from '../src/registry.js';
import { type Golden, type Json, type Part, readGolden, samples } from './support/golden.js';
import { zodValidation } from './support/zod-validation.js';

type RequestName = keyof typeof REQUESTS;
type EventName = keyof typeof EVENTS;

/** What the two checkers of one kind of envelope say: the fault's path, or what was read. */
type Verdict = { readonly field: string } | { readonly reads: unknown };

const golden = readGolden();

describe('golden files', () => {
  test('there is one for each type of the registry, and none for anything else', () => {
    const types = [...Object.keys(REQUESTS), ...Object.keys(EVENTS), 'ack', 'error'];
    expect([...golden.keys()].sort()).toEqual(types.sort());
  });

  test.each([...golden])(
    '%s says which message it is about, and since when',
    (name, { type, since, ...parts }) => {
      const entry = { ...REQUESTS, ...EVENTS }[name as RequestName | EventName];
      expect(type).toBe(name);
      expect(since).toBe(entry?.since ?? 'base');
      const kinds = name in REQUESTS ? ['request', 'reply'] : name in EVENTS ? ['event'] : ['envelope'];
      expect(Object.keys(parts)).toEqual(kinds);
    },
  );
});

describe.each(all('request'))('request %s', (name, part) => {
  const decoded = (envelope: Json): Verdict => {
    const result = decodeRequest(JSON.stringify(envelope));
    if (!result.ok) return { field: result.refused.faults[0]?.path ?? 'no fault' };
    expect(result.request).toMatchObject({ type: envelope.type, op_id: envelope.op_id });
    return { reads: result.request.data };
  };
  const schema = REQUESTS[name as RequestName].data;
  check(part, decoded, (envelope) => verdict(zodValidation(schema, envelope.data ?? {}, 'data')));
});

describe.each(all('reply'))('reply to %s', (name, part) => {
  const { ack, reply } = REQUESTS[name as RequestName];
  const decoded = (envelope: Json): Verdict => {
    const [item] = decodeFrame(JSON.stringify(envelope));
    expect(envelope.type).toBe(reply);
    expect(item).toMatchObject({ kind: 'reply', opId: envelope.op_id });
    return verdict(
      replyValidators[name as RequestName](item?.kind === 'reply' ? item.data : undefined, 'data'),
    );
  };
  check(part, decoded, (envelope) => verdict(zodValidation(ack, envelope.data ?? {}, 'data')));
});

describe.each(all('event'))('event %s', (name, part) => {
  const decoded = (envelope: Json): Verdict => {
    const [item] = decodeFrame(JSON.stringify(envelope));
    if (item?.kind === 'invalid') return { field: item.faults[0]?.path ?? 'no fault' };
    expect(item).toMatchObject({ kind: 'event', type: name });
    return { reads: item?.kind === 'event' ? item.data : undefined };
  };
  const schema = EVENTS[name as EventName].data;
  check(part, decoded, (envelope) => verdict(zodValidation(schema, envelope.data ?? {}, 'data')));
});

describe.each(all('envelope'))('envelope %s', (_, part) => {
  const { accepted, refused } = samples(part);

  test.each(accepted)('is read: $why', ({ envelope, reads }) => {
    expect(decodeFrame(JSON.stringify(envelope))).toEqual([reads]);
  });

  test.each(refused)('is not taken for one: $why', ({ envelope, kind, field }) => {
    const [item] = decodeFrame(JSON.stringify(envelope));
    expect(item).toMatchObject(kind === 'invalid' ? { kind, faults: [{ path: field }] } : { kind });
  });
});

function all(kind: 'request' | 'reply' | 'event' | 'envelope'): [string, Part][] {
  return [...golden].flatMap(([name, file]: [string, Golden]) => {
    const part = file[kind];
    return part ? [[name, part] satisfies [string, Part]] : [];
  });
}

function verdict(result: ReturnType<typeof zodValidation>): Verdict {
  return result.ok ? { reads: result.value } : { field: result.faults[0]?.path ?? 'no fault' };
}

/** Holds the codec and zod against one part of a golden file. */
function check(part: Part, codec: (envelope: Json) => Verdict, zod: (envelope: Json) => Verdict) {
  const { accepted, refused } = samples(part);

  test.each(accepted)('accepts $why', ({ envelope, reads }) => {
    const { later: _, ...sent } = (envelope.data ?? {}) as Json;
    const expected = { reads: reads ?? (envelope.data === null ? {} : sent) };
    // What was left out and filled in is only spelled out by the examples with `reads`.
    if (reads === undefined) expect(codec(envelope)).toMatchObject(expected);
    else expect(codec(envelope)).toEqual(expected);
    expect(zod(envelope)).toEqual(codec(envelope));
  });

  test.each(refused)('refuses $why', ({ envelope, field }) => {
    expect(codec(envelope)).toEqual({ field });
    // zod sees `data` only; faults of the envelope are the codec's alone.
    if (field.startsWith('data')) expect(zod(envelope)).toEqual({ field });
  });
}
