import type { Clock } from '@goconnect/protocol';
import type { CommitOutcome } from '../../ports/store-metrics.js';
import type { CommitInDoubt } from './write-transaction.js';

/** So long those wait whose commit is in doubt, and whoever comes behind them: half of what a client waits for a reply. */
const PATIENCE_MS = 5_000;
const PAUSE_MS = 100;

export interface DoubtHost {
  /** What came of the commit, once and for all; rejects while nobody knows. */
  outcomeOf(doubt: CommitInDoubt): Promise<CommitOutcome>;
  /** Told once for each doubt, before anything else is written. */
  found(doubt: CommitInDoubt, outcome: CommitOutcome): void;
  /** Told of each time that nobody knew. */
  failed(error: unknown): void;
}

/**
 * The one commit that the database did not answer for. Nothing else is written until it is known what came of that: its
 * entries stand before all others, or not at all.
 */
export class Doubt {
  readonly #host: DoubtHost;
  readonly #clock: Pick<Clock, 'monotonic' | 'setTimeout'>;
  #open: CommitInDoubt | undefined;
  #asking: Promise<CommitOutcome> | undefined;

  constructor(host: DoubtHost, clock: Pick<Clock, 'monotonic' | 'setTimeout'>) {
    this.#host = host;
    this.#clock = clock;
  }

  raise(doubt: CommitInDoubt): void {
    this.#open = doubt;
  }

  /** Resolves when nothing is in doubt, rejects with why something still is. */
  async end(): Promise<void> {
    if (this.#open !== undefined) await this.#ask(this.#open);
  }

  /** What came of this commit; `unknown` when that cannot be found out in time. */
  async findOut(doubt: CommitInDoubt): Promise<CommitOutcome | 'unknown'> {
    const until = this.#clock.monotonic() + PATIENCE_MS;
    for (let left = PATIENCE_MS / PAUSE_MS; ; left--) {
      try {
        return await this.#ask(doubt);
      } catch (error) {
        this.#host.failed(error);
        if (left <= 0 || this.#clock.monotonic() >= until) return 'unknown';
      }
      await new Promise<void>((resolve) => {
        this.#clock.setTimeout(resolve, PAUSE_MS);
      });
    }
  }

  /** Many may ask at once, and each answer counts for all of them. */
  #ask(doubt: CommitInDoubt): Promise<CommitOutcome> {
    this.#asking ??= this.#host
      .outcomeOf(doubt)
      .then((outcome) => {
        this.#open = undefined;
        this.#host.found(doubt, outcome);
        return outcome;
      })
      .finally(() => {
        this.#asking = undefined;
      });
    return this.#asking;
  }
}
