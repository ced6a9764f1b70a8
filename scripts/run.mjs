/** Behind `npm start`, `npm test` and the other root scripts. Needs Node and npm, nothing else. */
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from './run/port.mjs';
import { must, run, Stop, stopMeansSuccess } from './run/process.mjs';
import { environment, install, pnpm, ROOT } from './run/toolchain.mjs';

const REPORT = join(ROOT, '.cache', 'vitest.json');
const bin = (/** @type {string} */ name) => join(ROOT, 'node_modules', name);

/** @param {string} task @param {string[]} [packages] */
async function turbo(task, packages = []) {
  const args = ['run', task, '--ui=stream', '--output-logs=errors-only', ...packages.map((name) => `--filter=${name}`)];
  return await run(process.execPath, [bin('turbo/bin/turbo'), ...args], { cwd: ROOT, env: environment(), quiet: true });
}

/** @param {string[]} [packages] */
async function build(packages) {
  await install();
  console.log('Building …');
  if ((await turbo('build', packages)) !== 0) throw new Stop('The build failed.');
}

const biome = (/** @type {string[]} */ ...args) =>
  run(process.execPath, [bin('@biomejs/biome/bin/biome'), 'check', ...args], { cwd: ROOT, env: environment() });

const layers = () =>
  run(process.execPath, [bin('dependency-cruiser/bin/dependency-cruise.mjs'), '--config', '.dependency-cruiser.cjs', 'packages', 'apps'], {
    cwd: ROOT,
    env: environment(),
    quiet: true,
  });

/** Everything that can be said without running the code. Gives the names of what failed. */
async function check() {
  const checks = {
    types: () => turbo('typecheck'),
    lint: () => biome('.'),
    layers,
  };
  const failed = [];
  for (const [name, start] of Object.entries(checks)) {
    const startedAt = performance.now();
    const ok = (await start()) === 0;
    console.log(`${ok ? 'ok    ' : 'FAILED'} ${name} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`);
    if (!ok) failed.push(name);
  }
  return failed;
}

/** What the last vitest run really counted. A file which could not even be loaded counts as one failure. */
function counts() {
  if (!existsSync(REPORT)) return { passed: 0, failed: 1, skipped: 0 };
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + brokenFiles.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} [extra] */
async function vitest(args, extra = {}) {
  rmSync(REPORT, { force: true });
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  return await run(process.execPath, [bin('vitest/vitest.mjs'), 'run', ...reporters, ...args], {
    cwd: ROOT,
    env: { ...environment(), ...extra },
  });
}

/** @param {string[]} args @param {NodeJS.ProcessEnv} [extra] */
async function test(args, extra) {
  await build();
  const failedChecks = await check();
  const code = await vitest(args, extra);
  const { passed, failed, skipped } = counts();
  // Whatever made the run fail is counted, so that the closing line never says 0 failed about a failed run.
  const allFailed = Math.max(failed, code === 0 ? 0 : 1) + failedChecks.length;
  if (failedChecks.length > 0) console.log(`Failed checks: ${failedChecks.join(', ')}`);
  console.log(`${passed} passed, ${allFailed} failed, ${skipped} skipped`);
  if (allFailed > 0) process.exitCode = 1;
}

async function start() {
  stopMeansSuccess();
  const port = await freePort(process.env.PORT, process.env.HOST);
  await build(['@goconnect/server...', '@goconnect/app-chat...']);
  const env = {
    ...environment(),
    PORT: String(port),
    GOCONNECT_DEV: process.env.GOCONNECT_DEV ?? '1',
    STATIC_DIR: process.env.STATIC_DIR ?? join(ROOT, 'apps', 'chat', 'dist'),
  };
  process.exitCode = await run(process.execPath, [join(ROOT, 'packages', 'server', 'dist', 'bin.js')], { cwd: ROOT, env });
}

/** @type {Record<string, (args: string[]) => Promise<unknown>>} */
const tasks = {
  install,
  build,
  start,
  test,
  check: async () => {
    await build();
    if ((await check()).length > 0) process.exitCode = 1;
  },
  /** The long form of the proofs which `npm test` runs in short. */
  prove: async (args) => await test(args, { GOCONNECT_PROVE: '1' }),
  format: async () => {
    await install();
    process.exitCode = await biome('--write', '.');
  },
  generate: async () => {
    await install();
    await must('Generating', process.execPath, [bin('turbo/bin/turbo'), 'run', 'generate', '--ui=stream'], { cwd: ROOT, env: environment() });
  },
  /** pnpm itself, for example `node scripts/run.mjs pnpm install` after a change of dependencies. */
  pnpm: async (args) => await pnpm(args),
  clean: async () => {
    for (const folder of ['node_modules', '.turbo', '.cache', '.toolchain']) rmSync(join(ROOT, folder), { recursive: true, force: true });
  },
};

const [name = '', ...args] = process.argv.slice(2);
try {
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  if (!task) throw new Stop(`Usage: node scripts/run.mjs <${Object.keys(tasks).join('|')}>`);
  await task(args);
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  console.error(error.message);
  process.exitCode = error.exitCode;
}
