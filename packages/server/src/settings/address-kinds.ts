import { isIPv4, isIPv6 } from 'node:net';
import { fileURLToPath } from 'node:url';
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
  'file:<path> or file:///<absolute path> (SQLite; no slashes before the path or three, % after them as %25), sqlite::memory: or postgres://user:password@host:port/database',
  (value) => value === 'sqlite::memory:' || isFile(value) || isUrl(value, 'postgres:', 'postgresql:'),
);

export const busUrl = text(
  'none, redis://user:password@host:port or rediss://user:password@host:port (TLS), port 1 to 65535; no blanks, and what a URL cannot hold of a password as %XX',
  (value) =>
    value === 'none' ||
    (isUrl(value, 'redis:', 'rediss:') && /^[^\s\p{Cc}]*$/u.test(value) && isOfRedis(new URL(value))),
);

export const jwksUrl = text(
  'https://<url>, http:// on this very machine (both without a user or password), or file:<path> or file:///<absolute path> of a JSON Web Key Set',
  (value) =>
    isFile(value) ||
    (!hasPassword(value) &&
      (isUrl(value, 'https:') || (isUrl(value, 'http:') && isLoopback(new URL(value).hostname)))),
);

export const folder = text('the path of a folder', (value) => !value.includes('\0'));

export const claim = text('a text of 1 to 256 characters', (value) => value.length <= 256);

/** The value is kept out of every text; its length is all that is ever told. */
export function secret(minBytes: number): Kind<string> {
  return text(
    `at least ${minBytes} bytes, not only blanks, as random as can be: openssl rand -base64 48`,
    (value) => Buffer.byteLength(value) >= minBytes && value.trim() !== '',
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

/** `10.0.0.0/8,2001:db8::1`, `loopback`, `private`; `none` is the empty list. */
export const proxies: Kind<readonly string[]> = {
  accepts:
    'none, or addresses and networks separated by commas, such as 192.0.2.1,10.0.0.0/8; loopback and private stand for those',
  parse: (value) => {
    if (value === 'none') return [];
    const list = value.split(',').map((entry) => entry.trim());
    return list.every(isProxy) ? list : undefined;
  },
  format: (list) => list.join(',') || 'none',
};

function isProxy(value: string): boolean {
  if (value === 'loopback' || value === 'private') return true;
  const [address = '', bits, ...rest] = value.split('/');
  const most = isIPv4(address) ? 32 : isIPv6(address) && !address.includes('%') ? 128 : -1;
  // A network of everything would believe everybody.
  return (
    rest.length === 0 &&
    most > 0 &&
    (bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most))
  );
}

function isOrigin(value: string): boolean {
  return !value.includes('*') && isUrl(value, 'http:', 'https:') && new URL(value).origin === value;
}

/** A path as it is, or a URL: after two slashes stands a host, and a folder in its place is a slash too few. */
function isFile(value: string): boolean {
  if (!/^file:[^\0?#]+$/.test(value)) return false;
  if (!value.startsWith('file://')) return true;
  try {
    return !fileURLToPath(value).includes('\0');
  } catch {
    return false;
  }
}

/** Blanks around it would be left out here, and not by everybody who is given it. */
function isUrl(value: string, ...protocols: readonly string[]): boolean {
  if (value !== value.trim() || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocols.includes(protocol) && hostname !== '';
}

/** A number of a database may follow, as others write it; pub/sub knows none. */
function isOfRedis({ username, password, port, pathname, search, hash }: URL): boolean {
  return (
    port !== '0' &&
    /^(?:\/\d*)?$/.test(pathname) &&
    search === '' &&
    hash === '' &&
    isDecodable(username + password)
  );
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

/** Fetch refuses such a URL. */
function hasPassword(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { username, password } = new URL(value);
  return username !== '' || password !== '';
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}
