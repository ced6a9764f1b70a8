import type { Meta } from '@goconnect/protocol/validators';
import type { Entry, EventBody } from './entities.js';

/** The ordered events of one room (B3.1). Kept from `oldest` on; what is older is a gap (B3.4). */
export class RoomLog {
  #entries: Entry[] = [];
  #seq = 0;

  constructor(
    readonly room: string,
    readonly epoch: string,
    readonly keep: number,
  ) {}

  /** Place of the newest entry; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** The oldest `seq` still to be had; one past the newest when nothing is. */
  get oldest(): number {
    return this.#seq - this.#entries.length + 1;
  }

  append(event: EventBody, meta?: Meta): Entry {
    const entry = { ...event, room: this.room, seq: ++this.#seq, ...(meta && { meta }) };
    this.#entries.push(entry);
    if (this.#entries.length > this.keep) this.#entries.shift();
    return entry;
  }

  /** Entries with `seq` over `after`, in order. */
  after(seq: number): readonly Entry[] {
    return this.#entries.slice(Math.max(0, seq - this.oldest + 1));
  }

  /** Puts other words in the place of some entries; their places and their order stay. */
  rewrite(change: (entry: Entry) => Entry): void {
    this.#entries = this.#entries.map(change);
  }

  /** Forgets everything up to and including `seq`, as retention does. */
  forget(seq: number): void {
    this.#entries.splice(0, Math.max(0, seq - this.oldest + 1));
  }
}
