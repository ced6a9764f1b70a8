/** Keys that are known at once; the oldest goes first. */
const MOST = 10_000;

/**
 * Operations that got no answer because nobody knew it. Their clients come back and ask again; while still nobody
 * knows, a refusal would be an answer about the repeat only, and would be taken for one about the operation.
 */
export class Unanswered {
  readonly #keys = new Set<string>();

  add(key: string): void {
    // Last again.
    this.#keys.delete(key);
    this.#keys.add(key);
    if (this.#keys.size <= MOST) return;
    const [oldest = ''] = this.#keys;
    this.#keys.delete(oldest);
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  delete(key: string): void {
    this.#keys.delete(key);
  }
}
