import { isObject } from '../../support/is-object.js';
import { parsed } from '../../support/parsed.js';

/** What a JWT says of itself, unchecked; empty where it is none. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  const claims = parsed(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  return isObject(claims) ? claims : {};
}
