import { randomBytes } from 'node:crypto';
import type { Clock } from '@goconnect/protocol';
import type { Ids } from '../ports/ids.js';

/** Crockford's: no letter looks like another one. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
/** Five bits each. */
const CHANCE_LETTERS = 16;

/**
 * Ids of 48 bits of time and 80 bits of chance (the layout of ULID, in lower case): unguessable, and new rows land
 * at the end of an index instead of all over it.
 */
export function createRandomIds(clock: Pick<Clock, 'now'>): Ids {
  return {
    next: (kind) => `${kind}-${timePart(clock.now())}${chancePart()}`,
    secret: () => randomBytes(32).toString('base64url'),
  };
}

function timePart(now: number): string {
  let left = Math.max(0, Math.floor(now));
  let text = '';
  for (let digit = 0; digit < 10; digit++) {
    text = ALPHABET.charAt(left % 32) + text;
    left = Math.floor(left / 32);
  }
  return text;
}

function chancePart(): string {
  let text = '';
  for (const byte of draw(CHANCE_LETTERS)) text += ALPHABET.charAt(byte & 31);
  return text;
}

/** Drawn in advance: asking for sixteen bytes costs as much as asking for thousands. */
let drawn = randomBytes(0);

function draw(length: number): Uint8Array {
  if (drawn.length < length) drawn = randomBytes(4096);
  const taken = drawn.subarray(0, length);
  drawn = drawn.subarray(length);
  return taken;
}
