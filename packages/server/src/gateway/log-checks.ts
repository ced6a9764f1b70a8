import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import { BOUNDS } from './bounds.js';

/** A look under way. */
export interface Look {
  readonly signal: AbortSignal;
  /** Lets everybody else have their turn. The store answers at once, so that awaiting it alone would keep the loop. */
  breathe(): Promise<void>;
}

/** Compares what this node believes with the store. MUST change nothing any more once the signal is aborted. */
export interface Check {
  look(look: Look): Promise<void>;
}

/**
 * Runs the checks that find what a bus lost, one after the other, every ten seconds: a hint may be the last one, after which
 * nothing comes that would show the hole.
 */
export class LogChecks {
  readonly #checks: readonly Check[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #end = new AbortController();
  #timer: TimerHandle;
  /** `looking_again`: once the look under way has ended. */
  #state: 'waiting' | 'looking' | 'looking_again' = 'waiting';
  #resume = (): void => {};

  constructor(
    checks: readonly Check[],
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#checks = checks;
    this.#clock = clock;
    this.#logger = logger;
    this.#wait(BOUNDS.checkMs);
  }

  /** Something is known to be missing. A look under way may have been too early, and is followed by another. */
  lookNow(): void {
    if (this.#state === 'waiting') this.#wait(0);
    else this.#state = 'looking_again';
  }

  stop(): void {
    this.#end.abort();
    this.#clock.clearTimeout(this.#timer);
    this.#resume();
  }

  #wait(delayMs: number): void {
    this.#state = 'waiting';
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => void this.#look(), delayMs);
  }

  async #look(): Promise<void> {
    const { signal } = this.#end;
    const startedAt = this.#clock.monotonic();
    this.#state = 'looking';
    for (const check of this.#checks) {
      try {
        await check.look({ signal, breathe: this.#breathe });
      } catch (error) {
        if (!signal.aborted)
          this.#logger[loudness(error)]({ err: error }, 'the log could not be compared with');
      }
    }
    if (!signal.aborted) this.#wait(this.#dueIn(startedAt));
  }

  #dueIn(startedAt: number): number {
    if (this.#state === 'looking_again') return 0;
    return Math.max(0, startedAt + BOUNDS.checkMs - this.#clock.monotonic());
  }

  readonly #breathe = (): Promise<void> =>
    new Promise((resolve) => {
      this.#resume = resolve;
      this.#timer = this.#clock.setTimeout(resolve, BOUNDS.checkPauseMs);
    });
}
