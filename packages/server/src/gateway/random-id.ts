import type { Random } from '@goconnect/protocol';

/** 128 random bits in hex: unique, but no secret. */
export function randomId(random: Random): string {
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  return word() + word() + word() + word();
}
