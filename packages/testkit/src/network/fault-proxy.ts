import { createServer } from 'node:net';
import type { Clock } from '@goconnect/protocol';
import { createRandom } from '../chance/random.js';
import { listenOn } from '../support/listen-on.js';
import { check, type Rule } from '../support/rules.js';
import { systemClock } from '../time/system-clock.js';
import type { FaultHandle } from './fake-network.js';
import type { Fault, FaultPlan, FaultRule } from './fault.js';
import { FaultBoard } from './fault-board.js';
import { checkFaultPlan, ruleOf } from './fault-plan.js';
import { ProxiedConnection } from './proxied-connection.js';
import { strike } from './strike.js';

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
 * @throws `TestkitError`: `port_taken`; `bad_argument` for a target that is no `ws:` address, or a plan that is none
 */
export async function createFaultProxy({
  target,
  port = 0,
  seed = 0,
  plan,
  clock = systemClock,
  onConnection,
}: FaultProxyOptions): Promise<FaultProxy> {
  const url = new URL(check(target, webSocketUrl, 'target'));
  if (plan) checkFaultPlan(plan);
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
  const address = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) };
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
  const bound = await listenOn(
    server,
    { host: '127.0.0.1', port },
    'The proxy',
    'Stop it, or leave the port of the proxy out.',
  );
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
    fault: (given) => board.add(ruleOf(given)),
    setPlan: (next) => board.replace(next),
    get plan() {
      return board.plan;
    },
    heal: () => board.replace({ seed, rules: [] }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** `ws:` alone: frames under TLS are closed letters to a proxy. */
const webSocketUrl: Rule<string> = (value) =>
  typeof value === 'string' && URL.canParse(value) && new URL(value).protocol === 'ws:'
    ? undefined
    : 'an address like ws://127.0.0.1:8080/v1/ws; a proxy cannot read frames under TLS (wss:)';
