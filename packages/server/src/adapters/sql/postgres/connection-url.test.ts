import { describe, expect, it } from 'vitest';
import { StartError } from '../../../domain/start-error.js';
import { connectionUrl } from './connection-url.js';

const at = (query: string) => `postgres://me:hunter2@db.example/chat${query}`;

describe('the mode of TLS', () => {
  it.each([
    'prefer',
    'require',
    'verify-ca',
    'verify-full',
    'allow',
    'true',
    'Require',
    'VERIFY-FULL',
    'verify%2Dfull',
    'verify%2dCA',
  ])('is verify-full for %s, as the driver has always taken it', (mode) => {
    expect(connectionUrl(at(`?sslmode=${mode}&sslrootcert=/a%20b.crt`))).toBe(
      at('?sslmode=verify-full&sslrootcert=/a%20b.crt'),
    );
    expect(connectionUrl(at(`?application_name=x&sslmode=${mode}#there`))).toBe(
      at('?application_name=x&sslmode=verify-full#there'),
    );
  });

  it.each([
    '',
    '?application_name=sslmode%3Drequire',
    '?sslmode=',
    '?sslmode',
    '?sslmode=&sslrootcert=/ca.crt',
    '?sslmode=disable',
    '?sslmode=no%2Dverify',
    '?uselibpqcompat=true&sslmode=require',
    '?sslmode=prefer&uselibpqcompat=true',
    '?uselibpqcompat=true&sslmode=verify-ca&sslrootcert=/ca.crt',
  ])('is left to the driver in "%s"', (query) => {
    expect(connectionUrl(at(query))).toBe(at(query));
  });

  it('is not made weaker than the driver has taken it, as in libpq or not', () => {
    expect(connectionUrl(at('?uselibpqcompat=true&sslmode=allow'))).toBe(
      at('?uselibpqcompat=true&sslmode=verify-full'),
    );
    expect(connectionUrl(at('?uselibpqcompat=false&sslmode=prefer'))).toBe(
      at('?uselibpqcompat=false&sslmode=verify-full'),
    );
  });

  it.each(['nonsense', 'false', 'Disable', 'NO-VERIFY', 'require%20'])(
    'is refused where one could only guess: %s',
    (mode) => {
      expect(() => connectionUrl(at(`?sslmode=${mode}`))).toThrow(StartError);
      expect(() => connectionUrl(at(`?sslmode=${mode}`))).toThrow(
        /^DATABASE_URL: sslmode is one of disable, .*no-verify, or left out\.$/,
      );
    },
  );
});
