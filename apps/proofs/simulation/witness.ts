import type { Gap } from '@goconnect/client';
import type { LogEntry } from '@goconnect/server/core';
import type { Ledger } from './ledger.js';

interface View {
  epoch: string | undefined;
  /** The last entry delivered or declared missing. */
  seq: number;
  /** How many logs had been lost when it began. */
  readonly losses?: number;
  /**
   * `loose`: the client does not know that it is in the room, and begins with whatever comes first. `blind`: it cannot know
   * whether the log that it is told of is the one it was in. Default: `firm`.
   */
  hold?: 'firm' | 'loose' | 'blind';
}

export interface WitnessDeps {
  readonly name: string;
  readonly userId: string;
  readonly ledger: Ledger;
  readonly fault: (what: string) => void;
  /** True where the retention or a loss of the log make a gap honest. */
  readonly mayMiss: (reason: Gap['reason'], room: string) => boolean;
}

/** Watches what one life of one client is told, and holds it against the ledger (promises 3 and 8). */
export class Witness {
  readonly #deps: WitnessDeps;
  readonly #views = new Map<string, View>();

  /** Rooms from which the server let the client go at its own request, whose reply came too late for it. */
  readonly #letGo = new Set<string>();
  /** Rooms that may be declared missing up to where they stood: the client came from a connection without places. */
  #unplaced: Set<string> | undefined;
  /** Where the server last said that a room stands. */
  readonly #placed = new Map<string, View>();

  constructor(deps: WitnessDeps) {
    this.#deps = deps;
  }

  get views(): ReadonlyMap<string, Readonly<View>> {
    return this.#views;
  }

  /** The server said where a room stands: from here on nothing may be missing. */
  announced(room: string, epoch: string, seq: number): void {
    const view = this.#views.get(room);
    this.#letGo.delete(room);
    // It entered live, lost its line before it could ask of which log that was, and then the log itself was lost.
    if (view && view.epoch === undefined && view.losses !== this.#deps.ledger.losses)
      this.#views.set(room, { epoch, seq: Math.min(view.seq, seq), hold: 'blind' });
    else if (!view || view.hold === 'loose') this.#views.set(room, { epoch, seq });
    else view.epoch ??= epoch;
  }

  /** The server let the client in, which had given the request up and does not know. */
  letIn(room: string, epoch: string, seq: number): void {
    if (!this.#views.has(room)) this.#views.set(room, { epoch, seq, hold: 'loose' });
  }

  /** The server named a place, whether it is news to the client or not. */
  placed(room: string, epoch: string, seq: number): void {
    const { ledger, name, fault } = this.#deps;
    if (seq > ledger.seq(room) && !ledger.isLost(room, epoch))
      fault(`promise 3: ${name} was told that ${room} stands at ${seq}, the log does at ${ledger.seq(room)}`);
    this.#placed.set(room, { epoch, seq });
  }

  /** The client is on a connection without v1. */
  plain(): void {
    this.#unplaced = new Set();
  }

  /** The client itself left the room. */
  left(room: string): void {
    this.#views.delete(room);
  }

  letGo(room: string): void {
    this.#letGo.add(room);
  }

  /** A frame with an entry arrived at the client's door. */
  arrived(room: string, seq: number): void {
    const { ledger, userId, name, fault } = this.#deps;
    // Who was in the room when a log was lost is not known entry by entry any more.
    if (ledger.isLost(room, this.#views.get(room)?.epoch)) return;
    // What concerns oneself one hears wherever one is (A4.2).
    if (this.#candidates(room, seq).some((entry) => concerns(entry, userId))) return;
    if (!ledger.maySee(room, userId, seq))
      fault(`promise 8: ${name} got ${room} ${seq} after ${userId} was removed`);
  }

  /** The client told its application of an entry. */
  delivered(type: string, data: unknown, room: string, seq: number): void {
    const { name, ledger, fault } = this.#deps;
    const view = this.#views.get(room);
    const candidates = this.#candidates(room, seq);
    const entry = candidates.find((one) => one.type === type) ?? candidates[0];
    if (entry?.type !== type)
      fault(`promise 3: ${name} was told ${type} at ${room} ${seq}, which is ${entry?.type}`);
    else if (subjectOf(entry.data) !== subjectOf(data))
      fault(
        `promise 3: ${name} was told of ${subjectOf(data)} at ${room} ${seq}, which is ${subjectOf(entry.data)}`,
      );
    if (!view) {
      const mine = (data as { user_id?: string }).user_id === this.#deps.userId;
      // Entered live: the first entry is the beginning. Of one's removal one hears wherever one is (A4.2).
      if (mine && type === 'member.joined')
        this.#views.set(room, { epoch: undefined, seq, losses: ledger.losses });
      else if (!mine || type === 'chat.message')
        fault(`promise 3: ${name} hears ${room} from ${seq} on and was never told where it stands`);
      return;
    }
    const follows = (view.hold ?? 'firm') === 'firm' ? seq === view.seq + 1 : seq > view.seq;
    if (!follows) fault(`promise 3: ${name} was told ${room} ${seq} after ${view.seq}`);
    if (view.hold === 'loose') view.hold = 'firm';
    view.seq = Math.max(view.seq, seq);
  }

  /** What stands at this place of the log that the client follows. One that follows none may still be told of one that was lost. */
  #candidates(room: string, seq: number): readonly LogEntry[] {
    const { ledger } = this.#deps;
    const view = this.#views.get(room);
    const lost = view ? [] : ledger.lostEntries(room, seq);
    return [ledger.entry(room, seq, view?.epoch) ?? [], lost].flat();
  }

  gap({ room, from, to, reason }: Gap): void {
    const { name, fault, mayMiss, ledger, userId } = this.#deps;
    const view = this.#views.get(room);
    if (!view) {
      fault(`promise 3: ${name} was told of a gap in ${room}, which it never was in`);
      return;
    }
    // Once for each room, and up to where the log stood in the welcome.
    if (this.#unplaced?.has(room) === false && reason === 'unrecovered' && from === 1 && to === view.seq) {
      this.#unplaced.add(room);
      return;
    }
    if (from !== view.seq + 1 && (view.hold ?? 'firm') === 'firm')
      fault(`promise 3: ${name} was told of a gap ${from}-${to} in ${room} after ${view.seq}`);
    if (!mayMiss(reason, room))
      fault(`promise 3: ${name} was told of a gap in ${room}, "${reason}" for no reason`);
    if (reason === 'denied') {
      if (room.startsWith('network:') && !ledger.wasRemoved(room, userId) && !this.#letGo.has(room))
        fault(`promise 3: ${name} was denied ${room}, from which ${userId} never was removed`);
      this.#views.delete(room);
    } else if (reason === 'epoch')
      this.#views.set(room, { ...(this.#placed.get(room) ?? { epoch: undefined, seq: to }) });
    else view.seq = Math.max(view.seq, to);
  }

  /** The history is over and all is well again: nothing may be missing any more (liveness). */
  judge(isIn: (room: string) => boolean): void {
    const { name, ledger, fault, userId } = this.#deps;
    for (const [room, { seq, hold = 'firm' }] of this.#views) {
      if (!ledger.isMember(room, userId) || !isIn(room) || hold !== 'firm') continue;
      if (seq !== ledger.seq(room))
        fault(`liveness: ${name} stands at ${room} ${seq}, the log at ${ledger.seq(room)}`);
    }
    for (const room of ledger.rooms) {
      if (!ledger.isMember(room, userId) || !isIn(room) || this.#views.has(room)) continue;
      fault(`liveness: ${name} is in ${room} and does not know it`);
    }
  }
}

function concerns({ type, data }: LogEntry, userId: string): boolean {
  return type !== 'chat.message' && (data as { readonly user_id?: string }).user_id === userId;
}

/** What an entry is about, which stays the same when its words are taken back. */
function subjectOf(data: unknown): string {
  const { id, message_id, user_id, network_id } = data as Record<string, string | undefined>;
  return `${id ?? message_id ?? user_id ?? network_id}`;
}
