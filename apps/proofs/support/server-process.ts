import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';

const BIN = join(createRequire(import.meta.url).resolve('@goconnect/server/package.json'), '../dist/bin.js');

/**
 * Headers of a request that has a connection to itself. One kept from a server that was killed since, or that closes it for being
 * idle as the request leaves, would break the request and say nothing of the server.
 */
export const ON_ITS_OWN = { connection: 'close' };

/** How the process is begun, where `node bin.js` is not all of it. */
export interface Launch {
  /** A command that runs what is appended to it, under the same process id. */
  readonly under?: readonly string[];
  /** Arguments of Node itself. */
  readonly node?: readonly string[];
}

/** A real `goconnect-server` process on one address and one database file, to be killed and started again. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private output = '';

  private constructor(
    readonly port: number,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  static async create(folder: string, env: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
    const port = await freePort();
    return new ServerProcess(port, {
      PATH: process.env.PATH,
      GOCONNECT_DEV: '1',
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: `file:${join(folder, 'goconnect.db')}`,
      JWT_SECRET: 'a secret of the proofs, and only of them',
      LOG_LEVEL: 'error',
      ...env,
    });
  }

  get http(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get webSocket(): string {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** What there is to know of it when something went wrong. */
  get condition(): string {
    const { exitCode = null, signalCode = null } = this.child ?? {};
    const end = exitCode ?? signalCode;
    return `${end === null ? 'the server runs' : `the server ended (${end})`}, and last said:\n${this.output}`;
  }

  /** Starts the process and waits until it says that it is ready. */
  async start({ under = [], node = [] }: Launch = {}): Promise<void> {
    const [program = process.execPath, ...args] = [...under, process.execPath, ...node, BIN];
    const child = spawn(program, args, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.child = child;
    this.output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output = (this.output + chunk.toString()).slice(-10_000);
      });
    }
    while (!(await this.isReady())) {
      if (child.exitCode !== null) throw new Error(`The server ended at its start:\n${this.output}`);
      // Asking without a pause would take the processor from the one that is to start.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the process with a signal and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  private async isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.http}/ready`, { headers: ON_ITS_OWN })).ok;
    } catch {
      return false;
    }
  }
}

/**
 * A port below those that the system hands out by itself (32,768 and up on Linux): while the server is down, none of the
 * thousands of connections that tests open beside it must come to sit there.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(10_000, 32_768);
    const server = createServer().listen(port, '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch {
      continue;
    }
    server.close();
    await once(server, 'close');
    return port;
  }
}
