import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

const entries = ['src/index.ts', 'src/bin.ts'];

export default defineConfig({
  entry: entries.filter((file) => existsSync(file)),
  format: ['esm'],
  target: 'node20',
  clean: true,
});
