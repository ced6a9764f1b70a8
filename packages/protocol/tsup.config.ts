import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

const entries = ['src/index.ts', 'src/validators.ts', 'src/json-schema.ts'];

export default defineConfig({
  entry: entries.filter((file) => existsSync(file)),
  format: ['esm', 'cjs'],
  target: 'es2022',
  // tsup sets `baseUrl`, which TypeScript 6 calls deprecated.
  dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  clean: true,
});
