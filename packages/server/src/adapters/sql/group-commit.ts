import type { Clock } from '@goconnect/protocol';
import { StoreError, type StoreErrorReason, type StoreFault } from '../../ports/store-error.js';
import type { CommitOutcome, StoreMetrics } from '../../ports/store-metrics.js';
import type { LockPatience } from './lock-patience.js';
import type { AnyPendingWork } from './pending-work.js';
import { type Attempt, CommitInDoubt, type Committed } from './write-transaction.js';

/** Works that may wait; past it the store is busy and says so. A turn of the loop brings a few hundred at most. */
const MAX_WAITING = 10_000;
/** Works of one transaction … */
const MAX_WORKS = 256;
/** … and how long it may take them before others get the loop (A1.6: 50 ms at most) or the rooms it holds. */
const MAX_FILL_MS = 15;
/** How often a single work is tried when another node keeps getting in its way. */
const MAX_TRIES = 5;

export interface GroupCommitHost {
  /** Runs `fill` in one transaction and commits it; rejects when nothing of it took effect, or with a `CommitInDoubt`. */
  transaction(fill: (attempt: Attempt) => Promise<void>): Promise<Committed>;
  isConflict(error: unknown): boolean;
  /** Told after each commit, before its works are; of one that was in doubt the host knows already. */
  committed(committed: Committed): void;
  /** What came of a commit, and what is wrong with the database; `unknown` when nobody can tell in time. */
  findOut(
    doubt: CommitInDoubt,
  ): Promise<{ readonly outcome: CommitOutcome | 'unknown'; readonly fault: StoreFault }>;
  /** Told when a transaction was lost. Returns what is wrong with the database, where that is why. */
  failed(error: unknown): StoreFault | undefined;
}

/**
 * Everything that is handed in within one turn of the event loop shares a transaction and its fsync. One transaction
 * at a time, works in the order they came.
 */
export class GroupCommit {
  readonly #host: GroupCommitHost;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #patience: Pick<LockPatience, 'outlasts' | 'renew'>;
  readonly #metrics: StoreMetrics | undefined;
  readonly #waiting: AnyPendingWork[] = [];
  #draining: Promise<void> | undefined;

  constructor(
    host: GroupCommitHost,
    clock: Pick<Clock, 'monotonic'>,
    patience: Pick<LockPatience, 'outlasts' | 'renew'>,
    metrics?: StoreMetrics,
  ) {
    this.#host = host;
    this.#clock = clock;
    this.#patience = patience;
    this.#metrics = metrics;
  }

  /** Queues a work; throws when too many wait. */
  add(work: AnyPendingWork): void {
    if (this.#waiting.length >= MAX_WAITING) {
      this.#metrics?.refused('busy', 1);
      throw new StoreError('busy', `${MAX_WAITING} writes wait already`);
    }
    this.#waiting.push(work);
    this.#draining ??= this.#drain();
  }

  /** Resolves when everything handed in so far is settled. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // Lets the turn end, and those waiting for the connection have it in between.
      await new Promise<void>((resolve) => setImmediate(resolve));
      await this.#commitSome();
    }
    this.#draining = undefined;
  }

  async #commitSome(): Promise<void> {
    const taken: AnyPendingWork[] = [];
    const started = this.#clock.monotonic();
    const deadline = started + MAX_FILL_MS;
    try {
      const committed = await this.#host.transaction(async (attempt) => {
        this.#patience.renew();
        while (taken.length < MAX_WORKS && (taken.length === 0 || this.#clock.monotonic() < deadline)) {
          const work = this.#waiting.shift();
          if (work === undefined) break;
          taken.push(work);
          if ((await attempt(work)) === 'done') continue;
          taken.pop();
          this.#waiting.unshift(work);
          break;
        }
      });
      this.#host.committed(committed);
      this.#settle(taken, started);
    } catch (error) {
      if (error instanceof CommitInDoubt) await this.#findOut(taken, error, started);
      else if (this.#host.isConflict(error)) await this.#oneByOne(taken);
      // Not begun: everybody waits where they are.
      else if (taken.length === 0 && (await this.#patience.outlasts(error))) return;
      // When not even BEGIN works, those waiting would fare no better.
      else this.#lose(taken.length > 0 ? taken : this.#waiting.splice(0), error);
    }
  }

  /** Each work in a transaction of its own: the fewer rows are held, the less two nodes get in each other's way. */
  async #oneByOne(works: readonly AnyPendingWork[]): Promise<void> {
    for (const work of works) await this.#alone(work, MAX_TRIES);
  }

  async #alone(work: AnyPendingWork, tries: number): Promise<void> {
    const started = this.#clock.monotonic();
    try {
      // The first work of a transaction is always done: it may wait.
      const committed = await this.#host.transaction(async (attempt) => void (await attempt(work)));
      this.#host.committed(committed);
      this.#settle([work], started);
    } catch (error) {
      if (error instanceof CommitInDoubt) await this.#findOut([work], error, started);
      else if (tries > 1 && this.#host.isConflict(error)) await this.#alone(work, tries - 1);
      else this.#lose([work], error);
    }
  }

  /** Nobody is told "refused" of what may have taken effect: they would do it again. */
  async #findOut(works: readonly AnyPendingWork[], doubt: CommitInDoubt, started: number): Promise<void> {
    const { outcome, fault } = await this.#host.findOut(doubt);
    if (outcome === 'committed') this.#settle(works, started);
    else this.#reject(works, outcome === 'lost' ? 'failed' : 'unknown_outcome', { cause: doubt, fault });
  }

  #settle(works: readonly AnyPendingWork[], started: number): void {
    const seconds = (this.#clock.monotonic() - started) / 1_000;
    this.#metrics?.committed({ works: works.length, waiting: this.#waiting.length, seconds });
    for (const work of works) work.settle();
  }

  #lose(works: readonly AnyPendingWork[], cause: unknown): void {
    this.#reject(works, 'failed', { cause, fault: this.#host.failed(cause) });
  }

  #reject(
    works: readonly AnyPendingWork[],
    reason: keyof typeof TEXTS & StoreErrorReason,
    why: { readonly cause: unknown; readonly fault: StoreFault | undefined },
  ): void {
    this.#metrics?.refused(reason, works.length);
    const error = new StoreError(reason, TEXTS[reason], why);
    for (const work of works) work.lose(error);
  }
}

const TEXTS = {
  failed: 'the transaction was lost, nothing of it took effect',
  unknown_outcome: 'nobody knows whether the transaction took effect',
};
