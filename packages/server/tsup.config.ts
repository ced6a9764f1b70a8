import { defineConfig } from 'tsup';

export default defineConfig({
  entry: ['src/index.ts', 'src/bin.ts', 'src/open-telemetry.ts', 'src/core.ts'],
  format: ['esm'],
  target: 'node20',
  clean: true,
});
