import type { Clock } from '@goconnect/protocol';
import type { Store } from '../ports/store.js';

/** How long an idle server may not know that its disk is full … */
const WELL_MS = 5_000;
/** … and how long a server may not know that the cause is gone. */
const ILL_MS = 1_000;

/**
 * Looks after the store by itself, so that the log, `/ready` and the metrics tell the truth at night as well. What is
 * wrong the store says. Returns how to stop, which waits for the look under way.
 */
export function watchStore({
  store,
  clock,
}: {
  readonly store: Pick<Store, 'check'>;
  readonly clock: Clock;
}): () => Promise<void> {
  let stopped = false;
  let looking: Promise<void> = Promise.resolve();
  let timer = clock.setTimeout(look, WELL_MS);

  function look(): void {
    looking = store.check().then(
      () => again(WELL_MS),
      () => again(ILL_MS),
    );
  }

  function again(delayMs: number): void {
    if (!stopped) timer = clock.setTimeout(look, delayMs);
  }

  return async () => {
    stopped = true;
    clock.clearTimeout(timer);
    await looking;
  };
}
