import { expect, it } from 'vitest';
import { measureBundle } from './bundle-size.mjs';

/** What a minimal use weighs today, rounded up. It may go down freely; going up is a decision. */
const GZIPPED_MAX = 17_200;

it('a minimal use bundled for browsers has no zod and no ws in it, and keeps to its weight', async () => {
  const { gzipped, modules, code } = await measureBundle();
  expect(Object.keys(modules).filter((path) => /node_modules\/(zod|ws)\//.test(path))).toEqual([]);
  expect(code).not.toMatch(/ZodError|_zod\b|permessage-deflate;/);
  expect(gzipped).toBeLessThanOrEqual(GZIPPED_MAX);
});
