import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeFrame } from '../src/codec.js';
import { ERROR_CODES, retryRule } from '../src/primitives/error-codes.js';
import { LIMITS } from '../src/primitives/limits.js';
import { parseRoom } from '../src/primitives/room.js';
import { isMessageText } from '../src/primitives/text.js';
import { EVENTS, REQUESTS } from '../src/registry.js';
import { type Json, readGolden } from './support/golden.js';

interface Page {
  /** Each JSON example of the page, word for word. */
  readonly examples: readonly { readonly section: string; readonly message: Json }[];
  readonly errorCodes: Readonly<Record<string, { readonly description: string; readonly retry: string }>>;
  readonly rooms: readonly string[];
  readonly bodyCharacters: readonly [least: number, most: number];
}

const page = JSON.parse(
  readFileSync(new URL('fixtures/published-page.json', import.meta.url), 'utf8'),
) as Page;

/** What stands where the page writes alternatives or a placeholder in a request. */
const FILLED: Readonly<Record<string, readonly string[]>> = {
  'host|network:<network_id>': ['host', 'network:abc-123'],
  'network:<id>|host': ['network:abc-123', 'host'],
  'soft|hard': ['soft', 'hard'],
  url1: ['https://example.com/1'],
  url2: ['https://example.com/2'],
};

const golden = [...readGolden().values()].flatMap(({ request, reply, event, envelope }) =>
  [request, reply, event, envelope].flatMap((part) => part?.valid ?? []),
);
const messages = page.examples.filter(({ message }) => message.type !== 'message_type');

describe('the published page', () => {
  test.each(messages)('$section: each form of the example is a golden message', ({ message }) => {
    const isRequest = String(message.type) in REQUESTS;
    for (const form of isRequest ? forms(message) : [message]) {
      const match = golden.find(({ envelope }) => JSON.stringify(envelope) === JSON.stringify(form));
      expect(match?.why, JSON.stringify(form)).toMatch(/^published page/);
    }
  });

  test('the general form of an error is read as one', () => {
    const [, error] = page.examples;
    expect(decodeFrame(JSON.stringify(error?.message))).toMatchObject([
      { kind: 'error', opId: 'echoed-operation-id', error: { code: 'ERR_CODE' } },
    ]);
  });

  test('has an example of every message of the base contract', () => {
    const base = Object.entries({ ...REQUESTS, ...EVENTS }).filter(([, { since }]) => since === 'base');
    const shown = new Set(messages.map(({ message }) => message.type));
    const replies = ['ack', 'presence.pong', 'error'];
    expect([...shown].sort()).toEqual([...base.map(([type]) => type), ...replies].sort());
  });

  test('names the error codes, and whether to try again', () => {
    const rules = { No: 'never', Yes: 'retry', 'Yes (after delay)': 'after_delay' };
    expect(Object.keys(ERROR_CODES)).toEqual(Object.keys(page.errorCodes));
    for (const [code, { retry, description }] of Object.entries(page.errorCodes)) {
      expect([code, retryRule(code)]).toEqual([code, rules[retry as keyof typeof rules]]);
      expect(ERROR_CODES[code as keyof typeof ERROR_CODES].description).toBe(description);
    }
  });

  test('names the rooms', () => {
    const kinds = page.rooms.map((room) => parseRoom(room.replace(/<.*>/, 'id'))?.kind);
    expect(kinds).toEqual(['host', 'tenant', 'network']);
  });

  test('bounds the text of a message', () => {
    const [least, most] = page.bodyCharacters;
    expect(most).toBe(LIMITS.bodyCodePoints);
    const allowed = [least - 1, least, most, most + 1].map((length) => isMessageText('x'.repeat(length)));
    expect(allowed).toEqual([false, true, true, false]);
  });
});

/** Every message that an example with alternatives stands for. */
function forms(message: Json): Json[] {
  const text = JSON.stringify(message);
  const written = Object.keys(FILLED).find((words) => text.includes(JSON.stringify(words)));
  if (written === undefined) return [message];
  return (FILLED[written] ?? []).flatMap((words) =>
    forms(JSON.parse(text.replace(JSON.stringify(written), JSON.stringify(words))) as Json),
  );
}
