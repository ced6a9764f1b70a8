import type { Variable } from './variables.js';

const SHOWN_LENGTH = 80;

/** A raw value as it may stand in a text: no secret, no control characters, of bounded length. */
export function shownValue(variable: Pick<Variable<never>, 'secret'>, raw: string): string {
  if (variable.secret === 'all') return `(${Buffer.byteLength(raw)} bytes, not shown)`;
  const safe = variable.secret === 'password' ? withoutPassword(raw) : raw;
  const short = safe.length > SHOWN_LENGTH ? `${safe.slice(0, SHOWN_LENGTH)}…` : safe;
  return /^[\x21-\x7e]*$/.test(short) ? short : JSON.stringify(short);
}

/**
 * Also of a URL too broken to be parsed: whatever stands before an @ may be a password, and so may what is no port, where
 * the @ was forgotten. Quotes are of a file for `docker --env-file`, which takes them for a part of the value.
 */
function withoutPassword(url: string): string {
  const [, quote = '', scheme = '', rest = ''] = /^(["']?)([a-z\d+]*:?(?:\/\/)?)(.*)$/is.exec(url) ?? [];
  const shown = rest.includes('@')
    ? rest.replace(/^.*@/s, '***@')
    : /^(?:file|sqlite):/i.test(scheme) || (!scheme.endsWith(':') && isPlace(rest))
      ? rest
      : '***';
  return `${quote}${scheme}${shown}`.replace(/[?#].*$/s, '?***');
}

/** A host, with a port or without, and a path: nothing in it was meant to be a password. */
function isPlace(rest: string): boolean {
  return /^(?:\[[\da-f:.]*\]|[^/?#:"']*)(?::\d{1,5})?(?:[/?#].*)?$/is.test(rest);
}
