import type { Variable } from './variables.js';

const SHOWN_LENGTH = 80;

/** A raw value as it may stand in a text: no secret, no control characters, of bounded length. */
export function shownValue(variable: Pick<Variable<never>, 'secret'>, raw: string): string {
  if (variable.secret === 'all') return `(${Buffer.byteLength(raw)} bytes, not shown)`;
  // Whatever stands before an @ may be a password, also in a URL too broken to be parsed.
  const safe =
    variable.secret === 'password'
      ? raw.replace(/^([a-z+]*:(?:\/\/)?).*@/is, '$1***@').replace(/[?#].*$/s, '?***')
      : raw;
  const short = safe.length > SHOWN_LENGTH ? `${safe.slice(0, SHOWN_LENGTH)}…` : safe;
  return /^[\x21-\x7e]*$/.test(short) ? short : JSON.stringify(short);
}
