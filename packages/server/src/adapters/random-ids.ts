import { randomBytes } from 'node:crypto';
import type { Clock } from '@goconnect/protocol';
import type { Ids } from '../ports/ids.js';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

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
  for (const byte of randomBytes(16)) text += ALPHABET.charAt(byte & 31);
  return text;
}
