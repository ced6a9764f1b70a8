import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

/**
 * The run script in a small workspace of its own, at a path with a space in it. pnpm is the real one; turbo,
 * vitest and the server are stand-ins of a few lines, so that each moment to press Ctrl-C in can be hit.
 */
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Hangs, with a child which will not go by itself. */
const HANG = `
  const stubborn = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)']);
  writeFileSync(process.env.PIDS, process.pid + ' ' + stubborn.pid);
  setInterval(() => {}, 1000);`;

const STAND_INS = {
  'turbo/bin/turbo': `if (process.env.HANG_IN === process.argv[3]) {${HANG}\n}`,
  'typescript-7/bin/tsc': `if (process.env.HANG_IN === 'types') {${HANG}\n}`,
  '@biomejs/biome/bin/biome': `process.exitCode = Number(process.env.LINT_EXIT ?? 0);`,
  'dependency-cruiser/bin/dependency-cruise.mjs': '',
  'vitest/vitest.mjs': `
    const file = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1];
    if (process.env.REPORT) writeFileSync(file, process.env.REPORT);
    process.exitCode = Number(process.env.VITEST_EXIT ?? 0);`,
};

const SERVER = `
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
const server = createServer().listen(Number(process.env.PORT), '127.0.0.1', () => {
  writeFileSync(process.env.PIDS, String(process.pid));
  console.log('dev=' + process.env.GOCONNECT_DEV + ' static=' + process.env.STATIC_DIR);
});
process.on('SIGTERM', () => server.close(() => console.log('server closed')));
`;

/** @type {string} */
let folder;
/** @type {string} */
let pids;
/** @type {import('node:child_process').ChildProcess[]} */
let children = [];

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** @param {string} task @param {NodeJS.ProcessEnv} [extra] */
function start(task, extra = {}) {
  const env = { ...process.env, PIDS: pids, ...extra };
  const child = spawn(process.execPath, ['scripts/run.mjs', ...task.split(' ')], { cwd: folder, env });
  children.push(child);
  const output = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    output.err += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...output }));
  return { child, ended };
}

/** @param {string} task @param {NodeJS.ProcessEnv} [extra] */
const run = (task, extra) => start(task, extra).ended;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return String(port);
}

const startedPids = () => (existsSync(pids) ? readFileSync(pids, 'utf8').split(' ').map(Number) : []);

const isAlive = (/** @type {number} */ pid) => {
  try {
    process.kill(pid, 0);
    // A killed process stays in the table until whoever inherits it looks; it runs no more.
    return !(existsSync(`/proc/${pid}/stat`) && / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8')));
  } catch {
    return false;
  }
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'go connect '));
  pids = join(folder, 'pids');
  for (const path of ['scripts/run', 'scripts/run.mjs', 'scripts/tools.mjs'])
    cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  mkdirSync(join(folder, '.toolchain'));
  const pnpm = `pnpm-${MANIFEST.packageManager.split('@')[1]}`;
  symlinkSync(join(ROOT, '.toolchain', pnpm), join(folder, '.toolchain', pnpm));

  const names = Object.keys(STAND_INS).map((path) => /^(@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? '');
  for (const [path, text] of Object.entries(STAND_INS))
    write(
      `stand-ins/${path}`,
      `import { writeFileSync } from 'node:fs';\nimport { spawn } from 'node:child_process';\n${text}\n`,
    );
  for (const name of names)
    write(`stand-ins/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', type: 'module' }));
  const devDependencies = Object.fromEntries(names.map((name) => [name, `link:./stand-ins/${name}`]));
  write(
    'package.json',
    JSON.stringify({ private: true, packageManager: MANIFEST.packageManager, devDependencies }),
  );
  write(
    'pnpm-workspace.yaml',
    'packages: []\nmanagePackageManagerVersions: false\nconfirmModulesPurge: false\n',
  );
  mkdirSync(join(folder, 'apps'));
  write('packages/server/dist/bin.js', SERVER);
  write('packages/server/package.json', '{"type":"module"}');
  const made = await run('pnpm install --no-frozen-lockfile --offline');
  expect(made).toMatchObject({ code: 0 });
});

beforeEach(() => rmSync(pids, { force: true }));

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('npm start', () => {
  it('says in one line that the port is taken, before it installs anything', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = /** @type {import('node:net').AddressInfo} */ (taken.address());
    const { code, out, err } = await run('start', { PORT: String(port) });
    taken.close();
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toBe(
      `Port ${port} is already in use. Stop what uses it, or choose another one: PORT=${port + 1} npm start\n`,
    );
  });

  it.each(['http', '-1', '65536', '80.5'])('names the variable when PORT is "%s"', async (value) => {
    const { code, err } = await run('start', { PORT: value });
    expect({ code, err }).toEqual({
      code: 1,
      err: `PORT must be a number from 0 to 65535, not "${value}".\n`,
    });
  });

  it('starts the server in development mode with the built page, and leaves cleanly on Ctrl-C', async () => {
    const { child, ended } = start('start', { PORT: await freePort() });
    let text = '';
    for await (const chunk of child.stdout) {
      text += chunk;
      if (text.includes('static=')) child.kill('SIGINT');
    }
    expect(text).toContain(`dev=1 static=${join(folder, 'apps', 'chat', 'dist')}`);
    expect(text).toContain('server closed');
    expect(await ended).toMatchObject({ code: 0, err: '' });
    expect(startedPids().filter(isAlive)).toEqual([]);
  });

  it('leaves nothing running when Ctrl-C comes in the middle of the build', async () => {
    const { child, ended } = start('start', { PORT: await freePort(), HANG_IN: 'build' });
    await expect.poll(startedPids, { timeout: 10_000 }).toHaveLength(2);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 0, err: '' });
    await expect.poll(() => startedPids().filter(isAlive)).toEqual([]);
    expect(existsSync(join(folder, '.toolchain', 'lock'))).toBe(false);
  });

  it('shows no stack trace when Ctrl-C comes with the first line of output', async () => {
    const { child, ended } = start('start', { PORT: await freePort(), HANG_IN: 'build' });
    child.stdout.once('data', () => child.kill('SIGINT'));
    expect(await ended).toMatchObject({ code: 0, err: '' });
  });
});

describe('installing', () => {
  it('happens once, and again when node_modules was laid out by npm', async () => {
    expect((await run('install')).code).toBe(0);
    expect((await run('install')).out).toBe('');
    write('node_modules/.package-lock.json', '{}');
    expect(await run('install')).toMatchObject({ code: 0, out: 'Installing dependencies …\n', err: '' });
    expect(existsSync(join(folder, 'node_modules/.package-lock.json'))).toBe(false);
  });

  it('does not depend on HOME being set', async () => {
    write('node_modules/.package-lock.json', '{}');
    expect(await run('install', { HOME: '' })).toMatchObject({ code: 0, err: '' });
  });

  it('takes over the lock of a run which was killed', async () => {
    const { child, ended } = start('build', { HANG_IN: 'build' });
    await expect.poll(startedPids, { timeout: 10_000 }).toHaveLength(2);
    child.kill('SIGKILL');
    await ended;
    for (const pid of startedPids()) process.kill(pid, 'SIGKILL');
    expect(existsSync(join(folder, '.toolchain', 'lock'))).toBe(true);
    expect(await run('build')).toMatchObject({ code: 0, err: '' });
  });
});

describe('npm test', () => {
  const report = (/** @type {object} */ overrides = {}) =>
    JSON.stringify({
      numPassedTests: 5,
      numFailedTests: 0,
      numPendingTests: 2,
      numTodoTests: 1,
      testResults: [],
      ...overrides,
    });

  it('gives the counts of the report', async () => {
    const { code, out } = await run('test', { REPORT: report() });
    expect(code).toBe(0);
    expect(out).toContain('In all: 5 passed, 0 failed, 3 skipped');
    expect(await run('counts')).toMatchObject({ code: 0, out: '5 passed, 0 failed, 3 skipped\n' });
  });

  it.each([
    ['a test fails', { REPORT: report({ numFailedTests: 2 }), VITEST_EXIT: '1' }, 2],
    [
      'a file cannot be loaded',
      { REPORT: report({ testResults: [{ status: 'failed', assertionResults: [] }] }), VITEST_EXIT: '1' },
      1,
    ],
    ['the runner fails after its last test', { REPORT: report(), VITEST_EXIT: '1' }, 1],
    ['the runner dies without a report', { VITEST_EXIT: '1' }, 1],
    ['a check fails', { REPORT: report(), LINT_EXIT: '1' }, 1],
  ])('fails when %s', async (_what, env, failed) => {
    const { code, out } = await run('test', env);
    expect(code).toBe(1);
    expect(out).toContain(`, ${failed} failed, `);
    expect((await run('counts')).out).toContain(`, ${failed} failed, `);
  });

  it('is broken off by Ctrl-C with 130, and closes as a failure', async () => {
    const { child, ended } = start('test', { HANG_IN: 'types' });
    await expect.poll(startedPids, { timeout: 10_000 }).toHaveLength(2);
    child.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130, err: '' });
    expect((await run('counts')).out).toBe('0 passed, 1 failed, 0 skipped\n');
  });
});
