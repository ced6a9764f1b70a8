/** How to take changes back that are not durable yet, newest first. */
export class Journal {
  #undo: (() => void)[] = [];

  /** A place to go back to. */
  get mark(): number {
    return this.#undo.length;
  }

  note(undo: () => void): void {
    this.#undo.push(undo);
  }

  backTo(mark: number): void {
    while (this.#undo.length > mark) this.#undo.pop()?.();
  }

  /** What was done stays. */
  forget(): void {
    this.#undo = [];
  }
}

/** Rows by key, whose changes can be taken back. */
export class Rows<V> {
  readonly #rows = new Map<string, V>();

  get(key: string): V | undefined {
    return this.#rows.get(key);
  }

  values(): IterableIterator<V> {
    return this.#rows.values();
  }

  put(journal: Journal, key: string, row: V): void {
    const before = this.#rows.get(key);
    journal.note(() => (before === undefined ? this.#rows.delete(key) : this.#rows.set(key, before)));
    this.#rows.set(key, row);
  }

  /** True when there was one. */
  remove(journal: Journal, key: string): boolean {
    const before = this.#rows.get(key);
    if (before === undefined) return false;
    journal.note(() => this.#rows.set(key, before));
    return this.#rows.delete(key);
  }

  /** Removes at most `limit` rows that fit, in the order of `by`; returns how many went. */
  trim(journal: Journal, fits: (row: V) => boolean, by: (row: V) => number, limit: number): number {
    const old = [...this.#rows].filter(([, row]) => fits(row)).sort(([, a], [, b]) => by(a) - by(b));
    for (const [key] of old.slice(0, limit)) this.remove(journal, key);
    return Math.min(old.length, limit);
  }
}

/** Joins parts to a key, so that no two lists of parts have the same one. */
export function keyOf(...parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}
