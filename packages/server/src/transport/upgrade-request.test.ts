import { expect, it } from 'vitest';
import { HOSTILE_ORIGINS } from '../testing/hostile-origins.js';
import { isAllowedOrigin, isClientId, readUpgradeRequest } from './upgrade-request.js';

const read = (url: string, headers: Record<string, string> = {}) => readUpgradeRequest({ url, headers });

it('takes the token from the header, then the query, then the subprotocol (A5.1, B1.2)', () => {
  const protocol = { 'sec-websocket-protocol': 'goconnect.v1, goconnect.bearer.c' };
  expect(read('/v1/ws?token=b', { authorization: 'Bearer a', ...protocol }).token).toBe('a');
  expect(read('/v1/ws?token=b', protocol).token).toBe('b');
  expect(read('/v1/ws', protocol).token).toBe('c');
  expect(read('/v1/ws', { authorization: 'bearer  a' }).token).toBe('a');
  expect(read('/v1/ws', { authorization: 'Basic a' }).token).toBe('');
  expect(read('/v1/ws').token).toBe('');
});

it('speaks v1 only where exactly that was offered (B1.1)', () => {
  const dialect = (offered: string) => read('/v1/ws', { 'sec-websocket-protocol': offered }).dialect;
  expect(dialect('goconnect.v1')).toBe('v1');
  expect(dialect('chat,goconnect.v1')).toBe('v1');
  expect(dialect('goconnect.v11')).toBe('base');
  expect(dialect('')).toBe('base');
});

it('reads the path and the client id without resolving or throwing', () => {
  expect(read('/v1/ws?client_id=abc&token=%zz')).toMatchObject({ path: '/v1/ws', clientId: 'abc' });
  expect(read('/v1/../v1/ws').path).toBe('/v1/../v1/ws');
  expect(read('//evil/v1/ws').path).toBe('//evil/v1/ws');
});

it('knows a client id', () => {
  expect(isClientId('7d444840-9dc0-11d1-b245-5ffdce74fad2')).toBe(true);
  for (const text of ['', 'a b', 'é', 'x'.repeat(65), '"><']) expect(isClientId(text)).toBe(false);
});

it(`refuses ${HOSTILE_ORIGINS.length} origins that look like one, or like nothing (A5.2)`, () => {
  expect(new Set(HOSTILE_ORIGINS).size).toBeGreaterThanOrEqual(40);
  const host = 'api.example:8080';
  const allowed = HOSTILE_ORIGINS.filter((origin) =>
    isAllowedOrigin(read('/v1/ws', { host, origin }), ['https://chat.example']),
  );
  expect(allowed).toEqual([]);
  expect(
    isAllowedOrigin(read('/v1/ws', { host, origin: 'https://chat.example' }), ['https://chat.example']),
  ).toBe(true);
  expect(isAllowedOrigin(read('/v1/ws', { host, origin: `http://${host}` }), ['https://chat.example'])).toBe(
    true,
  );
});

it('lets in programs, its own pages and named origins, and nothing that merely looks like one (A5.2)', () => {
  const allowed = (origin: string | undefined, list: string[], host = 'api.example:8080') =>
    isAllowedOrigin(read('/v1/ws', { host, ...(origin !== undefined && { origin }) }), list);
  expect(allowed(undefined, [])).toBe(true);
  expect(allowed('http://api.example:8080', [])).toBe(true);
  expect(allowed('https://chat.example', ['https://chat.example'])).toBe(true);
  expect(allowed('https://evil.example', ['*'])).toBe(true);
  for (const origin of [
    'https://chat.example.evil',
    'http://chat.example',
    'https://chat.example:444',
    'null',
    '',
    'http://api.example',
    'https://CHAT.example/',
  ]) {
    expect([origin, allowed(origin, ['https://chat.example'])]).toEqual([origin, false]);
  }
});
