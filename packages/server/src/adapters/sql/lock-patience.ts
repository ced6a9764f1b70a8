import type { Clock } from '@goconnect/protocol';

/** A look into the file with a tool is over by then; whoever holds the lock for longer is told of. */
const TRIES = 20;
const PAUSE_MS = 50;

/**
 * Waits for a lock that another process holds on the database, without holding up the event loop as SQLite's own
 * waiting would. One for each attempt to begin.
 */
export class LockPatience {
  readonly #isLocked: (error: unknown) => boolean;
  readonly #clock: Pick<Clock, 'setTimeout'>;
  #left = TRIES;

  constructor(isLocked: (error: unknown) => boolean, clock: Pick<Clock, 'setTimeout'>) {
    this.#isLocked = isLocked;
    this.#clock = clock;
  }

  /** True after a pause when trying again makes sense, false at once when not. */
  async outlasts(error: unknown): Promise<boolean> {
    if (!this.#isLocked(error) || this.#left-- <= 0) return false;
    await new Promise<void>((resolve) => {
      this.#clock.setTimeout(resolve, PAUSE_MS);
    });
    return true;
  }

  /** It began: the next one may wait as long again. */
  renew(): void {
    this.#left = TRIES;
  }
}
