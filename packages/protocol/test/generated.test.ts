import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { generatedFiles } from '../generate/files.js';
import { readModel } from '../generate/model.js';
import { MUTATIONS, RECOVERABLE_EVENTS, V1_REQUESTS } from '../src/generated/validators.js';
import { EVENTS, REQUESTS } from '../src/registry.js';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('generated files', () => {
  test.each(Object.entries(generatedFiles()))('%s is what `npm run generate` writes now', (path, text) => {
    expect(read(path) === text, 'run `npm run generate` and commit what it wrote').toBe(true);
  });

  test('the generated code imports no zod', () => {
    for (const path of ['src/generated/types.ts', 'src/generated/validators.ts']) {
      expect(read(path)).not.toMatch(/\bzod\b/);
    }
  });

  test('the sets say what the registry says', () => {
    const where = (table: object, wanted: (entry: Record<string, unknown>) => boolean) =>
      Object.entries(table).flatMap(([type, entry]) => (wanted(entry) ? [type] : []));
    expect([...MUTATIONS]).toEqual(where(REQUESTS, ({ mutation }) => mutation === true));
    expect([...V1_REQUESTS]).toEqual(where(REQUESTS, ({ since }) => since === 'v1'));
    expect([...RECOVERABLE_EVENTS]).toEqual(where(EVENTS, ({ recoverable }) => recoverable === true));
  });

  test('every schema of the model has a description', () => {
    for (const { name, schema } of readModel().schemas) expect(schema.description, name).toMatch(/\w.*\.$/);
  });
});
