import { CLOSE_CODES, type Clock, type Random, type TimerHandle } from '@goconnect/protocol';
import type { DrainOptions, Refusal } from '../ports/gateway.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import { OutgoingEvent } from './outgoing-event.js';

type State =
  | { readonly status: 'serving' }
  | {
      readonly status: 'draining';
      /** Until when clients are told to come back, and when whoever is left is closed. */
      readonly window: number;
      readonly until: number;
      readonly reason: string;
    }
  | { readonly status: 'leaving' };

/** Who is here, and how everyone is sent away (B5). */
export class Farewell {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #present = new Set<Connection>();
  #state: State = { status: 'serving' };
  #whenEmpty: (() => void)[] = [];

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  get present(): number {
    return this.#present.size;
  }

  /** What waits for everyone who is here. Looks at each, so it is for whoever asks now and then. */
  queued(): { readonly messages: number; readonly bytes: number } {
    let messages = 0;
    let bytes = 0;
    for (const { queued } of this.#present) {
      messages += queued.messages;
      bytes += queued.bytes;
    }
    return { messages, bytes };
  }

  came(connection: Connection): void {
    this.#present.add(connection);
    // Let in just before the door closed.
    if (this.#state.status === 'leaving') connection.close('going_away');
  }

  left(connection: Connection): void {
    this.#present.delete(connection);
    if (this.#present.size > 0) return;
    for (const resolve of this.#whenEmpty.splice(0)) resolve();
  }

  /** B5.2: from the first moment of a drain on. */
  closedDoor(): Refusal | undefined {
    if (this.#state.status === 'serving') return undefined;
    const retryAfterMs =
      this.#state.status === 'draining'
        ? Math.max(1_000, this.#state.until - this.#clock.monotonic())
        : 1_000;
    return { kind: 'refused', why: 'draining', retryAfterMs: Math.ceil(retryAfterMs) };
  }

  /** Each v1 client is told a moment of its own to come back, so that they do not come all at once (B5.1). */
  async drain({ windowMs, deadlineMs, reason }: DrainOptions): Promise<void> {
    if (this.#state.status !== 'serving') return this.#empty();
    const now = this.#clock.monotonic();
    this.#state = { status: 'draining', window: now + windowMs, until: now + deadlineMs, reason };
    for (const connection of this.#present) this.opened(connection);
    let next = this.#clock.setTimeout(() => {
      next = this.#closeAll(CLOSE_CODES.draining, 'draining');
    }, deadlineMs);
    await this.#empty();
    this.#clock.clearTimeout(next);
  }

  /** The connection is open, or a drain has just begun: one that was let in before it and opened after it is told as well. */
  opened(connection: Connection): void {
    if (this.#state.status !== 'draining' || connection.dialect !== 'v1') return;
    const { window, until, reason } = this.#state;
    const now = this.#clock.monotonic();
    const data = {
      reconnect_after_ms: Math.floor(this.#random() * Math.max(0, window - now)),
      deadline_ms: Math.max(0, Math.ceil(until - now)),
      reason,
    };
    connection.sendEvent(new OutgoingEvent({ type: 'session.draining', data }));
  }

  /** Closes everyone now. */
  async sendOff(code: number, reason: string): Promise<void> {
    this.#state = { status: 'leaving' };
    const cut = this.#closeAll(code, reason);
    await this.#empty();
    this.#clock.clearTimeout(cut);
  }

  /** Whoever does not answer is cut off, sooner than `WS_WRITE_WAIT` would: somebody waits for this process to end. */
  #closeAll(code: number, reason: string): TimerHandle {
    for (const connection of [...this.#present]) connection.closeWith(code, reason);
    return this.#clock.setTimeout(() => {
      for (const connection of [...this.#present]) connection.terminate();
    }, BOUNDS.stopWaitMs);
  }

  #empty(): Promise<void> {
    return this.#present.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}
