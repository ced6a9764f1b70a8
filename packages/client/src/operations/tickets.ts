import type { Clock } from '@goconnect/protocol/validators';
import { type Deferred, deferred } from '../support/deferred.js';
import { onAbort } from '../support/on-abort.js';
import { createScope, type Scope } from '../support/scope.js';

/** What an unsettled operation owns beside its place in the outbox: its promise, its one timer, its signal. */
interface Ticket {
  readonly reply: Deferred<unknown>;
  readonly unlisten: () => void;
  /** Time to live while queued, deadline while sent. */
  timer: Scope;
}

export class Tickets {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  open(opId: string, signal: AbortSignal | undefined, onAborted: () => void): Promise<unknown> {
    const reply = deferred<unknown>();
    const unlisten = onAbort(signal, onAborted);
    this.#tickets.set(opId, { reply, unlisten, timer: createScope(this.#clock) });
    return reply.promise;
  }

  /** Replaces the timer. */
  arm(opId: string, ms: number, due: () => void): void {
    const ticket = this.#tickets.get(opId);
    if (!ticket) return;
    ticket.timer.end();
    ticket.timer = createScope(this.#clock);
    ticket.timer.after(Math.max(0, ms), due);
  }

  /** Ends the timer and the signal; gives the promise to settle. */
  close(opId: string): Deferred<unknown> | undefined {
    const ticket = this.#tickets.get(opId);
    this.#tickets.delete(opId);
    ticket?.timer.end();
    ticket?.unlisten();
    return ticket?.reply;
  }
}
