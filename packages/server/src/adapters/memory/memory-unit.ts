import type { LogEntry } from '../../domain/entities.js';
import type { Journal } from './journal.js';

/** What one work may do while it runs; afterwards it answers no more. */
export class MemoryUnit {
  readonly #journal: Journal;
  /** Log entries appended so far, to be told once they are durable. */
  readonly entries: LogEntry[] = [];
  #phase: 'read' | 'write' | 'over';

  constructor(journal: Journal, phase: 'read' | 'write') {
    this.#journal = journal;
    this.#phase = phase;
  }

  mayRead(): void {
    if (this.#phase === 'over') throw new Error('this unit of work is over: its tx was kept');
  }

  /** Where changes are noted. */
  mayChange(): Journal {
    this.mayRead();
    if (this.#phase === 'read') throw new Error('store.read() must not change anything');
    return this.#journal;
  }

  end(): void {
    this.#phase = 'over';
  }
}
