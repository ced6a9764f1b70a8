import { BODY_CODE_POINTS, ID_LENGTH } from './limits.js';

/** Length in Unicode code points, what the contract means by "characters" (A3.5). */
export function codePointLength(text: string): number {
  return [...text].length;
}

/** True for at most `max` code points. Counts only where it must: a code point is one or two UTF-16 units. */
export function fits(text: string, max: number): boolean {
  return text.length <= max || (text.length <= 2 * max && codePointLength(text) <= max);
}

/** True when every surrogate has its partner, so that the text survives a round trip through UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** True when any database can keep the text and give it back: well formed, and no NUL. */
export function isStorable(text: string): boolean {
  return !/\0|\p{Surrogate}/u.test(text);
}

/** Bytes of the UTF-8 encoding, without encoding it. A lone surrogate counts as U+FFFD, three bytes. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (isHighSurrogate(unit) && isLowSurrogate(text.charCodeAt(index + 1))) {
      bytes += 4;
      index++;
    } else bytes += 3;
  }
  return bytes;
}

/**
 * A message body or mask: 1-4096 code points, well formed, no NUL (A3.5). The bound of 16,384 bytes holds by
 * itself, because a code point has at most four.
 */
export function isMessageText(text: string): boolean {
  return text !== '' && fits(text, BODY_CODE_POINTS) && isStorable(text);
}

/** An id as it may be asked for: 1-128 code points that a database can look up. */
export function isOpaqueId(text: string): boolean {
  return text !== '' && fits(text, ID_LENGTH) && isStorable(text);
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
