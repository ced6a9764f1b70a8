import { describe, expect, it } from 'vitest';
import { createScryptPasswords } from './scrypt-passwords.js';

const quick = { logN: 4, r: 8, p: 1 };

describe('passwords', () => {
  it('are checked against their hash, which holds its own parameters and salt', async () => {
    const passwords = createScryptPasswords(quick);
    const [one, two] = await Promise.all([passwords.hash('goconnect'), passwords.hash('goconnect')]);
    expect(one).toMatch(/^\$scrypt\$ln=4,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(one).not.toBe(two);
    expect(await passwords.verify('goconnect', one)).toBe(true);
    expect(await passwords.verify('Goconnect', one)).toBe(false);
    expect(await passwords.verify('', one)).toBe(false);
  });

  it('of an earlier cost are still accepted after the cost was raised', async () => {
    const old = await createScryptPasswords(quick).hash('goconnect');
    expect(await createScryptPasswords({ logN: 6, r: 8, p: 2 }).verify('goconnect', old)).toBe(true);
  });

  it('are the same in either spelling of a character', async () => {
    const passwords = createScryptPasswords(quick);
    expect(await passwords.verify('cafe\u0301-cafe', await passwords.hash('caf\u00e9-cafe'))).toBe(true);
  });

  it.each([
    '',
    'goconnect',
    '$scrypt$ln=4,r=8,p=1$$',
    '$scrypt$ln=99,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=4,r=99,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$scrypt$ln=0,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
    '$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ])('never match what is no hash of ours: %j', async (hash) => {
    expect(await createScryptPasswords(quick).verify('goconnect', hash)).toBe(false);
  });

  it('wait their turn, and past a bound are told to come back', async () => {
    const passwords = createScryptPasswords(quick);
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => passwords.hash('goconnect')));
    const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
    expect(refused).toHaveLength(300 - 258);
    expect(refused[0]).toMatchObject({ code: 'ERR_RATE_LIMIT', details: { retry_after_ms: 1_000 } });
    await expect(passwords.hash('goconnect')).resolves.toContain('$scrypt$');
  });

  it('are slow by default: some 0.1 s or more and 32 MiB', async () => {
    const start = performance.now();
    expect(await createScryptPasswords().hash('goconnect')).toContain('ln=15,r=8,p=3');
    expect(performance.now() - start).toBeGreaterThan(30);
  });
});
