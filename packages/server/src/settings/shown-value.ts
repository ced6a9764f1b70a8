import type { Variable } from './variables.js';

const SHOWN_LENGTH = 80;

/** A raw value as it may stand in a text: no secret, no control characters, of bounded length. */
export function shownValue(variable: Pick<Variable<never>, 'secret'>, raw: string): string {
  if (variable.secret === 'all') return `(${Buffer.byteLength(raw)} bytes, not shown)`;
  const safe = variable.secret === 'password' ? withoutPassword(raw) : raw;
  const short = safe.length > SHOWN_LENGTH ? `${safe.slice(0, SHOWN_LENGTH)}…` : safe;
  return /^[\x21-\x7e]*$/.test(short) ? short : JSON.stringify(short);
}

/** Also of a URL too broken to be parsed: whatever stands before an @ may be a password, and what is no port, where the @ was forgotten. */
function withoutPassword(url: string): string {
  const shown = url.includes('@')
    ? url.replace(/^([a-z+]*:(?:\/\/)?).*@/is, '$1***@')
    : url.replace(/^((?!file:|sqlite:)[a-z+]*:(?:\/\/)?)(?!\[)[^/?#]*:(?!\d{1,5}(?:[/?#]|$)).*$/is, '$1***');
  return shown.replace(/[?#].*$/s, '?***');
}
