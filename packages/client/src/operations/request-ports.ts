import type { Clock, Random } from '@goconnect/protocol/validators';
import type { Line } from '../session/session.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import type { Operation, OutboxOptions } from './outbox.js';
import type { Backpressure } from './pacer.js';

/** What requests need of those around them. */
export interface RequestPorts extends RequestSettings {
  /** Of timers and of the pace, which must never be too fast because somebody set a clock. */
  readonly clock: Clock;
  /** Monotonic ms of times to live and of what servers remember: they do not stand still. */
  time(): number;
  readonly random: Random;
  /** The connection in use. */
  line(): Line | undefined;
  /** `ready`: there is a connection; `away`: one is being sought; or why there will be none. */
  standing(): 'ready' | 'away' | 'not_connected' | 'closed';
  onBackpressure(pressure: Backpressure): void;
  /** A failure that no promise carries. */
  onError(error: unknown): void;
  /** What is meant for this room is to be sent later. */
  mustWait(room: string | undefined): boolean;
  /** Once for each operation that was taken on; without `error` it was answered. */
  onSettled(operation: Operation, error: GoConnectError | undefined, reply: unknown): void;
  /** Operations of an earlier owner are in the outbox. */
  onRecovered(operations: readonly Operation[]): void;
}

/** The options that concern requests. */
export interface RequestSettings {
  readonly requestTimeoutMs: number;
  readonly resend: 'safe' | 'always';
  readonly validate: 'strict' | 'report' | 'off';
  readonly outbox: OutboxOptions;
}
