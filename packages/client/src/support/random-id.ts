import type { Random } from '@goconnect/protocol/validators';

/** Cryptographic randomness: op ids are idempotency keys and must not collide between clients. */
export const cryptoRandom: Random = () => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;

/** 128 random bits as 32 hexadecimal digits. */
export function randomId(random: Random): string {
  let id = '';
  while (id.length < 32)
    id += Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return id;
}

/** A random UUID (version 4). `crypto.randomUUID` is missing on pages without TLS. */
export function randomUuid(random: Random): string {
  return randomId(random).replace(/(.{8})(.{4}).(.{3}).(.{3})(.{12})/, '$1-$2-4$3-a$4-$5');
}
