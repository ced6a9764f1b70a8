import type { Clock, Random } from '@goconnect/protocol/validators';
import type { FakeLifecycle } from '../../lifecycle/fake-lifecycle.js';
import type { FakeWebSocketConstructor } from '../../network/fake-web-socket.js';

/** How an operation of the client ended. */
export type ClientOutcome =
  | { readonly kind: 'done'; readonly data: unknown }
  | { readonly kind: 'failed'; readonly code: string };

/** Something the client told its application. */
export interface Heard {
  readonly type: string;
  readonly data: unknown;
}

/** The client under test, as the cases drive it. None of its promises may hang: that is one of the cases. */
export interface ClientUnderTest {
  /** Starts; resolves when usable. */
  connect(): Promise<void>;
  /** Sends a chat message. Never rejects. */
  send(scope: string, body: string): Promise<ClientOutcome>;
  /** Asks for a sign of life, which is never queued. Never rejects. */
  ping(): Promise<ClientOutcome>;
  /**
   * What reached the application, in order: events of the contract, events of types that the client does not know, and
   * errors that belong to no request, as the type `error`.
   */
  readonly heard: readonly Heard[];
  /** Rooms of which it told the application that something was missed. */
  readonly gaps: readonly string[];
  /** `away`: it tries to come back; `failed`: it stays away. */
  readonly status: 'connected' | 'away' | 'failed' | 'closed';
  close(): Promise<void>;
}

/** What a client is given. All of it has to be used for the cases to be deterministic. */
export interface ClientSetup {
  readonly url: string;
  readonly token: () => Promise<{ readonly accessToken: string; readonly refreshToken: string }>;
  readonly WebSocket: FakeWebSocketConstructor;
  readonly clock: Clock;
  readonly random: Random;
  readonly lifecycle: FakeLifecycle;
}

/** A client to be judged, in this process and on virtual time. */
export interface ClientTarget {
  readonly kind: 'client';
  readonly name: string;
  readonly create: (setup: ClientSetup) => ClientUnderTest;
}
