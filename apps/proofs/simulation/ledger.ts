import type { LogEntry } from '@goconnect/server/core';

/** One entry of a room's log as it became durable. */
export interface Recorded {
  readonly entry: LogEntry;
  /** Virtual time. */
  readonly at: number;
}

interface RoomRecord {
  epoch: string;
  readonly entries: Recorded[];
}

/** The truth that everything is measured by: what the disk took, in order, whatever became of the process. */
export class Ledger {
  readonly #rooms = new Map<string, RoomRecord>();
  /** Logs that were lost, by room and epoch: what was sent of them may still be on its way. */
  readonly #lost = new Map<string, RoomRecord>();
  #losses = 0;
  readonly #lostEffects = new Set<string>();
  /** Effects of sends, edits by the unique words in them. */
  readonly #effects = new Map<string, Recorded[]>();
  /** Who was in a room when its log was lost, and who was removed before. */
  readonly #before = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #faults: (what: string) => void;
  readonly #now: () => number;

  constructor(now: () => number, faults: (what: string) => void) {
    this.#now = now;
    this.#faults = faults;
  }

  record(entries: readonly LogEntry[]): void {
    for (const entry of entries) this.#recordOne({ entry, at: this.#now() });
  }

  /** The log was lost with everything that was said; who is where is still known. */
  lose(userIds: readonly string[]): void {
    for (const room of this.#rooms.keys()) {
      for (const userId of userIds) {
        const key = `${room} ${userId}`;
        if (this.isMember(room, userId)) this.#before.add(key);
        else this.#before.delete(key);
        if (this.wasRemoved(room, userId)) this.#removed.add(key);
      }
    }
    for (const [room, record] of this.#rooms) this.#lost.set(`${room} ${record.epoch}`, record);
    for (const words of this.#effects.keys()) this.#lostEffects.add(words);
    this.#losses++;
    this.#rooms.clear();
    this.#effects.clear();
  }

  /** How many times the log was lost. */
  get losses(): number {
    return this.#losses;
  }

  /** Where the log stands; 0 when nothing was ever said. */
  seq(room: string): number {
    return this.#rooms.get(room)?.entries.at(-1)?.entry.seq ?? 0;
  }

  /** Of the log that has this epoch, by default of the present one. */
  entry(room: string, seq: number, epoch?: string): LogEntry | undefined {
    const record = this.#lost.get(`${room} ${epoch}`) ?? this.#rooms.get(room);
    return record?.entries[seq - 1]?.entry;
  }

  /** The entries at this place in the logs of the room that were lost. */
  lostEntries(room: string, seq: number): readonly LogEntry[] {
    const lost = [...this.#lost].filter(([key]) => key.startsWith(`${room} `));
    return lost.flatMap(([, { entries }]) => entries[seq - 1]?.entry ?? []);
  }

  isLost(room: string, epoch: string | undefined): boolean {
    return this.#lost.has(`${room} ${epoch}`);
  }

  /** Rooms with entries. */
  get rooms(): readonly string[] {
    return [...this.#rooms.keys()];
  }

  /** What came of the operation whose text this is. */
  effects(words: string): readonly Recorded[] {
    return this.#effects.get(words) ?? [];
  }

  /** It took effect in a log that was lost; its ack may still be on its way. */
  isLostEffect(words: string): boolean {
    return this.#lostEffects.has(words);
  }

  /** Was the user in the room when its entry `seq` was said, or did they come in later? Then it is theirs to see. */
  maySee(room: string, userId: string, seq: number): boolean {
    if (!room.startsWith('network:')) return true;
    let inside = this.#before.has(`${room} ${userId}`);
    for (const { entry } of this.#rooms.get(room)?.entries ?? []) {
      if (entry.type === 'member.joined' && entry.data.user_id === userId) {
        if (entry.seq > seq) return true;
        inside = true;
      }
      if (entry.type === 'member.left' && entry.data.user_id === userId && entry.seq < seq) inside = false;
    }
    return inside;
  }

  isMember(room: string, userId: string, before = Number.POSITIVE_INFINITY): boolean {
    if (!room.startsWith('network:')) return true;
    let inside = this.#before.has(`${room} ${userId}`);
    for (const { entry } of this.#rooms.get(room)?.entries ?? []) {
      if (entry.seq >= before) break;
      if (entry.type === 'member.joined' && entry.data.user_id === userId) inside = true;
      if (entry.type === 'member.left' && entry.data.user_id === userId) inside = false;
    }
    return inside;
  }

  wasRemoved(room: string, userId: string): boolean {
    const entries = this.#rooms.get(room)?.entries ?? [];
    if (this.#removed.has(`${room} ${userId}`)) return true;
    return entries.some(({ entry }) => entry.type === 'member.left' && entry.data.user_id === userId);
  }

  /** When the user was removed from the room; undefined for a member, and for who never was one. */
  removedAt(room: string, userId: string): { readonly seq: number; readonly at: number } | undefined {
    let removed: { readonly seq: number; readonly at: number } | undefined;
    for (const { entry, at } of this.#rooms.get(room)?.entries ?? []) {
      if (entry.type === 'member.joined' && entry.data.user_id === userId) removed = undefined;
      if (entry.type === 'member.left' && entry.data.user_id === userId) removed = { seq: entry.seq, at };
    }
    return removed;
  }

  #recordOne(recorded: Recorded): void {
    const { entry } = recorded;
    const room = this.#rooms.get(entry.room) ?? { epoch: entry.epoch, entries: [] };
    this.#rooms.set(entry.room, room);
    if (entry.seq !== room.entries.length + 1)
      this.#faults(`promise 3: ${entry.room} has entry ${entry.seq} after ${room.entries.length}`);
    if (entry.epoch !== room.epoch) this.#faults(`promise 3: ${entry.room} changed its epoch without a loss`);
    room.entries.push(recorded);
    const words = wordsOf(entry);
    if (words === undefined) return;
    const effects = this.#effects.get(words) ?? [];
    this.#effects.set(words, effects);
    effects.push(recorded);
    if (effects.length > 1) this.#faults(`promise 2: "${words}" took effect ${effects.length} times`);
    if (entry.type === 'chat.message' && !this.isMember(entry.room, entry.data.user_id, entry.seq))
      this.#faults(
        `promise 8: ${entry.data.user_id} spoke in ${entry.room} at ${entry.seq}, being no member`,
      );
  }
}

function wordsOf(entry: LogEntry): string | undefined {
  switch (entry.type) {
    case 'chat.message':
      return entry.data.body;
    case 'chat.edited':
      return entry.data.new_body;
    case 'chat.deleted':
      return `delete ${entry.data.message_id}`;
    default:
      return undefined;
  }
}
