import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { ServerProcess } from '../../support/server-process.js';
import type { ChildPrograms } from './child-programs.js';
import type { Sample } from './sample.js';
import { SECRET } from './secret.js';

/** The limits are on trial elsewhere: here one machine is thousands of people. */
const ROOM_FOR_ALL = {
  JWT_SECRET: SECRET,
  WS_MAX_CONNECTIONS: '20000',
  WS_MAX_CONNECTIONS_PER_USER: '100',
  WS_RATE_CLIENT: '10000/1m',
  WS_RATE_NETWORK: '100000/1m',
  ACCESS_TOKEN_TTL: '1d',
};

/** A real `goconnect-server` process which tells what it holds. */
export class ObservedServer {
  private constructor(
    readonly process: ServerProcess,
    private readonly observer: string,
  ) {}

  static async start(
    folder: string,
    programs: ChildPrograms,
    env: NodeJS.ProcessEnv = {},
  ): Promise<ObservedServer> {
    const observer = join(folder, 'observer.sock');
    const server = await ServerProcess.create(folder, {
      ...ROOM_FOR_ALL,
      LOAD_OBSERVER: observer,
      NODE_OPTIONS: `--import=${pathToFileURL(programs.path('observer'))}`,
      ...env,
    });
    await server.start();
    return new ObservedServer(server, observer);
  }

  /** What the process holds right now. */
  sample(): Promise<Sample> {
    return this.ask('now');
  }

  /** What it holds after the garbage is gone. */
  collected(): Promise<Sample> {
    return this.ask('collected');
  }

  /** Like `sample`; figures of the event loop begin anew. */
  reset(): Promise<Sample> {
    return this.ask('reset');
  }

  /** The sum of a counter or gauge over its labels that match. */
  async metric(name: string, label = ''): Promise<number> {
    const text = await (await fetch(`${this.process.http}/metrics`)).text();
    const lines = text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
    return lines
      .filter((line) => line.includes(label))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  connections(): Promise<number> {
    return this.metric('goconnect_websocket_connections');
  }

  private async ask(question: 'now' | 'collected' | 'reset'): Promise<Sample> {
    const socket = connect(this.observer);
    try {
      socket.write(`${question}\n`);
      for await (const line of createInterface({ input: socket })) return JSON.parse(line) as Sample;
      throw new Error('The observer of the server went away.');
    } finally {
      socket.destroy();
    }
  }
}
