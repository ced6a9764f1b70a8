import type { LogEntry } from '../domain/entities.js';
import { BOUNDS } from './bounds.js';
import type { OutgoingEvent } from './outgoing-event.js';

interface Kept {
  readonly outgoing: OutgoingEvent<LogEntry>;
  readonly heardAt: number;
  readonly bytes: number;
}

/**
 * A room's newest entries, without holes, encoded as they went out (B3.4). A cache: what it does not have is read
 * from the log.
 */
export class HotWindow {
  #kept: Kept[] = [];
  #bytes = 0;

  add(outgoing: OutgoingEvent<LogEntry>, now: number): void {
    const entry = outgoing.event;
    const last = this.#kept.at(-1);
    if (last && last.outgoing.event.seq + 1 !== entry.seq) this.clear();
    // Who deletes must not be quoted by a replay: the log has the new words, this window the old ones.
    if (entry.type === 'chat.deleted' || entry.type === 'chat.redacted')
      this.#forgetMessage(entry.data.message_id);
    // Twice: the other dialect may be encoded later.
    const bytes = 2 * outgoing.frame('v1').length;
    this.#kept.push({ outgoing, heardAt: now, bytes });
    this.#bytes += bytes;
    this.#trim(now);
  }

  /** Entries after `seq`, at most `limit`; undefined when the window does not reach back so far. */
  after(seq: number, limit: number): readonly OutgoingEvent<LogEntry>[] | undefined {
    const first = this.#kept[0]?.outgoing.event.seq;
    if (first === undefined || seq + 1 < first) return undefined;
    const start = seq + 1 - first;
    return this.#kept.slice(start, start + limit).map((kept) => kept.outgoing);
  }

  clear(): void {
    this.#forget(this.#kept.length);
  }

  /** What it holds in memory, about. */
  get bytes(): number {
    return this.#bytes;
  }

  #trim(now: number): void {
    const { hotEntries, hotEntriesMost, hotAgeMs } = BOUNDS;
    let excess = 0;
    while (this.#kept.length - excess > hotEntries) {
      const { heardAt } = this.#kept[excess] as Kept;
      if (now - heardAt < hotAgeMs && this.#kept.length - excess <= hotEntriesMost) break;
      excess++;
    }
    // In pieces: taking one off the front of a long array at each entry would move the rest each time.
    if (excess >= 64) this.#forget(excess);
  }

  #forgetMessage(id: string): void {
    let count = this.#kept.length;
    while (count > 0 && !quotes((this.#kept[count - 1] as Kept).outgoing.event, id)) count--;
    this.#forget(count);
  }

  #forget(count: number): void {
    for (const { bytes } of this.#kept.splice(0, count)) this.#bytes -= bytes;
  }
}

function quotes(entry: LogEntry, messageId: string): boolean {
  if (entry.type === 'chat.message') return entry.data.id === messageId;
  return entry.type === 'chat.edited' && entry.data.message_id === messageId;
}
