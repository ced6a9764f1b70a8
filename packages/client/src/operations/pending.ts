import type { Clock } from '@goconnect/protocol/validators';
import { type Deferred, deferred } from '../support/deferred.js';
import { onAbort } from '../support/on-abort.js';
import { createScope, type Scope } from '../support/scope.js';
import type { Operation, Outbox } from './outbox.js';

/** What an unsettled operation owns beside its place: its promise, its one timer, its signal. */
interface Ticket {
  readonly reply: Deferred<unknown>;
  readonly unlisten: () => void;
  /** Time to live while queued, deadline while sent. */
  readonly timer: Scope;
}

/** What has not settled, in the order in which it was asked for, each with its promise. */
export class Pending {
  readonly #clock: Clock;
  readonly #time: () => number;
  readonly #onDue: (operation: Operation) => void;
  readonly #onAborted: (opId: string) => void;
  /** What is set again keeps its place. */
  readonly #outbox = new Map<string, Operation>();
  readonly #restores = new Map<string, Operation>();
  readonly #tickets = new Map<string, Ticket>();
  /** Who waits until nothing is in the outbox. */
  readonly #drained: (() => void)[] = [];

  /** @param onDue the time to live of an operation that waits is over */
  constructor(
    clock: Clock,
    time: () => number,
    onDue: (operation: Operation) => void,
    onAborted: (opId: string) => void,
  ) {
    this.#clock = clock;
    this.#time = time;
    this.#onDue = onDue;
    this.#onAborted = onAborted;
  }

  /** All but the restores, which are nobody's business. */
  get outbox(): Outbox {
    return this.#outbox;
  }

  get(opId = ''): Operation | undefined {
    return this.#outbox.get(opId) ?? this.#restores.get(opId);
  }

  /** In the order in which they are sent: a restore, and one of the others, so that a hundred rooms hold up no message. */
  *inTurn(): Iterable<Operation> {
    const restores = this.#restores.values();
    const others = this.#outbox.values();
    for (;;) {
      const restore = restores.next();
      if (!restore.done) yield restore.value;
      // Not looked up sooner: what became of the restore may have settled it.
      const other = others.next();
      if (!other.done) yield other.value;
      if (restore.done && other.done) return;
    }
  }

  /** Takes an operation in, behind all others. Settles with `close`. */
  open(operation: Operation, signal?: AbortSignal): Promise<unknown> {
    const { opId } = operation;
    const reply = deferred<unknown>();
    const unlisten = onAbort(signal, () => this.#onAborted(opId));
    this.#tickets.set(opId, { reply, unlisten, timer: createScope(this.#clock) });
    this.queue(operation);
    return reply.promise;
  }

  /** The same, ahead of the others in the outbox. */
  openFirst(operations: readonly Operation[]): Promise<unknown>[] {
    const others = [...this.#outbox];
    this.#outbox.clear();
    const replies = operations.map((operation) => this.open(operation));
    for (const [opId, other] of others) this.#outbox.set(opId, other);
    return replies;
  }

  /** It waits, as long as it may live. */
  queue(operation: Operation): void {
    this.replace(operation);
    this.arm(operation.opId, operation.expiresAt - this.#time(), () => this.#onDue(operation));
  }

  replace(operation: Operation): void {
    const all = operation.kind === 'restore' ? this.#restores : this.#outbox;
    all.set(operation.opId, operation);
  }

  /** Replaces the timer. */
  arm(opId: string, ms: number, due: () => void): void {
    const timer = this.#tickets.get(opId)?.timer;
    timer?.end();
    timer?.after(Math.max(0, ms), due);
  }

  /** Ends all that it owns; gives the promise to settle. */
  close(opId: string): Deferred<unknown> | undefined {
    const ticket = this.#tickets.get(opId);
    this.#outbox.delete(opId);
    this.#restores.delete(opId);
    this.#tickets.delete(opId);
    ticket?.timer.end();
    ticket?.unlisten();
    if (this.#outbox.size === 0) for (const resolve of this.#drained.splice(0)) resolve();
    return ticket?.reply;
  }

  /** Resolves at the first moment in which the outbox is empty, whatever comes behind it. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#outbox.size > 0) this.#drained.push(resolve);
      else resolve();
    });
  }

  /** Resolves when those are settled that are in the outbox now, and of this kind. */
  async settled(which: (operation: Operation) => boolean): Promise<void> {
    const awaited = [...this.#outbox.values()].filter(which);
    await Promise.allSettled(awaited.map(({ opId }) => this.#tickets.get(opId)?.reply.promise));
  }
}
