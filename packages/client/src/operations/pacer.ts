import type { Clock } from '@goconnect/protocol/validators';
import type { Line } from '../session/session.js';
import { createScope, type Scope } from '../support/scope.js';
import { pace, pause, RESTED } from './pacing.js';

/** Past this the socket's own buffer is the queue, which nobody can inspect or cancel. */
const SOCKET_BUFFER_MAX = 1_048_576;
const SOCKET_BUFFER_WAIT_MS = 50;
/** Published for servers that do not announce a limit. */
const PER_MINUTE = 100;
/** Whatever a rate limit asks for, silence is no shorter (a loop) and no longer (for ever). */
const SILENCE_LEAST_MS = 50;
const SILENCE_MOST_MS = 600_000;
/** Silence after a rate limit that names none. */
const SILENCE_MS = 1_000;

/** Why sending is held up just now. */
export interface Backpressure {
  readonly reason: 'pacing' | 'rate_limit' | 'queue_full' | 'storage';
  /** Until the next try. */
  readonly waitMs: number;
}

/** When the next request may be written: below the announced rate, after the silence that was asked for, while the socket takes it. */
export class Pacer {
  readonly #clock: Clock;
  readonly #pump: () => void;
  readonly #onBackpressure: (pressure: Backpressure) => void;
  #pace = RESTED;
  readonly #next: Scope;

  /** @param pump sends what may be sent */
  constructor(clock: Clock, pump: () => void, onBackpressure: (pressure: Backpressure) => void) {
    this.#clock = clock;
    this.#pump = pump;
    this.#onBackpressure = onBackpressure;
    this.#next = createScope(clock);
  }

  waitMs({ welcome, mode, socket }: Line): number {
    const full = socket.bufferedAmount > SOCKET_BUFFER_MAX ? SOCKET_BUFFER_WAIT_MS : 0;
    const perMinute = welcome?.limits.messages_per_minute ?? PER_MINUTE;
    return pause(this.#pace, this.#clock.monotonic(), perMinute, mode) || full;
  }

  /** Something was written that counts. */
  wrote(): void {
    this.#pace = pace(this.#pace, this.#clock.monotonic());
  }

  /** The server wants silence. @returns for how long */
  silence(askedMs: unknown): number {
    const waitMs = Math.min(SILENCE_MOST_MS, Math.max(SILENCE_LEAST_MS, Number(askedMs) || SILENCE_MS));
    this.#pace = { ...this.#pace, silentUntil: this.#clock.monotonic() + waitMs };
    return waitMs;
  }

  /** Pumps after so long, whatever was planned before. */
  pumpIn(waitMs: number, reason: Backpressure['reason']): void {
    this.end();
    this.#next.after(waitMs, this.#pump);
    this.#onBackpressure({ reason, waitMs });
  }

  end(): void {
    this.#next.end();
  }
}
