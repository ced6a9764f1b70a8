import { CLOSE_CODES, type Clock, type Random, type TimerHandle } from '@goconnect/protocol';
import type { DrainOptions, Refusal } from '../ports/gateway.js';
import type { Connection } from './connection.js';
import { OutgoingEvent } from './outgoing-event.js';

type State =
  | { readonly status: 'serving' }
  | { readonly status: 'draining'; readonly until: number }
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
    this.#state = { status: 'draining', until: this.#clock.monotonic() + deadlineMs };
    for (const connection of this.#present) {
      if (connection.dialect !== 'v1') continue;
      const data = {
        reconnect_after_ms: Math.floor(this.#random() * windowMs),
        deadline_ms: deadlineMs,
        reason,
      };
      connection.sendEvent(new OutgoingEvent({ type: 'session.draining', data }));
    }
    const deadline = this.#clock.setTimeout(
      () => this.#closeAll(CLOSE_CODES.draining, 'draining'),
      deadlineMs,
    );
    await this.#empty();
    this.#clock.clearTimeout(deadline);
  }

  /** Closes everyone now; whoever does not answer in `waitMs` is cut off. */
  async sendOff(code: number, reason: string, waitMs: number): Promise<void> {
    this.#state = { status: 'leaving' };
    this.#closeAll(code, reason);
    const deadline: TimerHandle = this.#clock.setTimeout(() => {
      for (const connection of [...this.#present]) connection.terminate();
    }, waitMs);
    await this.#empty();
    this.#clock.clearTimeout(deadline);
  }

  #closeAll(code: number, reason: string): void {
    for (const connection of [...this.#present]) connection.closeWith(code, reason);
  }

  #empty(): Promise<void> {
    return this.#present.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => this.#whenEmpty.push(resolve));
  }
}
