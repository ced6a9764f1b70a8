import type { Clock } from '@goconnect/protocol';
import { nextTurn } from '../support/turn.js';

/** Where one end of a connection lives: its clock, and turns of its event loop that cost no time. */
export interface Host {
  readonly clock: Clock;
  readonly post: (task: () => void) => void;
}

/** The host of a clock. A clock without `post` (the system's, or somebody else's fake) uses real turns. */
export function hostOf(clock: Clock): Host {
  const own = (clock as { readonly post?: unknown }).post;
  if (typeof own === 'function') return { clock, post: (task) => void own.call(clock, task) };
  return { clock, post: nextTurn };
}
