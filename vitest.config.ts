import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { TestOrder } from './scripts/test-order.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** These show nothing in the time that `npm test` and `.ci/run` have; `npm run prove` runs them. */
const AT_LENGTH = ['hostile-flood', 'slow-readers', 'slow-upgrades', 'soak'].map(
  (name) => `apps/proofs/load/${name}.e2e.ts`,
);
const atLength = Boolean(process.env.GOCONNECT_PROVE);
/** These take more time than `npm test` has; `.ci/run` runs them. */
const IN_CI = [
  'packages/server/src/container.e2e.ts',
  'apps/docs/site.e2e.ts',
  ...['authority', 'crashes', 'limits', 'neighbours', 'presence', 'redis-trouble', 'set-back', 'tls'].map(
    (name) => `apps/proofs/fleet/${name}.e2e.ts`,
  ),
];
const inCi = atLength || Boolean(process.env.GOCONNECT_REQUIRE_ALL);

/** The long form of a proof takes as long as it takes. */
const LONG_MS = process.env.GOCONNECT_PROVE ? 7_200_000 : undefined;

/**
 * Two more than cores, because those with real browsers and processes mostly wait. The long forms compute and need
 * gigabytes. Left to itself vitest has one less than cores.
 */
const WORKERS = availableParallelism() + (atLength ? 0 : 2);

/** The long forms with real processes judge how long something takes: they run after everything else, and few at a time. */
const e2e = atLength
  ? { maxWorkers: 2, sequence: { groupOrder: 1 } }
  : { maxWorkers: WORKERS, sequence: { groupOrder: 0 } };

/** One project for each package and app, so that `--project client` runs just those. */
const folders = [
  ...['packages', 'apps'].flatMap((group) =>
    readdirSync(here(group)).map((name) => [name, `${group}/${name}`] as const),
  ),
  ['scripts', 'scripts'] as const,
].filter(([, folder]) => folder === 'scripts' || existsSync(here(`${folder}/package.json`)));

export default defineConfig({
  test: {
    passWithNoTests: true,
    sequence: { sequencer: TestOrder },
    projects: [
      ...folders.map(([name, folder]) => ({
        test: {
          name,
          root: here(folder),
          include: ['**/*.test.{ts,tsx,mjs}'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          pool: 'forks' as const,
          // A process goes on with the next file and keeps what it imported: to start and to import is most of what a
          // small file costs. A test puts back what it changes. The long forms leave gigabytes behind.
          isolate: atLength,
          maxWorkers: WORKERS,
          testTimeout: LONG_MS ?? 15_000,
          hookTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      })),
      {
        test: {
          // Real browsers and real processes: each file has its own.
          name: 'e2e',
          root: here('.'),
          include: ['packages/**/*.e2e.ts', 'apps/**/*.e2e.ts'],
          exclude: [
            '**/node_modules/**',
            '**/dist/**',
            ...(atLength ? [] : AT_LENGTH),
            ...(inCi ? [] : IN_CI),
          ],
          pool: 'forks' as const,
          ...e2e,
          testTimeout: LONG_MS ?? 60_000,
          hookTimeout: 60_000,
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
