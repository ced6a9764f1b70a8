import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Clock } from '@goconnect/protocol';
import { createRandom } from '../chance/random.js';
import { TestkitError } from '../support/testkit-error.js';
import { systemClock } from '../time/system-clock.js';
import type { FaultHandle } from './fake-network.js';
import type { Fault, FaultPlan, FaultRule } from './fault.js';
import { FaultBoard } from './fault-board.js';
import { ProxiedConnection } from './proxied-connection.js';

export interface FaultProxyOptions {
  /** `ws://127.0.0.1:8080/v1/ws`: where connections go. */
  readonly target: string;
  /** Default: a free one, on 127.0.0.1. */
  readonly port?: number;
  /** Default: 0. */
  readonly seed?: string | number;
  readonly plan?: FaultPlan;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Somebody dials: the number of the connection, counted from 1. */
  readonly onConnection?: (number: number) => void;
}

/** A TCP proxy in front of a WebSocket server, with the faults of the fake network. */
export interface FaultProxy {
  /** The target's address with the proxy's host and port: what a client dials. */
  readonly url: string;
  readonly port: number;
  /** Connections that have not ended. */
  readonly connections: number;
  fault(rule: Fault | FaultRule): FaultHandle;
  setPlan(plan: FaultPlan): void;
  readonly plan: FaultPlan;
  heal(): void;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts a {@link FaultProxy}; resolves when it listens.
 *
 * @throws `TestkitError` with code `port_taken`
 */
export async function createFaultProxy({
  target,
  port = 0,
  seed = 0,
  plan,
  clock = systemClock,
  onConnection,
}: FaultProxyOptions): Promise<FaultProxy> {
  const random = createRandom(seed).fork('network');
  const open = new Map<number, ProxiedConnection>();
  const board = new FaultBoard(clock, seed, {
    strike: (fault, only) => {
      for (const connection of [...open.values()])
        if (only === undefined || only === connection.number) strike(connection, fault);
    },
    changed: () => {
      for (const connection of open.values()) connection.release();
    },
  });
  const url = new URL(target);
  const address = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || (url.protocol === 'wss:' ? 443 : 80)),
  };
  let dialled = 0;
  const server = createServer((client) => {
    const number = ++dialled;
    onConnection?.(number);
    const connection = new ProxiedConnection({
      number,
      client,
      target: address,
      clock,
      random: random.fork(String(number)),
      faults: (direction, frames) =>
        board.at({ connection: number, direction, frames, now: clock.monotonic() }),
      arrived: (where, direction, frames) => {
        const fault = board.strikeAfter(number, direction, frames);
        if (fault) strike(where, fault);
      },
      ended: () => void open.delete(number),
    });
    open.set(number, connection);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(
        new TestkitError(
          'port_taken',
          `The proxy cannot listen on port ${port}.`,
          'Stop what listens there, or leave the port out.',
          { cause },
        ),
      ),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  if (plan) board.replace(plan);
  const close = async (): Promise<void> => {
    board.close();
    for (const connection of [...open.values()]) connection.reset();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    url: Object.assign(new URL(target), { hostname: '127.0.0.1', port: String(bound) }).href,
    port: bound,
    get connections() {
      return open.size;
    },
    fault: (given) => board.add('kind' in given ? { fault: given } : given),
    setPlan: (next) => board.replace(next),
    get plan() {
      return board.plan;
    },
    heal: () => board.replace({ seed, rules: [] }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function strike(connection: ProxiedConnection, fault: Fault): void {
  if (fault.kind === 'close') connection.forgeClose(fault.code, fault.reason ?? '');
  else connection.reset();
}
