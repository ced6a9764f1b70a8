import type { Kind } from './kind.js';

/** Plain text that passes a test. */
export function text(accepts: string, test: (value: string) => boolean): Kind<string> {
  return { accepts, parse: (value) => (test(value) ? value : undefined), format: (value) => value };
}

export function oneOf<const T extends string>(words: readonly T[]): Kind<T> {
  return {
    accepts: `one of ${words.join(', ')}`,
    parse: (value) => words.find((word) => word === value),
    format: (value) => value,
  };
}

export const flag: Kind<boolean> = {
  accepts: '1 (on) or 0 (off)',
  parse: (value) => ({ 1: true, 0: false })[value],
  format: (value) => (value ? '1' : '0'),
};

export const host = text('a host name or an IP address to listen on', (value) =>
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)$/.test(value),
);

export const databaseUrl = text(
  'file:<path> (SQLite), sqlite::memory: or postgres://user:password@host:port/database',
  (value) =>
    value === 'sqlite::memory:' || /^file:[^\0?#]+$/.test(value) || isUrl(value, 'postgres:', 'postgresql:'),
);

export const busUrl = text(
  'none, or redis://user:password@host:port',
  (value) => value === 'none' || isUrl(value, 'redis:', 'rediss:'),
);

export const jwksUrl = text(
  'https://<url>, http:// on this very machine, or file:<path> of a JSON Web Key Set',
  (value) =>
    /^file:[^\0]+$/.test(value) ||
    isUrl(value, 'https:') ||
    (isUrl(value, 'http:') && isLoopback(new URL(value).hostname)),
);

export const folder = text('the path of a folder', (value) => !value.includes('\0'));

export const claim = text('a text of 1 to 256 characters', (value) => value.length <= 256);

/** The value is kept out of every text; its length is all that is ever told. */
export function secret(minBytes: number): Kind<string> {
  return text(
    `at least ${minBytes} bytes, as random as can be: openssl rand -base64 48`,
    (value) => Buffer.byteLength(value) >= minBytes,
  );
}

/** `https://a.example,https://b.example:8443`, or `*` alone. */
export const origins: Kind<readonly string[]> = {
  accepts:
    'origins separated by commas, such as https://chat.example, without path or final slash (or * alone, in development mode)',
  parse: (value) => {
    if (value === '') return [];
    const list = value.split(',').map((origin) => origin.trim());
    return value === '*' || list.every(isOrigin) ? list : undefined;
  },
  format: (list) => list.join(','),
};

function isOrigin(value: string): boolean {
  return !value.includes('*') && isUrl(value, 'http:', 'https:') && new URL(value).origin === value;
}

function isUrl(value: string, ...protocols: readonly string[]): boolean {
  return URL.canParse(value) && protocols.includes(new URL(value).protocol) && new URL(value).hostname !== '';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
