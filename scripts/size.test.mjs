import { describe, expect, it } from 'vitest';
import { CEILING_BYTES, measureClient } from './size.mjs';

describe('the bundle of a minimal real use of the client', () => {
  it('does not grow, and holds neither zod nor ws nor isomorphic-ws', async () => {
    const { bytes, inputs } = await measureClient();
    expect(bytes).toBeLessThanOrEqual(CEILING_BYTES);
    // What a bundler left out on our word has another name: `(disabled):` and the path.
    expect(
      inputs.filter((file) => /^(?!\(disabled\)).*node_modules\/(zod|ws|isomorphic-ws)\//.test(file)),
    ).toEqual([]);
  });
});
