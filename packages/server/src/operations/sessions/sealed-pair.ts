import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { TokenPair } from '../operations.js';

const CIPHER = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps the successor of a spent refresh token so that only the holder of that token can read it (A5.3: the same
 * `op_id` within 10 s gets the same pair again). The key is derived from the token, of which the store has no more than
 * a hash: whoever reads the database learns nothing, and yet every node can answer the repeat, also after a restart.
 */
export function sealPair(pair: TokenPair, refreshToken: string, opId: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(refreshToken, opId), iv);
  const sealed = Buffer.concat([cipher.update(JSON.stringify(pair), 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** The inverse of {@link sealPair}; throws when token or `op_id` are not the same. */
export function openPair(sealed: string, refreshToken: string, opId: string): TokenPair {
  const bytes = Buffer.from(sealed, 'base64url');
  const iv = bytes.subarray(0, IV_BYTES);
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
  const decipher = createDecipheriv(CIPHER, keyOf(refreshToken, opId), iv, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(tag);
  const text = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  return JSON.parse(text.toString('utf8')) as TokenPair;
}

function keyOf(refreshToken: string, opId: string): Buffer {
  return Buffer.from(hkdfSync('sha256', refreshToken, opId, 'goconnect refresh successor', 32));
}
