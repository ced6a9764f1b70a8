/** Behind `npm start`, `npm test` and the other root scripts. Needs Node and npm, nothing else. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './run/port.mjs';
import { run, Stop, stopMeansSuccess } from './run/process.mjs';
import { closingLine, count, forgetCounts, VITEST_REPORT } from './run/report.mjs';
import { environment, exclusively, install, installAlone, pnpm, ROOT } from './run/toolchain.mjs';
import { missingTools } from './tools.mjs';

/**
 * Runs a tool out of node_modules.
 * @param {string} file @param {string[]} args
 * @param {{ quiet?: boolean, extra?: NodeJS.ProcessEnv }} [options]
 */
const tool = (file, args, { quiet = false, extra = {} } = {}) =>
  run(process.execPath, [join(ROOT, 'node_modules', file), ...args], {
    cwd: ROOT,
    env: { ...environment(), ...extra },
    quiet,
  });

/** @param {string[]} steps as turbo.json names them @param {string[]} [packages] */
function turbo(steps, packages = []) {
  const filters = packages.map((name) => `--filter=${name}`);
  const flags = ['--ui=stream', '--output-logs=errors-only', '--continue=dependencies-successful'];
  return tool('turbo/bin/turbo', ['run', ...steps, ...flags, ...filters], { quiet: true });
}

/**
 * Each package by itself, then what stands at the root. By TypeScript 7, which takes a quarter of the time; what needs
 * the compiler as a library (tsup, for declarations) has TypeScript 6.
 */
async function types() {
  const folders = ['packages', 'apps']
    .flatMap((group) => readdirSync(join(ROOT, group)).map((name) => join(group, name)))
    .filter((folder) => existsSync(join(ROOT, folder, 'tsconfig.json')));
  let worst = 0;
  for (const folder of [...folders, '.'])
    worst = Math.max(worst, await tool('typescript-7/bin/tsc', ['-p', folder], { quiet: true }));
  return worst;
}

/** @param {string[]} args */
const biome = (...args) => tool('@biomejs/biome/bin/biome', ['check', ...args]);

function layers() {
  const args = ['--config', '.dependency-cruiser.cjs', 'packages', 'apps'];
  return tool('dependency-cruiser/bin/dependency-cruise.mjs', args, { quiet: true });
}

/**
 * Installs and builds.
 * @param {string[]} [packages]
 * @param {string[]} [steps] declarations take ten times as long as the code, so who only runs the code leaves them out
 */
async function build(packages, steps = ['build', 'types']) {
  await exclusively(async () => {
    await install();
    console.log('Building …');
    if ((await turbo(steps, packages)) !== 0) throw new Stop('The build failed.');
  });
}

/** Everything that can be said without running the code, at once. @returns {Promise<string[]>} the checks which failed */
async function check() {
  const checks = { types, lint: () => biome('--error-on-warnings', '.'), layers };
  const failed = await Promise.all(
    Object.entries(checks).map(async ([name, start]) => {
      const startedAt = performance.now();
      const ok = (await start()) === 0;
      console.log(
        `${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`,
      );
      return ok ? [] : [name];
    }),
  );
  return failed.flat();
}

/** @param {string[]} args for vitest @param {NodeJS.ProcessEnv} [extra] */
async function test(args, extra = {}) {
  forgetCounts();
  await build();
  const failedChecks = await check();
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${VITEST_REPORT}`];
  const code = await tool('vitest/vitest.mjs', ['run', ...reporters, ...args], { extra });
  const { failed, skipped } = count(code, failedChecks.length);
  if (skipped > 0) for (const line of missingTools()) console.log(line);
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}.`);
  console.log(`In all: ${closingLine()}, in ${process.uptime().toFixed(0)} s.`);
  if (failed > 0) process.exitCode = 1;
}

async function start() {
  stopMeansSuccess();
  const port = await freePort(process.env.PORT, process.env.HOST, 'npm start');
  await build(['@goconnect/server', '@goconnect/app-chat'], ['build']);
  const env = {
    ...environment(),
    PORT: String(port),
    GOCONNECT_DEV: process.env.GOCONNECT_DEV ?? '1',
    STATIC_DIR: process.env.STATIC_DIR ?? join(ROOT, 'apps', 'chat', 'dist'),
  };
  process.exitCode = await run(process.execPath, [join(ROOT, 'packages', 'server', 'dist', 'bin.js')], {
    cwd: ROOT,
    env,
  });
}

/** @type {Record<string, (args: string[]) => Promise<void>>} */
const tasks = {
  start,
  test: (args) => test(args),
  /** The long form of the proofs which `npm test` runs in short. */
  prove: (args) => test(args, { GOCONNECT_PROVE: '1' }),
  build: (packages) => build(packages),
  check: async () => {
    await build();
    if ((await check()).length > 0) process.exitCode = 1;
  },
  format: async () => {
    await exclusively(install);
    process.exitCode = await biome('--write', '.');
  },
  generate: async () => {
    await exclusively(install);
    if ((await turbo(['generate'])) !== 0) throw new Stop('Generating failed.');
  },
  size: async () => {
    await build(['@goconnect/client'], ['build']);
    process.exitCode = await run(process.execPath, [join(ROOT, 'scripts', 'size.mjs')], {
      cwd: ROOT,
      env: environment(),
    });
  },
  /** Against named peers, which are installed for this alone: `bench size`, or all of it. See apps/bench. */
  bench: async (args) => {
    await build(['@goconnect/client', '@goconnect/server'], ['build']);
    await exclusively(() => installAlone('apps/bench/peers'));
    process.exitCode = await run(process.execPath, [join(ROOT, 'apps', 'bench', 'main.mjs'), ...args], {
      cwd: ROOT,
      env: environment(),
    });
  },
  /** The documentation site, made by tools which are installed for this alone, and served. See apps/docs. */
  docs: async () => {
    stopMeansSuccess();
    const port = await freePort(process.env.PORT, undefined, 'npm run docs');
    await build(['@goconnect/client', '@goconnect/server', '@goconnect/testkit']);
    await exclusively(() => installAlone('apps/docs/site'));
    process.exitCode = await run(process.execPath, [join(ROOT, 'apps', 'docs', 'main.mjs')], {
      cwd: ROOT,
      env: { ...environment(), PORT: String(port) },
    });
  },
  install: () => exclusively(install),
  /** pnpm itself, for example `node scripts/run.mjs pnpm install --no-frozen-lockfile` after a change of dependencies. */
  pnpm: (args) => exclusively(() => pnpm(args)),
  /** New versions and changelogs from what lies in .changeset, and what carries the version written anew. */
  'release:version': async () => {
    await exclusively(install);
    if ((await tool('@changesets/cli/bin.js', ['version'])) !== 0) throw new Stop('No versions were made.');
    if ((await turbo(['generate'])) !== 0) throw new Stop('Generating failed.');
  },
  clean: async () => {
    const members = ['packages', 'apps'].flatMap((group) =>
      readdirSync(join(ROOT, group)).map((name) => join(group, name)),
    );
    const made = ['node_modules', '.turbo', 'dist'];
    for (const folder of [
      ...['node_modules', '.turbo', '.cache', '.toolchain'],
      ...[...members, 'apps/bench/peers', 'apps/docs/site'].flatMap((member) =>
        made.map((name) => join(member, name)),
      ),
    ])
      rmSync(join(ROOT, folder), { recursive: true, force: true });
  },
  /** The last test run's counts, alone on a line. */
  counts: async () => console.log(closingLine()),
};

const [name = '', ...args] = process.argv.slice(2);
try {
  if (!Object.hasOwn(tasks, name))
    throw new Stop(`Usage: node scripts/run.mjs <${Object.keys(tasks).join('|')}>`);
  await tasks[name]?.(args);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
