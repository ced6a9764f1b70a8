import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';

const BIN = join(createRequire(import.meta.url).resolve('@goconnect/server/package.json'), '../dist/bin.js');

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
      return (await fetch(`${this.http}/ready`)).ok;
    } catch {
      return false;
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The system gave no port.');
  server.close();
  await once(server, 'close');
  return address.port;
}
