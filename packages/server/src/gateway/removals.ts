import { BOUNDS } from './bounds.js';

/**
 * Where a user was removed while here, with the entry that did it: a `room.join` that was read before it and answered
 * after it says what is no longer true. That is a matter of one read, so the newest removals are enough: to be wrong, a read
 * would have to take so long that its user was removed from a thousand other rooms meanwhile.
 */
export class Removals {
  /** The newest is last. */
  readonly #seqs = new Map<string, number>();

  note(room: string, seq: number): void {
    this.#seqs.delete(room);
    this.#seqs.set(room, seq);
    const [oldest] = this.#seqs.keys();
    if (this.#seqs.size > BOUNDS.removals && oldest !== undefined) this.#seqs.delete(oldest);
  }

  /** The user is a member again. */
  forget(room: string): void {
    this.#seqs.delete(room);
  }

  of(room: string): number | undefined {
    return this.#seqs.get(room);
  }

  get size(): number {
    return this.#seqs.size;
  }
}
