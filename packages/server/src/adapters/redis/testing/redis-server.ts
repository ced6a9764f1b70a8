import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolOrSkip } from '../../../../../../scripts/tools.mjs';

/** An instance of Redis of our own: a free port of this machine, a temporary folder, nothing is kept. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Runs one command; the raw reply. */
  run(...command: readonly string[]): Promise<string>;
  /** Stops answering, keeps every line (SIGSTOP). */
  pause(): void;
  /** Goes on after `pause`. */
  resume(): void;
  /** SIGKILL; resolves when it has ended. */
  kill(): Promise<void>;
  /** Whether it was killed, and not started since. */
  ended(): boolean;
  /** Starts it again on the same port, after `kill`. */
  restart(): Promise<void>;
  /** Ends it, whatever state it is in, and removes its folder. */
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** None unless given. */
  readonly password?: string;
  /** More settings, as arguments of `redis-server`: `['--maxclients', '20']`. */
  readonly settings?: readonly string[];
}

/** The path of `redis-server`, or undefined when the tests that need it shall skip. */
export const redisOrSkip = () => toolOrSkip('redis-server');

/** Starts an instance; resolves when it takes connections. */
export async function startRedis(binary: string, options: RedisOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'gc-redis-'));
  const { password, settings = [] } = options;
  const launchOn = (port: number) =>
    launch(binary, [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', '--daemonize', 'no'],
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...settings,
    ]);
  let { port, child } = await launchAnywhere(launchOn);
  const ended = () => child.exitCode !== null || child.signalCode !== null;
  const end = async () => {
    if (ended()) return;
    const exited = once(child, 'exit');
    // Ends also what is paused.
    child.kill('SIGKILL');
    await exited;
  };
  return {
    url: `redis://${password === undefined ? '' : `:${encodeURIComponent(password)}@`}127.0.0.1:${port}`,
    port,
    run: (...command) => run(port, password, command),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    kill: end,
    ended,
    async restart() {
      const started = await launchOn(port);
      if (started === undefined) throw new Error(`Redis did not start again on port ${port}`);
      child = started;
    },
    async stop() {
      await end();
      await rm(folder, { recursive: true });
    },
  };
}

/** Redis takes no free port by itself, and the one that was free a moment ago may be taken since. */
async function launchAnywhere(
  launchOn: (port: number) => Promise<ChildProcess | undefined>,
): Promise<{ port: number; child: ChildProcess }> {
  for (let tries = 0; tries < 10; tries++) {
    const port = await freePort();
    const child = await launchOn(port);
    if (child) return { port, child };
  }
  throw new Error('Redis did not start');
}

/** Undefined if it ended instead of starting. */
async function launch(binary: string, args: readonly string[]): Promise<ChildProcess | undefined> {
  const child = spawn(binary, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', () => resolve(undefined));
    child.stdout.on('data', (data) => {
      said = `${said}${data}`.slice(-4096);
      if (said.includes('Ready to accept connections')) resolve(child);
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  await new Promise<void>((resolve) => probe.close(() => resolve()));
  return port;
}

/** A line of its own, so that it needs nothing of what is under test. */
async function run(port: number, password: string | undefined, command: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const commands = [...(password === undefined ? [] : [['AUTH', password]]), command, ['QUIT']];
  socket.write(commands.map(encode).join(''));
  let said = '';
  for await (const chunk of socket.setEncoding('utf8')) said += chunk;
  // Each of the commands around this one is answered with +OK.
  return said.slice(password === undefined ? 0 : '+OK\r\n'.length, -'+OK\r\n'.length);
}

const encode = (command: readonly string[]) =>
  `*${command.length}\r\n${command.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`;
