/**
 * The real server for tests: a process of its own in development mode, on a free port, with a database of its own.
 * It can be killed and started again underneath its clients, at the same address and with the same data.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../packages/server/dist/bin.js', import.meta.url));
const START_TIMEOUT_MS = 20_000;

/** @param {{ staticDir?: string, env?: Record<string, string> }} [options] */
export async function startTestServer({ staticDir, env = {} } = {}) {
  if (!existsSync(BIN)) throw new Error('The server is not built: node scripts/run.mjs build');
  const folder = await mkdtemp(join(tmpdir(), 'goconnect-test-'));
  const settings = {
    GOCONNECT_DEV: '1',
    PORT: '0',
    DATABASE_URL: `file:${join(folder, 'goconnect.db')}`,
    LOG_LEVEL: 'warn',
    ...(staticDir === undefined ? {} : { STATIC_DIR: staticDir }),
    ...env,
  };
  let server = await run(settings, folder);
  const { url } = server;
  const { port } = new URL(url);

  return {
    url,
    /** Ends it without warning, as a crash or a power cut does. */
    kill: async () => await server.end('SIGKILL'),
    /** Starts it again where it was. */
    async start() {
      server = await run({ ...settings, PORT: port }, folder);
    },
    /** What it has said so far: for the message of a test that fails. */
    output: () => server.output(),
    /** Ends it and removes its data. */
    async stop() {
      await server.end('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @param {Record<string, string>} settings @param {string} cwd */
async function run(settings, cwd) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [BIN], {
    cwd,
    env: { PATH, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const ended = new Promise((resolve) => child.once('exit', resolve));
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    const fail = (/** @type {string} */ why) => reject(new Error(`The test server ${why}:\n${output}`));
    const timer = setTimeout(() => fail(`did not start within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    const hear = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-20_000);
      const [, url] = /(?:running at|HTTP API)\s+(http:\/\/[^/\s]+)\//.exec(output) ?? [];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`ended with ${code}`);
    });
  });
  const end = async (/** @type {NodeJS.Signals} */ signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await ended;
  };
  try {
    return { url: await address, end, output: () => output };
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
}
