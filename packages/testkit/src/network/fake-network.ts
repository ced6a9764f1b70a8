import type { Clock } from '@goconnect/protocol';
import { createRandom, type SeededRandom } from '../chance/random.js';
import { TestkitError } from '../support/testkit-error.js';
import { type Host, hostOf } from '../time/host.js';
import { FakeConnection } from './fake-connection.js';
import { type FakeWebSocketConstructor, webSocketClass } from './fake-web-socket.js';
import type { Direction, Fault, FaultPlan, FaultRule } from './fault.js';
import { FaultBoard } from './fault-board.js';
import { ruleOf } from './fault-plan.js';
import type { SocketVariant } from './socket-state.js';
import { strike } from './strike.js';
import type { UpgradeListener } from './upgrade.js';
import type { Wire, WireEnd } from './wire.js';

export interface FakeNetworkOptions {
  /** Decides when things arrive; a virtual clock for tests. */
  readonly clock: Clock;
  /** All chance of the network comes from it. Default: 0. */
  readonly seed?: string | number;
  /** Whose WebSocket is imitated. Default: `browser`. */
  readonly variant?: SocketVariant;
  /** Bytes in flight on a connection before `bufferedAmount` grows. Default: 65,536. */
  readonly bufferBytes?: number;
  readonly plan?: FaultPlan;
}

/** A fault that somebody switched on. */
export interface FaultHandle {
  readonly rule: FaultRule;
  /** Ends the fault; what TCP held back arrives then. */
  end(): void;
}

/** A network in memory: addresses that listen, and a `WebSocket` class to dial them. */
export interface FakeNetwork {
  /** Pass it to the client as `WebSocket`. */
  readonly WebSocket: FakeWebSocketConstructor;
  /** The same for a program on another machine of the virtual clock, which can sleep by itself. */
  webSocketOn(clock: Clock): FakeWebSocketConstructor;
  /** Accepts connections to the host of `address` (`ws://chat.test`). Returns how to stop. */
  listen(address: string, listener: UpgradeListener, clock?: Clock): () => void;
  /** Connections that have not ended, by number. */
  readonly connections: ReadonlyMap<number, FakeConnection>;
  /** Switches a fault on, now or as its rule says. */
  fault(rule: Fault | FaultRule): FaultHandle;
  /** Replaces all faults. Times of the rules count from now. */
  setPlan(plan: FaultPlan): void;
  /** What holds or will hold, as data: print it when a test fails. */
  readonly plan: FaultPlan;
  /** Ends all faults. */
  heal(): void;
  /** Breaks every connection and ends all timers. */
  close(): void;
}

/** Makes a {@link FakeNetwork}. */
export function createFakeNetwork(options: FakeNetworkOptions): FakeNetwork {
  return new MemoryNetwork(options);
}

class MemoryNetwork implements FakeNetwork {
  readonly WebSocket: FakeWebSocketConstructor;
  readonly #options: FakeNetworkOptions;
  readonly #host: Host;
  readonly #random: SeededRandom;
  readonly #listeners = new Map<string, { readonly listener: UpgradeListener; readonly host: Host }>();
  readonly #connections = new Map<number, FakeConnection>();
  readonly #board: FaultBoard;
  #dialled = 0;
  #open = true;

  constructor(options: FakeNetworkOptions) {
    this.#options = options;
    this.#host = hostOf(options.clock);
    this.#random = createRandom(options.seed ?? 0).fork('network');
    this.#board = new FaultBoard(options.clock, options.seed ?? 0, {
      strike: (fault, connection) => this.#strike(fault, connection),
      changed: () => {
        for (const connection of this.#connections.values()) connection.release();
      },
    });
    this.WebSocket = this.webSocketOn(options.clock);
    if (options.plan) this.setPlan(options.plan);
  }

  get connections(): ReadonlyMap<number, FakeConnection> {
    return this.#connections;
  }

  get plan(): FaultPlan {
    return this.#board.plan;
  }

  webSocketOn(clock: Clock): FakeWebSocketConstructor {
    const host = clock === this.#options.clock ? this.#host : hostOf(clock);
    const variant = this.#options.variant ?? 'browser';
    return webSocketClass({
      variant,
      post: host.post,
      dial: (end, request) => this.#dial(host, end, request),
    });
  }

  listen(address: string, listener: UpgradeListener, clock?: Clock): () => void {
    const { host: name } = new URL(address);
    if (this.#listeners.has(name)) {
      throw new TestkitError(
        'port_taken',
        `Something already listens at ${name} on this fake network.`,
        'Close the first server, or give the second another address.',
      );
    }
    this.#listeners.set(name, { listener, host: clock ? hostOf(clock) : this.#host });
    return () => void this.#listeners.delete(name);
  }

  fault(given: Fault | FaultRule): FaultHandle {
    return this.#board.add(ruleOf(given));
  }

  setPlan(plan: FaultPlan): void {
    this.#board.replace(plan);
  }

  heal(): void {
    this.#board.replace({ seed: this.plan.seed, rules: [] });
  }

  close(): void {
    this.#open = false;
    this.#board.close();
    this.#listeners.clear();
    for (const connection of [...this.#connections.values()]) connection.reset('The fake network was closed');
  }

  #dial(
    client: Host,
    end: WireEnd,
    request: {
      readonly url: URL;
      readonly protocols: readonly string[];
      readonly headers: Readonly<Record<string, string>>;
    },
  ): Wire {
    if (!this.#open) {
      throw new TestkitError(
        'network_closed',
        'This fake network was closed.',
        'Close clients before the network, or make a new network for each test.',
      );
    }
    const number = ++this.#dialled;
    const { clock } = this.#options;
    const connection = new FakeConnection(end, {
      ...request,
      number,
      client,
      server: this.#listeners.get(request.url.host)?.host ?? this.#host,
      now: () => clock.monotonic(),
      random: this.#random,
      variant: this.#options.variant ?? 'browser',
      listener: () => this.#listeners.get(request.url.host)?.listener,
      faults: (direction, frames) =>
        this.#board.at({ connection: number, direction, frames, now: clock.monotonic() }),
      arrived: (where, direction, frames) => this.#arrived(where, direction, frames),
      ended: () => void this.#connections.delete(number),
      bufferBytes: this.#options.bufferBytes ?? 65_536,
    });
    this.#connections.set(number, connection);
    return connection.clientWire;
  }

  #arrived(connection: FakeConnection, direction: Direction, frames: number): void {
    const fault = this.#board.strikeAfter(connection.number, direction, frames);
    if (fault) strike(connection, fault);
  }

  #strike(fault: Fault, only: number | undefined): void {
    for (const connection of [...this.#connections.values()]) {
      if (only === undefined || only === connection.number) strike(connection, fault);
    }
  }
}
