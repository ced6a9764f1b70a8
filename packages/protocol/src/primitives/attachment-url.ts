import { ATTACHMENT_URL_LENGTH } from './limits.js';
import { fits } from './text.js';

/**
 * `URL` alone accepts leading blanks, `http:host` and backslashes, and drops line breaks; what is stored must be what
 * a reader will open. Controls and lone surrogates (Unicode category C) have no business in one either.
 */
const PLAIN_HTTP = /^https?:\/\/[^\s\\\p{C}/?#][^\s\\\p{C}]*$/iu;

/** An absolute `http(s)` URL without credentials, at most 2,048 characters (A3.5). */
export function isAttachmentUrl(text: string): boolean {
  if (!fits(text, ATTACHMENT_URL_LENGTH) || !PLAIN_HTTP.test(text)) return false;
  try {
    const url = new URL(text);
    return url.username === '' && url.password === '';
  } catch {
    return false;
  }
}
