import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

const entries = ['src/index.ts', 'src/bin.ts'];

export default defineConfig({
  entry: entries.filter((file) => existsSync(file)),
  format: ['esm'],
  target: 'node20',
  // tsup sets `baseUrl`, which TypeScript 6 calls deprecated.
  dts: { entry: 'src/index.ts', compilerOptions: { ignoreDeprecations: '6.0' } },
  clean: true,
});
