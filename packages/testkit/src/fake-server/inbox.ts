import type { Clock, RequestData, RequestType } from '@goconnect/protocol/validators';
import { matches } from '../support/matches.js';
import { amount, check } from '../support/rules.js';
import { TestkitError } from '../support/testkit-error.js';
import { isVirtualClock } from '../time/virtual-clock.js';
import { requestType } from './script-rule.js';

/** A request that the server got. */
export type Received = {
  [K in RequestType]: {
    readonly type: K;
    readonly op_id: string;
    readonly data: RequestData<K>;
    /** Number of the connection, counted from 1. */
    readonly connection: number;
    readonly userId: string;
    /** Monotonic time of the server's clock. */
    readonly at: number;
  };
}[RequestType];

export type ReceivedOf<K extends RequestType> = Extract<Received, { type: K }>;

interface Waiter {
  readonly type: RequestType;
  readonly where: unknown;
  readonly found: (received: Received) => void;
}

/** Most requests that are kept for inspection; older ones make room. */
const KEPT = 100_000;

/** Everything the server received, and who waits for more. */
export class Inbox {
  readonly #clock: Clock;
  #all: Received[] = [];
  readonly #waiters = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get all(): readonly Received[] {
    return this.#all;
  }

  add(received: Received): void {
    this.#all.push(received);
    if (this.#all.length > KEPT) this.#all.shift();
    for (const waiter of [...this.#waiters]) {
      if (waiter.type === received.type && matches(received.data, waiter.where)) waiter.found(received);
    }
  }

  /** @throws `TestkitError` with code `bad_argument` for a type that no request has: none would ever be found */
  of<K extends RequestType>(type: K, where: unknown = {}): readonly ReceivedOf<K>[] {
    check(type, requestType, 'type');
    return this.#all.filter((one): one is ReceivedOf<K> => one.type === type && matches(one.data, where));
  }

  clear(): void {
    this.#all = [];
  }

  /** The first that matches, also of those that came already. On a virtual clock, waiting lets time pass. */
  async waitFor<K extends RequestType>(type: K, where: unknown, deadlineMs: number): Promise<ReceivedOf<K>> {
    check(deadlineMs, amount, 'deadlineMs');
    const [already] = this.of(type, where);
    if (already) return already;
    const coming = this.#next(type, where, deadlineMs);
    if (!isVirtualClock(this.#clock)) return coming;
    // A rejection may come before anyone listens to `coming` itself.
    coming.catch(() => {});
    return this.#clock.runUntil(coming, { limitMs: deadlineMs + 1 });
  }

  #next<K extends RequestType>(type: K, where: unknown, deadlineMs: number): Promise<ReceivedOf<K>> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        type,
        where,
        found: (received) => {
          this.#waiters.delete(waiter);
          this.#clock.clearTimeout(timer);
          resolve(received as ReceivedOf<K>);
        },
      };
      const timer = this.#clock.setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(this.#missed(type, where, deadlineMs));
      }, deadlineMs);
      this.#waiters.add(waiter);
    });
  }

  #missed(type: RequestType, where: unknown, deadlineMs: number): TestkitError {
    const wanted = JSON.stringify(where) === '{}' ? type : `${type} with ${JSON.stringify(where)}`;
    const last = this.#all.slice(-5).map((one) => `${one.type} ${shortJson(one.data)}`);
    const got = last.length === 0 ? 'nothing was received' : `the last received were ${last.join('; ')}`;
    return new TestkitError(
      'deadline',
      `No ${wanted} arrived within ${deadlineMs} ms; ${got}.`,
      'Check what the client sends, or raise deadlineMs.',
    );
  }
}

/** Tokens stay out of messages, and long bodies as well. */
function shortJson(data: unknown): string {
  const text = JSON.stringify(data, (key, value: unknown) => (key.endsWith('token') ? '<token>' : value));
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}
