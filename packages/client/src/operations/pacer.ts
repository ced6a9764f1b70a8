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

export interface PacerPorts {
  readonly clock: Clock;
  /** Sends what may be sent. */
  pump(): void;
  onBackpressure(pressure: Backpressure): void;
}

/** When the next request may be written: below the announced rate, after the silence that was asked for, while the socket takes it. */
export class Pacer {
  readonly #ports: PacerPorts;
  #pace = RESTED;
  readonly #next: Scope;

  constructor(ports: PacerPorts) {
    this.#ports = ports;
    this.#next = createScope(ports.clock);
  }

  waitMs({ welcome, mode, socket }: Line): number {
    const full = socket.bufferedAmount > SOCKET_BUFFER_MAX ? SOCKET_BUFFER_WAIT_MS : 0;
    const perMinute = welcome?.limits.messages_per_minute ?? PER_MINUTE;
    return pause(this.#pace, this.#ports.clock.monotonic(), perMinute, mode) || full;
  }

  /** Something was written that counts. */
  wrote(): void {
    this.#pace = pace(this.#pace, this.#ports.clock.monotonic());
  }

  /** The server wants silence. @returns for how long */
  silence(askedMs: unknown): number {
    const waitMs = Math.min(SILENCE_MOST_MS, Math.max(SILENCE_LEAST_MS, Number(askedMs) || SILENCE_MS));
    this.#pace = { ...this.#pace, silentUntil: this.#ports.clock.monotonic() + waitMs };
    return waitMs;
  }

  /** Pumps after so long, whatever was planned before. */
  pumpIn(waitMs: number, reason: Backpressure['reason']): void {
    const { pump, onBackpressure } = this.#ports;
    this.end();
    this.#next.after(waitMs, pump);
    onBackpressure({ reason, waitMs });
  }

  end(): void {
    this.#next.end();
  }
}
