/** What the client tells as `storage_failed`, with what to do about it. */
export function withRemedy(message: string, remedy: string): Error {
  return Object.assign(new Error(message), { remedy });
}

/** What a storage has open, for one client at a time. */
export class Opening<T> {
  #opening: Promise<T> | undefined;
  #opened: T | undefined;

  /** Throws while it is open, or being opened, for another client. What cannot be opened can be tried again. */
  async open(begin: () => Promise<T>): Promise<void> {
    if (this.#opening)
      throw withRemedy('The storage belongs to another client', 'Make one storage for each client.');
    const mine = begin();
    this.#opening = mine;
    try {
      this.#opened = await mine;
    } catch (error) {
      if (this.#opening === mine) this.#opening = undefined;
      throw error;
    }
  }

  /** Throws while there is none. */
  get opened(): T {
    if (this.#opened === undefined) throw new Error('The storage is not open');
    return this.#opened;
  }

  /** Also what is still being opened. It may be opened again at once. */
  async close(end: (opened: T) => Promise<void>): Promise<void> {
    const closing = this.#opening;
    this.#opening = undefined;
    const opened = await closing?.catch(() => undefined);
    this.#opened = undefined;
    if (opened !== undefined) await end(opened);
  }
}
