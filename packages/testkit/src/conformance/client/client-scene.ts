import type { FakeServer } from '../../fake-server/fake-server.js';
import type { FaultHandle } from '../../network/fake-network.js';
import type { Fault, FaultRule } from '../../network/fault.js';
import type { SocketVariant } from '../../network/socket-state.js';
import type { ClientUnderTest } from './client-target.js';

export interface SceneOptions {
  /** A server that knows only the published page. */
  readonly base?: boolean;
  /** Whose WebSocket the client is given; only where it takes one (`also: ['own socket']`). */
  readonly variant?: SocketVariant;
  /** Seed of the client's own chance, where it takes one. */
  readonly seed?: string;
  /** Seconds that access tokens live. */
  readonly tokenLife?: number;
}

/** The line between client and server, whose faults a case sets: in memory, or a proxy over TCP. */
export interface SceneNetwork {
  fault(rule: Fault | FaultRule): FaultHandle;
  heal(): void;
}

/**
 * A server, a network and a client. It is the same to a case whether all of them live in this process on virtual time,
 * or the client is a process of its own in real time.
 */
export interface ClientScene {
  readonly server: FakeServer;
  readonly network: SceneNetwork;
  readonly client: ClientUnderTest;
  /** Monotonic times at which the client asked for a token. */
  readonly tokenAsks: readonly number[];
  /** Handshakes that the client began, with their times. */
  readonly dials: readonly number[];
  /** Monotonic milliseconds. */
  now(): number;
  /** Lets time pass: virtual at once, real by waiting. */
  pass(ms: number): Promise<void>;
  /** Lets time pass until something is so; fails the case after `limitMs`. */
  until(what: string, holds: () => boolean, limitMs?: number): Promise<void>;
  /** Lets time pass until a promise has settled, and returns what it is; fails the case after `limitMs`. */
  within<T>(what: string, promise: Promise<T>, limitMs?: number): Promise<T>;
  /** Tokens that the client is given from now on have run out already. */
  spoilTokens(): void;
  /** The client's machine woke up. */
  wake(): void;
  /** The client's wall clock jumps; only where it takes a clock (`also: ['own clock']`). */
  stepClock(ms: number): void;
  /** Listeners of the client that are still there; 0 where nobody can tell. */
  listeners(): number;
  /** Connects and waits until the server has let the client in. */
  connected(): Promise<void>;
}

export interface ClientEnv {
  /** Sets the scene; the client has not connected yet. */
  scene(options?: SceneOptions): Promise<ClientScene>;
  /** What costs nothing on virtual time may be shorter in real time. */
  span(virtual: number, real: number): number;
  /** Runs for each item: one after the other on virtual time, a few at once in real time. */
  each<T>(items: readonly T[], run: (item: T) => Promise<void>): Promise<void>;
}
