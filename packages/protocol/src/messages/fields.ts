import { z } from 'zod';
import { FORMATS, type FormatName } from '../primitives/formats.js';
import { LIMITS } from '../primitives/limits.js';

// What clients write is held to the contract exactly; what servers write is read tolerantly (A1.4), so readers know
// only two kinds of text: `label` and `prose`.

/** A string under one of the named rules of `FORMATS`; the name travels into JSON Schema as `format`. */
function formatted(name: FormatName, description: string) {
  const { test, expected } = FORMATS[name];
  return z
    .string()
    .refine(test, { error: expected })
    .meta({ format: `goconnect-${name}`, description });
}

export const text = formatted('text', 'Text of 1-4096 code points, well formed, without NUL.');
export const room = formatted('room', 'A room: `host`, `tenant:<id>` or `network:<id>`.');
export const scope = formatted('scope', 'A chat scope: `host` or `network:<id>`.');
export const attachmentUrl = formatted(
  'url',
  'An absolute http(s) URL of 1-2048 characters, without credentials.',
);
/** An id that a client writes: refused here when no database could hold it. */
export const givenId = formatted('id', 'An id of 1-128 code points, well formed, without NUL.');

export const token = z.string().min(1).max(LIMITS.tokenBytes);
export const deleteMode = z
  .enum(['soft', 'hard'])
  .describe('`soft` marks the message as deleted, `hard` removes it and its edit history.');

/** Something short that says which, when or what kind: an id, a room, a time, a word. */
export const label = z.string().min(1).max(LIMITS.idLength);
/** Something for people to read. A deleted message has an empty body, so the rules for writers do not hold here. */
export const prose = z.string().max(LIMITS.bodyCodePoints);

/** Ids of messages, users, networks, requests as servers make them: opaque. */
export const opaqueId = label;
export const roomName = label;
export const timestamp = label.describe('A time, RFC 3339 in UTC.');
export const epoch = label.describe(
  "Names the life of a room's log; changes only if the log itself was lost.",
);

/** A word from a list that later versions may extend: readers accept any (A1.4). */
export function openEnum(...known: readonly string[]) {
  return label.meta({ 'x-known-values': known });
}

/**
 * A constant of a reply. Writers send exactly this word, readers accept any, because the word carries no
 * information beyond what the request said.
 */
export function statusWord(word: string) {
  return openEnum(word);
}

const wholeNumber = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

export const count = wholeNumber;
export const seq = wholeNumber.describe(
  "Place in a room's log; grows by exactly one per entry within an epoch.",
);
export const seconds = wholeNumber.describe('Seconds.');
export const milliseconds = wholeNumber.describe('Milliseconds.');
