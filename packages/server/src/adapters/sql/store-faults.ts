import type { Clock } from '@goconnect/protocol';
import type { StoreFault } from '../../ports/store-error.js';
import type { SqlDatabase } from './sql-database.js';
import type { StoreHealth } from './store-health.js';

/** So long a transaction that went well shows that the next one would … */
const PROOF_MS = 4_000;
/** … and one that failed that the next one would not: whoever asks `/ready` all the time must not wear the disk out. */
const DOUBT_MS = 900;

/** Notes what each transaction showed of the database, and for how long that holds. */
export class StoreFaults {
  readonly #database: Pick<SqlDatabase, 'closerFault' | 'isInPlace'>;
  readonly #health: StoreHealth;
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** When the last transaction showed how the database does; monotonic. */
  #seenAt: number;

  constructor(
    database: Pick<SqlDatabase, 'closerFault' | 'isInPlace'>,
    health: StoreHealth,
    clock: Pick<Clock, 'monotonic'>,
  ) {
    this.#database = database;
    this.#health = health;
    this.#clock = clock;
    this.#seenAt = clock.monotonic();
  }

  /** What is wrong now. */
  get current(): StoreFault | undefined {
    return this.#health.fault;
  }

  get unsafe(): StoreHealth['unsafe'] {
    return this.#health.unsafe;
  }

  /** Whether what was seen last says nothing about now any more. */
  get isStale(): boolean {
    return this.#age() >= (this.current === undefined ? PROOF_MS : DOUBT_MS);
  }

  noteSuccess(): void {
    this.#seenAt = this.#clock.monotonic();
    this.#health.committed();
  }

  /** Returns what is wrong, after a closer look where one is due. */
  noteFault(fault: StoreFault, cause: unknown): StoreFault {
    const known = this.current;
    // Every request fails now: a closer look at each of them would be a load of its own.
    if (known !== undefined && !isFinal(fault) && this.#age() < DOUBT_MS) return known;
    const closer = this.#database.closerFault(fault);
    this.#seenAt = this.#clock.monotonic();
    this.#health.failed(closer, cause);
    return this.current ?? closer;
  }

  /** Every transaction goes well in a file that nobody will find again. */
  checkFileInPlace(): void {
    if (this.#database.isInPlace?.() ?? true) this.#health.inPlace();
    else this.#health.failed('file_gone', undefined);
  }

  #age(): number {
    return this.#clock.monotonic() - this.#seenAt;
  }
}

/** What does not go away by itself is told whatever was wrong before. */
function isFinal(fault: StoreFault): boolean {
  return fault === 'damaged' || fault === 'taken_over';
}
