import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Replies kept for a repeat may hold a secret that is stored nowhere else (an invite's token). They are sealed with the
 * caller's own idempotency key, of which only a hash is stored: whoever reads the database cannot read them.
 */
export function sealReply(reply: string, key: string, owner: string): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', sealingKey(key, owner), iv);
  const sealed = Buffer.concat([cipher.update(reply, 'utf8'), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** @throws when it was sealed with another key, or changed */
export function openReply(sealed: string, key: string, owner: string): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', sealingKey(key, owner), bytes.subarray(0, IV_BYTES));
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
}

/** What of a key is stored. */
export function hashedKey(key: string): string {
  return `http:${createHash('sha256').update(key).digest('base64url')}`;
}

function sealingKey(key: string, owner: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, owner, 'goconnect reply', 32));
}
