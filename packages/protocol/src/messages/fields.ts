import { z } from 'zod';
import { FORMATS, type FormatName } from '../primitives/formats.js';
import { LIMITS } from '../primitives/limits.js';

/** A string under one of the named rules of `FORMATS`; the name travels into JSON Schema as `format`. */
function formatted(name: FormatName) {
  const { test, expected } = FORMATS[name];
  return z.string().refine(test, { error: expected }).meta({ format: `goconnect-${name}`, description: expected });
}

export const text = formatted('text');
export const room = formatted('room');
export const scope = formatted('scope');
export const attachmentUrl = formatted('url');

/** An id that a client asks for: refused here when no database could hold it. */
export const givenId = formatted('id');

/** Ids of messages, users, networks, requests as servers make them: opaque, bounded. */
export const opaqueId = z.string().min(1).max(LIMITS.opaqueIdLength);

export const token = z.string().min(1).max(LIMITS.tokenBytes);

/** RFC 3339 in UTC. Readers take any short text, so that an odd server does not cost them the event (A1.4). */
export const timestamp = z.string().min(1).max(64);

/** Short free text such as a reason or a role name. */
export const shortText = z.string().max(1_024);

export const deleteMode = z.enum(['soft', 'hard']);

/** Position of a room's log: `seq` grows by exactly one per entry within an `epoch` (B3.1). */
export const epoch = z.string().min(1).max(64);
export const seq = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Whole non-negative number, such as a duration in milliseconds or a count. */
export const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A word from a list that later versions may extend: readers accept any short text (A1.4). */
export function openEnum(...known: readonly string[]) {
  return z.string().min(1).max(64).meta({ 'x-known-values': known });
}

/**
 * A constant of a reply. Writers send exactly this word, readers accept any, because the word carries no
 * information beyond what the request said.
 */
export function statusWord(word: string) {
  return openEnum(word);
}

export const empty = z.object({});
