import type { Logger } from '../../ports/logger.js';
import type { StoreFault } from '../../ports/store-error.js';
import type { StoreMetrics } from '../../ports/store-metrics.js';

/** How a database does, as far as its last transaction told. */
export type Health = { readonly kind: 'well' } | { readonly kind: 'ill'; readonly fault: StoreFault };

export type HealthEvent =
  | { readonly kind: 'committed' }
  | { readonly kind: 'failed'; readonly fault: StoreFault }
  /** The file is where it was opened. */
  | { readonly kind: 'in_place' };

/**
 * Damage does not go away because another page is whole, a file that was taken away is not back because it can be
 * written, and what another server has taken it keeps.
 */
export function nextHealth(health: Health, event: HealthEvent): Health {
  const fault = health.kind === 'ill' ? health.fault : undefined;
  if (fault === 'taken_over') return health;
  if (event.kind === 'failed' && event.fault === 'taken_over') return { kind: 'ill', fault: event.fault };
  if (fault === 'damaged') return health;
  if (event.kind === 'in_place') return fault === 'file_gone' ? { kind: 'well' } : health;
  if (fault === 'file_gone' && !(event.kind === 'failed' && event.fault === 'damaged')) return health;
  if (event.kind === 'failed') return { kind: 'ill', fault: event.fault };
  return { kind: 'well' };
}

/** What is wrong and what to do, for the log. */
const ADVICE: { readonly [K in StoreFault]: string } = {
  disk_full: 'the disk of the database is full: free space on it, the server goes on by itself',
  read_only:
    'the database cannot be written, its disk or folder is read-only: look at the mount and at the rights, the server goes on by itself',
  locked:
    'another process holds a lock on the database: find it (fuser, lsof) and end it, the server goes on by itself',
  damaged:
    'the database is damaged and takes no more writes: stop the server, keep the files, restore a backup (see OPERATIONS.md)',
  file_gone:
    'the file of the database is not where it was opened, it was deleted, moved or replaced, and takes no more writes: put the same file back and the server goes on, else stop the server, restore a backup, start (see OPERATIONS.md)',
  taken_over:
    'another server has taken the database, and this one ends: let one server use it, or several with the same BUS_URL, or give each a database of its own (DATABASE_URL)',
  io_error:
    'the disk of the database does not read or write: look at the kernel log, the server goes on by itself',
  unreachable: 'the database cannot be reached: look at it and at the network, the server goes on by itself',
  other: 'the database refuses transactions: see the cause, the server goes on by itself when it is gone',
};

/** Knows how the database does. Speaks when that changes, and only then: on a full disk every request fails. */
export class StoreHealth {
  readonly #logger: Pick<Logger, 'error' | 'info'>;
  readonly #metrics: Pick<StoreMetrics, 'fault'> | undefined;
  readonly #onTakenOver: (() => void) | undefined;
  #health: Health = { kind: 'well' };

  constructor(
    logger: Pick<Logger, 'error' | 'info'>,
    metrics?: Pick<StoreMetrics, 'fault'>,
    onTakenOver?: () => void,
  ) {
    this.#logger = logger;
    this.#metrics = metrics;
    this.#onTakenOver = onTakenOver;
  }

  get fault(): StoreFault | undefined {
    return this.#health.kind === 'ill' ? this.#health.fault : undefined;
  }

  /** Set while an ack would not hold: what can be written now may not be there after the next start, or is another's. */
  get unsafe(): 'damaged' | 'file_gone' | 'taken_over' | undefined {
    const { fault } = this;
    return fault === 'damaged' || fault === 'file_gone' || fault === 'taken_over' ? fault : undefined;
  }

  inPlace(): void {
    this.#become(nextHealth(this.#health, { kind: 'in_place' }), undefined);
  }

  committed(): void {
    this.#become(nextHealth(this.#health, { kind: 'committed' }), undefined);
  }

  failed(fault: StoreFault, cause: unknown): void {
    this.#become(nextHealth(this.#health, { kind: 'failed', fault }), cause);
  }

  #become(next: Health, cause: unknown): void {
    const before = this.fault;
    this.#health = next;
    if (this.fault === before) return;
    this.#metrics?.fault(this.fault);
    if (next.kind === 'ill') this.#logger.error({ fault: next.fault, err: cause }, ADVICE[next.fault]);
    else this.#logger.info({ was: before }, 'the database works again');
    if (this.fault === 'taken_over') this.#onTakenOver?.();
  }
}
