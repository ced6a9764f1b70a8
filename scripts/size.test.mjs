import { describe, expect, it } from 'vitest';
import { CEILING_BYTES, measureClient } from './size.mjs';

describe('the bundle of a minimal real use of the client', () => {
  it('does not grow, and holds neither zod nor ws', async () => {
    const { bytes, inputs } = await measureClient();
    expect(bytes).toBeLessThanOrEqual(CEILING_BYTES);
    expect(inputs.filter((file) => /node_modules\/(zod|ws)\//.test(file))).toEqual([]);
  });
});
