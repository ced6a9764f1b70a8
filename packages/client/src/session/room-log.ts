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

export type RoomLogEvent<T> =
  /** The server says where the log stands: welcome or join ack (B3.2). */
  | { readonly type: 'announced'; readonly epoch: string; readonly seq: number }
  | { readonly type: 'entry'; readonly seq: number; readonly item: T }
  /** The answer to a resume (B3.3): everything there is to replay was sent before it. */
  | {
      readonly type: 'resumed';
      /** The place in the question; undefined: there was none. We may be farther by now, and the log may have been named. */
      readonly asked: Asked | undefined;
      readonly status: string;
      readonly epoch?: string | undefined;
      readonly seq?: number | undefined;
    }
  /** Nobody answered; or there is no room to hold more, in all rooms together. */
  | { readonly type: 'given_up'; readonly reason: 'unrecovered' | 'overflow' }
  /** The connection is gone, and with it whatever was to come on it. */
  | { readonly type: 'cut' };

export type RoomLogEffect<T> =
  | { readonly run: 'deliver'; readonly item: T }
  | { readonly run: 'gap'; readonly gap: Omit<Gap, 'room'> }
  | { readonly run: 'resume' };

export interface RoomLogStep<T> {
  /** Undefined: the room is none of ours any more. */
  readonly log: RoomLog<T> | undefined;
  readonly effects: readonly RoomLogEffect<T>[];
}

/** One room's log: each `(epoch, seq)` is delivered exactly once and ascending, or reported missing. Pure. */
export function stepRoomLog<T>(log: RoomLog<T> | undefined, event: RoomLogEvent<T>): RoomLogStep<T> {
  switch (event.type) {
    case 'announced':
      return announced(log, event.epoch, event.seq);
    case 'entry':
      return log ? entry(log, event.seq, event.item) : first(event.seq, event.item);
    case 'resumed':
      return log ? resumed(log, event) : { log, effects: [] };
    case 'given_up':
      return log ? release(log, event.reason, log.known) : { log, effects: [] };
    case 'cut':
      return { log: log && { ...log, standing: 'level', held: [] }, effects: [] };
  }
}

/** All there is has been delivered. */
function level<T>(epoch: string | undefined, seq: number): RoomLog<T> {
  return { epoch, seq, known: seq, standing: 'level', held: [] };
}

/** A room entered live, which nobody announced: its first entry is where we start. Of which log, a resume will tell. */
function first<T>(seq: number, item: T): RoomLogStep<T> {
  return {
    log: { ...level(undefined, seq), standing: 'behind' },
    effects: [{ run: 'deliver', item }, { run: 'resume' }],
  };
}

function announced<T>(log: RoomLog<T> | undefined, epoch: string, seq: number): RoomLogStep<T> {
  if (!log) return { log: level(epoch, seq), effects: [] };
  if (log.epoch !== undefined && log.epoch !== epoch) return anew(log, epoch, seq);
  if (seq === log.seq) return { log: { ...log, epoch }, effects: [] };
  // The server may be behind us: it took the snapshot before an entry that an old connection already brought. Or the log is: a resume tells.
  return {
    log: { ...log, epoch, known: Math.max(seq, log.known), standing: 'behind' },
    effects: log.standing === 'level' ? [{ run: 'resume' }] : [],
  };
}

function anew<T>(log: RoomLog<T>, epoch: string, seq: number): RoomLogStep<T> {
  return {
    log: level(epoch, seq),
    // What was held belongs to either log, nobody knows to which: it is part of what is missing.
    effects: [
      {
        run: 'gap',
        gap: { from: log.seq + 1, to: Math.max(seq, log.held.at(-1)?.seq ?? log.seq + 1), reason: 'epoch' },
      },
    ],
  };
}

function entry<T>(log: RoomLog<T>, seq: number, item: T): RoomLogStep<T> {
  if (seq <= log.seq || log.held.some((one) => one.seq === seq)) return { log, effects: [] };
  if (seq === log.seq + 1) return advance(log, item);
  const held = [...log.held, { seq, item }].sort((a, b) => a.seq - b.seq);
  if (held.length > HELD_MAX) return release({ ...log, held }, 'overflow');
  return {
    log: { ...log, held, standing: 'behind' },
    effects: log.standing === 'level' ? [{ run: 'resume' }] : [],
  };
}

/** Delivers the next entry, and what is held and follows it. */
function advance<T>({ epoch, seq: last, known, standing, held }: RoomLog<T>, item: T): RoomLogStep<T> {
  const effects: RoomLogEffect<T>[] = [{ run: 'deliver', item }];
  let seq = last + 1;
  let index = 0;
  for (let next = held[0]; next && next.seq === seq + 1; next = held[++index]) {
    seq++;
    effects.push({ run: 'deliver', item: next.item });
  }
  // Every event passes here; a spread would take ten times as long as this.
  return { log: { epoch, seq, known, standing, held: index > 0 ? held.slice(index) : held }, effects };
}

function resumed<T>(
  log: RoomLog<T>,
  { asked, status, epoch, seq }: Extract<RoomLogEvent<T>, { type: 'resumed' }>,
): RoomLogStep<T> {
  if (status === 'denied') {
    return {
      log: undefined,
      effects: [{ run: 'gap', gap: { from: log.seq + 1, to: log.seq + 1, reason: 'denied' } }],
    };
  }
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
    if (to > seq) effects.push({ run: 'gap', gap: { from: seq + 1, to, reason } });
    seq = Math.max(seq, to);
  };
  for (const one of log.held) {
    reach(one.seq - 1);
    effects.push({ run: 'deliver', item: one.item });
    seq = one.seq;
  }
  reach(end);
  return { log: { ...log, seq, standing: 'level', held: [] }, effects };
}
