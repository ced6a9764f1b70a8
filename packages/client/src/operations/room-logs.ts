import type { EventData, ReplyData, RequestData } from '@goconnect/protocol/validators';
import { type Asked, type Gap, type RoomLog, type RoomLogEvent, stepRoomLog } from '../session/room-log.js';

type Positions = RequestData<'session.resume'>['positions'];

export interface RoomLogPorts<T> {
  deliver(item: T): void;
  onGap(gap: Gap): void;
  /** Asks the server for what is missing. */
  resume(positions: Positions): Promise<ReplyData<'session.resume'>>;
}

/** The logs of all rooms. Rooms that fall behind at one moment are asked for in one message. */
export interface RoomLogs<T> {
  /**
   * A new connection is in use: compares with its welcome and asks for what is missing, also where another was asked before. Rooms that the welcome does not name are asked about too, unless
   * they will be joined again anyway. Resolves when the answer is in; undefined when there is nothing to ask.
   */
  welcomed(
    rooms: EventData<'session.welcome'>['rooms'],
    rejoined: (room: string) => boolean,
  ): Promise<void> | undefined;
  joined(room: string, epoch: string, seq: number): void;
  has(room: string): boolean;
  entry(room: string, seq: number, item: T): void;
  left(room: string): void;
  /** The server will not have us there again. */
  denied(room: string): void;
  cut(): void;
}

/** Rooms whose place is known; as many as one resume may ask for. The one known longest makes room. */
const ROOMS_MAX = 10_000;
/** No log has it: the answer names the one that there is. */
const NO_EPOCH = '?';
/** Entries held back in all rooms together. */
const HELD_MAX = 10_000;

export function createRoomLogs<T>(ports: RoomLogPorts<T>): RoomLogs<T> {
  const logs = new Map<string, RoomLog<T>>();
  const behind = new Set<string>();
  /** The question whose answer is awaited. None about a room that was left, or that was asked about on an earlier connection. */
  const open = new Map<string, object>();
  /** Asked about a second time, because nobody answered the first. */
  const twice = new Set<string>();
  let held = 0;
  let asking: Promise<void> | undefined;

  const take = (room: string, event: RoomLogEvent<T>): void => {
    const before = logs.get(room);
    const { log, effects } = stepRoomLog(before, event);
    held += (log?.held.length ?? 0) - (before?.held.length ?? 0);
    if (log) logs.set(room, log);
    else logs.delete(room);
    for (const effect of effects) {
      if (effect.run === 'deliver') ports.deliver(effect.item);
      else if (effect.run === 'gap') ports.onGap({ room, ...effect.gap });
      else askFor(room);
    }
    if (held > HELD_MAX) take(room, { type: 'given_up', reason: 'overflow' });
    const [oldest] = logs;
    if (oldest && logs.size > ROOMS_MAX) {
      const [name, { seq, held: lost }] = oldest;
      const from = seq + 1;
      left(name);
      ports.onGap({ room: name, from, to: lost.at(-1)?.seq ?? from, reason: 'overflow' });
    }
  };
  /** Nothing that was asked about the room counts any more. */
  const unasked = (room: string): void => {
    open.delete(room);
    twice.delete(room);
  };
  const left = (room: string): void => {
    held -= logs.get(room)?.held.length ?? 0;
    logs.delete(room);
    unasked(room);
  };
  const askFor = (room: string): void => {
    behind.add(room);
    asking ??= Promise.resolve().then(ask);
  };
  const ask = async (): Promise<void> => {
    const positions = [...behind].flatMap((room) => {
      const log = logs.get(room);
      return log ? [{ room, epoch: log.epoch ?? NO_EPOCH, seq: log.seq }] : [];
    });
    behind.clear();
    asking = undefined;
    if (positions.length === 0) return;
    const asked = new Map<string, Asked>(positions.map((position) => [position.room, position]));
    for (const room of asked.keys()) open.set(room, asked);
    const answered = (room: string, event: RoomLogEvent<T>): void => {
      if (open.get(room) !== asked) return;
      unasked(room);
      take(room, event);
    };
    try {
      const { rooms } = await ports.resume(positions);
      for (const one of rooms) answered(one.room, { ...one, type: 'resumed', asked: asked.get(one.room) });
    } catch {
      // The device may have slept, and the line be dead: then the next one is asked. If it is not, this one is, once more.
      for (const room of asked.keys()) {
        if (open.get(room) !== asked || twice.has(room)) continue;
        open.delete(room);
        twice.add(room);
        askFor(room);
      }
    }
    // Also a room that the answer leaves out waits for nothing any more.
    for (const room of asked.keys()) answered(room, { type: 'given_up', reason: 'unrecovered' });
  };

  /** The next connection asks anew for all that is missing. */
  const cut = (): void => {
    behind.clear();
    open.clear();
    twice.clear();
    for (const room of logs.keys()) take(room, { type: 'cut' });
  };

  return {
    welcomed(rooms, rejoined) {
      // A move keeps the old connection for a while; what is unanswered there is asked anew here.
      cut();
      const known = new Set(logs.keys());
      for (const one of rooms) {
        known.delete(one.room);
        take(one.room, { ...one, type: 'announced' });
      }
      for (const room of known) if (!rejoined(room)) askFor(room);
      return asking;
    },
    joined: (room, epoch, seq) => take(room, { type: 'announced', epoch, seq }),
    has: (room) => logs.has(room),
    entry: (room, seq, item) => take(room, { type: 'entry', seq, item }),
    left,
    denied(room) {
      unasked(room);
      take(room, { type: 'resumed', asked: undefined, status: 'denied' });
    },
    cut,
  };
}
