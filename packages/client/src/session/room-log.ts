/** Entries held back per room while a hole before them is being filled. Past it the hole is given up, and told. */
const HELD_MAX = 1_000;

/** Entries of a room's log that this client will not see. */
export interface Gap {
  readonly room: string;
  /** First and last missing `seq`, inclusive. */
  readonly from: number;
  readonly to: number;
  /**
   * `retention`: older than what the server keeps. `epoch`: the log was lost, in part or whole, and another goes on in its place. `denied`: no longer a member.
   * `unrecovered`: the server could not be asked, or where we were is not known: after a connection without v1, from 1. `overflow`: more than 1,000 entries came
   * before the hole was filled (10,000 in all rooms together), or there are more than 10,000 rooms.
   */
  readonly reason: 'retention' | 'epoch' | 'denied' | 'unrecovered' | 'overflow';
}

interface Held<T> {
  readonly seq: number;
  readonly item: T;
}

/** How far one room's log was delivered (B3), and what waits behind a hole. */
export interface RoomLog<T> {
  /** Undefined until a welcome, join or resume named it. */
  readonly epoch: string | undefined;
  /** Last delivered entry. */
  readonly seq: number;
  /** Last entry that there is, as far as the server has said so. */
  readonly known: number;
  /** `behind`: a resume is asked for. */
  readonly standing: 'level' | 'behind';
  /** Ascending. */
  readonly held: readonly Held<T>[];
}

/** The place of which a resume asks. */
export interface Asked {
  readonly epoch: string;
  readonly seq: number;
}

/** The answer about a room (B3.3): everything there is to replay was sent before it. */
export interface Resumed {
  readonly status: string;
  readonly epoch?: string | undefined;
  readonly seq?: number | undefined;
}

export type RoomLogEvent<T> =
  /** The server says where the log stands: welcome or join ack (B3.2). */
  | readonly ['announced', epoch: string, seq: number]
  | readonly ['entry', seq: number, item: T]
  /** `asked`: the place in the question; undefined: there was none. We may be farther by now, and the log may have been named. */
  | readonly ['resumed', asked: Asked | undefined, answer: Resumed]
  /** Nobody answered; or there is no room to hold more, in all rooms together. */
  | readonly ['given_up', reason: 'unrecovered' | 'overflow']
  /** The connection is gone, and with it whatever was to come on it. */
  | readonly ['cut'];

export type RoomLogEffect<T> =
  | readonly ['deliver', item: T]
  | readonly ['gap', gap: Omit<Gap, 'room'>]
  | readonly ['resume'];

/** The log that follows, undefined when the room is none of ours any more, and what to do in this order. */
export type RoomLogStep<T> = readonly [log: RoomLog<T> | undefined, ...effects: readonly RoomLogEffect<T>[]];

/** One room's log: each `(epoch, seq)` is delivered exactly once and ascending, or reported missing. Pure. */
export function stepRoomLog<T>(log: RoomLog<T> | undefined, event: RoomLogEvent<T>): RoomLogStep<T> {
  switch (event[0]) {
    case 'announced':
      return announced(log, event[1], event[2]);
    case 'entry':
      return log ? entry(log, event[1], event[2]) : first(event[1], event[2]);
    case 'resumed':
      return log ? resumed(log, event[1], event[2]) : [log];
    case 'given_up':
      return log ? release(log, event[1], log.known) : [log];
    case 'cut':
      return [log && { ...log, standing: 'level', held: [] }];
  }
}

/** All there is has been delivered. */
function level<T>(epoch: string | undefined, seq: number): RoomLog<T> {
  return { epoch, seq, known: seq, standing: 'level', held: [] };
}

/** Something is missing: asks for it, unless that was done. */
function behind<T>(log: RoomLog<T>): RoomLogStep<T> {
  const step: RoomLogStep<T> = [{ ...log, standing: 'behind' }];
  return log.standing === 'level' ? [...step, ['resume']] : step;
}

function gap<T>(from: number, to: number, reason: Gap['reason']): RoomLogEffect<T> {
  return ['gap', { from, to, reason }];
}

/** A room entered live, which nobody announced: its first entry is where we start. Of which log, a resume will tell. */
function first<T>(seq: number, item: T): RoomLogStep<T> {
  const [log, ...effects] = behind<T>(level(undefined, seq));
  return [log, ['deliver', item], ...effects];
}

function announced<T>(log: RoomLog<T> | undefined, epoch: string, seq: number): RoomLogStep<T> {
  if (!log) return [level(epoch, seq)];
  if (log.epoch !== undefined && log.epoch !== epoch) return anew(log, epoch, seq);
  if (seq === log.seq) return [{ ...log, epoch }];
  // The server may be behind us: it took the snapshot before an entry that an old connection already brought. Or the log is: a resume tells.
  return behind({ ...log, epoch, known: Math.max(seq, log.known) });
}

function anew<T>(log: RoomLog<T>, epoch: string, seq: number): RoomLogStep<T> {
  // What was held belongs to either log, nobody knows to which: it is part of what is missing.
  const next = log.seq + 1;
  return [level(epoch, seq), gap(next, Math.max(seq, log.held.at(-1)?.seq ?? next), 'epoch')];
}

function entry<T>(log: RoomLog<T>, seq: number, item: T): RoomLogStep<T> {
  if (seq <= log.seq || log.held.some((one) => one.seq === seq)) return [log];
  if (seq === log.seq + 1) return advance(log, item);
  const held = [...log.held, { seq, item }].sort((a, b) => a.seq - b.seq);
  return held.length > HELD_MAX ? release({ ...log, held }, 'overflow') : behind({ ...log, held });
}

/** Delivers the next entry, and what is held and follows it. */
function advance<T>({ epoch, seq: last, known, standing, held }: RoomLog<T>, item: T): RoomLogStep<T> {
  const effects: RoomLogEffect<T>[] = [['deliver', item]];
  let seq = last + 1;
  let index = 0;
  for (let next = held[0]; next && next.seq === seq + 1; next = held[++index]) {
    seq++;
    effects.push(['deliver', next.item]);
  }
  // Every event passes here; a spread would take ten times as long as this.
  return [{ epoch, seq, known, standing, held: index > 0 ? held.slice(index) : held }, ...effects];
}

function resumed<T>(
  log: RoomLog<T>,
  asked: Asked | undefined,
  { status, epoch, seq }: Resumed,
): RoomLogStep<T> {
  if (status === 'denied') return [undefined, gap(log.seq + 1, log.seq + 1, 'denied')];
  // Another log than ours; or the name of ours, which we did not know when we asked, and what is missing of it can be asked for now.
  if (epoch !== undefined && (epoch !== log.epoch || epoch !== asked?.epoch))
    return announced({ ...log, standing: 'level' }, epoch, seq ?? 0);
  // There is nothing where we are: the log went back, to an older copy say, and goes on under numbers that we have seen.
  if (epoch !== undefined && seq !== undefined && status === 'gap' && seq < (asked?.seq ?? 0))
    return anew(log, epoch, seq);
  return release(log, status === 'gap' ? 'retention' : 'unrecovered', seq);
}

/** Stops waiting: delivers all that is held, and reports each hole up to there and up to `end`. */
function release<T>(log: RoomLog<T>, reason: Gap['reason'], end = 0): RoomLogStep<T> {
  const effects: RoomLogEffect<T>[] = [];
  let seq = log.seq;
  const reach = (to: number): void => {
    if (to > seq) effects.push(gap(seq + 1, to, reason));
    seq = Math.max(seq, to);
  };
  for (const one of log.held) {
    reach(one.seq - 1);
    effects.push(['deliver', one.item]);
    seq = one.seq;
  }
  reach(end);
  return [{ ...log, seq, standing: 'level', held: [] }, ...effects];
}
