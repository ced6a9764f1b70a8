import { defineConfig } from 'tsup';

export default defineConfig({
  entry: {
    index: 'src/index.ts',
    'storage/indexeddb': 'src/storage/indexeddb.ts',
    react: 'src/react.ts',
    'storage/file': 'src/storage/file.ts',
    // Under a name that `browser` in package.json can leave out.
    refusal: 'src/socket/refusal.ts',
  },
  format: ['esm', 'cjs'],
  target: 'es2022',
  platform: 'neutral',
  external: [/^node:/],
  clean: true,
});
