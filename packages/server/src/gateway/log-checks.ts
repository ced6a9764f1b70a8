import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import { BOUNDS } from './bounds.js';

/** Compares what this node believes with the store. MUST change nothing any more once `signal` is aborted. */
export interface Check {
  look(signal: AbortSignal): Promise<void>;
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

  constructor(
    checks: readonly Check[],
    { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  ) {
    this.#checks = checks;
    this.#clock = clock;
    this.#logger = logger;
    this.#wait();
  }

  stop(): void {
    this.#end.abort();
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => void this.#look(), BOUNDS.checkMs);
  }

  async #look(): Promise<void> {
    const { signal } = this.#end;
    for (const check of this.#checks) {
      try {
        await check.look(signal);
      } catch (error) {
        if (!signal.aborted)
          this.#logger[loudness(error)]({ err: error }, 'the log could not be compared with');
      }
    }
    if (!signal.aborted) this.#wait();
  }
}
