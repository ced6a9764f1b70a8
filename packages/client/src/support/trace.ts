import type { Clock } from '@goconnect/protocol/validators';
import { attempt } from './attempt.js';

/** One thing that happened. Never holds a token, a body or a URL with a query. */
export interface Happening {
  /** Wall clock, milliseconds since the epoch. */
  readonly at: number;
  readonly what: string;
}

/** Happenings kept; older ones make room. */
const KEPT = 256;

export interface Trace {
  note(what: string): void;
  /** Oldest first. */
  recent(): readonly Happening[];
}

export function createTrace(clock: Clock, logger?: { debug?(message: string): void }): Trace {
  const ring: Happening[] = [];
  return {
    note(what) {
      ring.push({ at: clock.now(), what });
      if (ring.length > KEPT) ring.shift();
      // What it throws: whom to tell? It is the one who writes things down.
      attempt(
        () => logger?.debug?.(what),
        () => {},
      );
    },
    recent: () => [...ring],
  };
}
