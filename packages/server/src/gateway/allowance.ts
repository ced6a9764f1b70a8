import { MUTATIONS, type RequestType } from '@goconnect/protocol';
import { BOUNDS } from './bounds.js';
import type { Rate } from './gateway-settings.js';
import { SlidingLog } from './sliding-log.js';

/**
 * Whether a request may go on.
 *
 * - `granted`: it took a place. `settle` tells what it turned out to be: a repeat of a committed operation, or
 *   something refused by another limit, does not use the place up.
 * - `repeat_only`: there is no place for a new operation, but a repeat of a committed one still gets its answer.
 */
export type Grant =
  | { readonly kind: 'granted'; settle(turnedOut: 'new' | 'repeat' | 'rate_limited', now: number): void }
  | { readonly kind: 'repeat_only'; readonly retryAfterMs: number }
  | { readonly kind: 'refused'; readonly retryAfterMs: number };

const nothing = () => {};

/** What one connection may still send (A6.2). */
export class Allowance {
  readonly #messages: SlidingLog;
  readonly #invalid = new SlidingLog({ limit: BOUNDS.invalidMessages, windowMs: BOUNDS.invalidWindowMs });
  readonly #pings = new SlidingLog({ limit: BOUNDS.pings, windowMs: BOUNDS.pingWindowMs });
  readonly #resumes = new SlidingLog({ limit: BOUNDS.resumes, windowMs: BOUNDS.resumeWindowMs });
  readonly #repeats = new SlidingLog({ limit: BOUNDS.repeats, windowMs: BOUNDS.repeatWindowMs });

  constructor(messages: Rate) {
    this.#messages = new SlidingLog(messages);
  }

  /** Counts a refused message (A1.5); false when it was one too many. */
  invalid(now: number): boolean {
    if (this.#invalid.waitMs(now) > 0) return false;
    this.#invalid.admit(now);
    return true;
  }

  /** Milliseconds until there is a place for one of this type; 0 when there is now. Takes none. */
  waitMs(type: RequestType, now: number): number {
    return this.#logOf(type).waitMs(now);
  }

  ask(type: RequestType, now: number): Grant {
    const log = this.#logOf(type);
    if (log !== this.#messages) return plain(log, now);
    const retryAfterMs = log.waitMs(now);
    if (retryAfterMs === 0) return this.#grant(now);
    if (!MUTATIONS.has(type) || this.#repeats.waitMs(now) > 0) return { kind: 'refused', retryAfterMs };
    this.#repeats.admit(now);
    return { kind: 'repeat_only', retryAfterMs };
  }

  #logOf(type: RequestType): SlidingLog {
    if (type === 'presence.ping') return this.#pings;
    return type === 'session.resume' ? this.#resumes : this.#messages;
  }

  #grant(grantedAt: number): Grant {
    this.#messages.admit(grantedAt);
    return {
      kind: 'granted',
      settle: (turnedOut, now) => {
        if (turnedOut === 'rate_limited') this.#messages.giveBack(grantedAt);
        if (turnedOut !== 'repeat' || this.#repeats.waitMs(now) > 0) return;
        this.#repeats.admit(now);
        this.#messages.giveBack(grantedAt);
      },
    };
  }
}

function plain(log: SlidingLog, now: number): Grant {
  const retryAfterMs = log.waitMs(now);
  if (retryAfterMs > 0) return { kind: 'refused', retryAfterMs };
  log.admit(now);
  return { kind: 'granted', settle: nothing };
}
