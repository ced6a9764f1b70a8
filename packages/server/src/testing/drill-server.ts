import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { connectRaw, type RawClient } from './raw-client.js';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly fault?: string;
  readonly was?: string;
}

export interface Readiness {
  readonly status: number;
  readonly store: string | undefined;
}

/** The real server process in development mode on a database file, to be troubled. */
export class DrillServer {
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  private output = '';
  private errorOutput = '';

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.output += chunk;
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      this.errorOutput += chunk;
    });
    this.ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  /** @param under a command that runs what is appended to it, under the same process id */
  static start(folder: string, { under = [] }: { readonly under?: readonly string[] } = {}): DrillServer {
    const [program = process.execPath, ...args] = [...under, process.execPath, BIN];
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        PATH: process.env.PATH,
        GOCONNECT_DEV: '1',
        PORT: '0',
        HOST: '127.0.0.1',
        DATABASE_URL: `file:${join(folder, 'goconnect.db')}`,
        JWT_SECRET: 'a secret of the drills, and only of them',
        LOG_LEVEL: 'info',
        WS_RATE_CLIENT: '10000/1m',
        WS_RATE_NETWORK: '100000/1m',
      },
    });
    return new DrillServer(child);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get errors(): string {
    return this.errorOutput;
  }

  get lines(): readonly LogLine[] {
    const lines = this.output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as LogLine);
  }

  /** Where it listens, once it does. */
  async url(): Promise<string> {
    for (;;) {
      const [, port] = /"port":(\d+)/.exec(this.output) ?? [];
      if (port !== undefined) return `http://127.0.0.1:${port}`;
      const ended = await Promise.race([this.ended, new Promise((resolve) => setTimeout(resolve, 20))]);
      if (ended) throw new Error(`The server ended at its start:\n${this.output}${this.errorOutput}`);
    }
  }

  async ready(): Promise<Readiness> {
    const response = await fetch(`${await this.url()}/ready`);
    const { checks } = (await response.json()) as { checks: { store?: string } };
    return { status: response.status, store: checks.store };
  }

  async metrics(): Promise<string> {
    return await (await fetch(`${await this.url()}/metrics`)).text();
  }

  async logIn(name: string): Promise<string> {
    const response = await fetch(`${await this.url()}/v1/auth/login`, {
      method: 'POST',
      body: JSON.stringify({ email: `${name}@goconnect.example`, password: 'goconnect' }),
    });
    const { data } = (await response.json()) as { data: { access_token: string } };
    return data.access_token;
  }

  async connect(name: string): Promise<RawClient> {
    const url = (await this.url()).replace('http', 'ws');
    return await connectRaw(`${url}/v1/ws`, {
      token: await this.logIn(name),
      protocols: ['goconnect.v1'],
    });
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}
