import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** One project for each folder which has tests of its own, so that `--project client` runs just those. */
const folders = {
  protocol: 'packages/protocol',
  client: 'packages/client',
  server: 'packages/server',
  testkit: 'packages/testkit',
  chat: 'apps/chat',
  examples: 'apps/examples',
  scripts: 'scripts',
};

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      ...Object.entries(folders)
        .filter(([, folder]) => existsSync(here(folder)))
        .map(([name, folder]) => ({
          test: {
            name,
            root: here(folder),
            include: ['**/*.test.{ts,tsx,mjs}'],
            exclude: ['**/node_modules/**', '**/dist/**'],
            pool: 'forks' as const,
            testTimeout: 15_000,
            hookTimeout: 30_000,
            sequence: { groupOrder: 0 },
          },
        })),
      {
        test: {
          // Real browsers and real processes: one file at a time, after everything else.
          name: 'e2e',
          root: here('.'),
          include: ['packages/**/*.e2e.ts', 'apps/**/*.e2e.ts'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          pool: 'forks' as const,
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.{ts,tsx}'],
      exclude: ['**/*.test.{ts,tsx}', '**/generated/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
