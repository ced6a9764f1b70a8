import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

export interface Hostile {
  readonly port: number;
  /** Upgrades that never end: one byte every two seconds. */
  readonly dripping: number;
  /** Sockets that never say anything. */
  readonly silent: number;
  /** Upgrades with a wrong token or none, base and v1, which do not close what the server has closed. */
  readonly strangers: number;
  /** When to give up looking, ms. */
  readonly patienceMs: number;
}

export interface SiegeReport {
  /** Of each kind: how many got a socket, how many of those are gone, and how long the last of them lasted, ms. */
  readonly [kind: string]: { readonly opened: number; readonly gone: number; readonly lastMs: number };
}

type Kind = 'dripping' | 'silent' | 'strangers';

interface Besieger {
  readonly kind: Kind;
  readonly socket: Socket;
  openedAt: number | undefined;
  goneAt: number | undefined;
}

const DRIP_MS = 2_000;

/** Thousands of sockets that want something else than to talk. */
export class Siege {
  private readonly all: Besieger[] = [];

  constructor(
    private readonly dial: () => Socket,
    private readonly now: () => number,
  ) {}

  async run({ dripping, silent, strangers, patienceMs }: Hostile): Promise<SiegeReport> {
    for (let index = 0; index < Math.max(dripping, silent, strangers); index++) {
      if (index < dripping) this.drip();
      if (index < silent) this.add('silent');
      if (index < strangers) this.intrude(index);
      if (index % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const until = this.now() + patienceMs;
    while (this.now() < until && this.all.some(({ goneAt }) => goneAt === undefined))
      await new Promise((resolve) => setTimeout(resolve, 50));
    const report = {
      dripping: this.sum('dripping'),
      silent: this.sum('silent'),
      strangers: this.sum('strangers'),
    };
    for (const { socket } of this.all) socket.destroy();
    return report;
  }

  private sum(kind: Kind): SiegeReport[string] {
    const those = this.all.filter((one) => one.kind === kind && one.openedAt !== undefined);
    const gone = those.filter(({ goneAt }) => goneAt !== undefined);
    const lasted = gone.map(({ goneAt = 0, openedAt = 0 }) => goneAt - openedAt);
    return { opened: those.length, gone: gone.length, lastMs: Math.max(0, ...lasted) };
  }

  private add(kind: Kind): Besieger {
    const socket = this.dial();
    const one: Besieger = { kind, socket, openedAt: undefined, goneAt: undefined };
    this.all.push(one);
    socket.once('connect', () => {
      one.openedAt = this.now();
    });
    // Gone is what the server has closed: reading its end counts, for nothing of it is left there.
    const gone = () => {
      one.goneAt ??= this.now();
    };
    socket.on('error', gone).on('close', gone).on('end', gone).resume();
    return one;
  }

  private drip(): void {
    const { socket } = this.add('dripping');
    const request = `GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Slow: ${'x'.repeat(1_000)}`;
    let place = 0;
    const timer = setInterval(() => socket.write(request[place++] ?? 'x'), DRIP_MS);
    socket.once('connect', () => socket.write(request[place++] ?? 'x'));
    socket.once('close', () => clearInterval(timer));
  }

  private intrude(index: number): void {
    const { socket } = this.add('strangers');
    const key = randomBytes(16).toString('base64');
    const offered = index % 2 === 0 ? '' : 'Sec-WebSocket-Protocol: goconnect.v1\r\n';
    const token = index % 4 < 2 ? '' : 'Authorization: Bearer e30.e30.e30\r\n';
    socket.write(
      `GET /v1/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n${offered}${token}\r\n`,
    );
  }
}
