import type { ConnectionState, Outbox, PresenceState, RoomLog, RoomOrder, SessionState } from './cores.js';

/** What may happen in one walk. */
export interface Scope {
  /** Messages that each client sends; as many clients as there are figures. */
  readonly operations: readonly number[];
  /** Connections that the network breaks. */
  readonly drops: number;
  readonly crashes: number;
  /** Moves to a new connection while the old one works, as for a drain or a token that runs out. */
  readonly moves: number;
  /** `any`: entries reach the room in whatever order, as over a bus between nodes. */
  readonly bus: 'in_order' | 'any_order';
  /** Presence depends on when the server notices the end of a connection, which nothing else does: walked, it multiplies the states. */
  readonly presence: 'walked' | 'left_out';
  /** Whether entries may be committed between the reading of a connection's rooms and its opening. */
  readonly opening: 'in_two_steps' | 'at_once';
}

/** A message of the wire. The number is an entry's `seq`, or the operation. */
export type Frame =
  | readonly ['send' | 'ack', operation: number]
  | readonly ['resume' | 'welcome' | 'entry' | 'recovered' | 'gap', seq: number]
  | readonly ['close', code: number]
  | readonly ['denied'];

/** Where the server's end of a connection stands in the room. */
export interface Standing {
  readonly mode: 'following' | 'held' | 'catching_up' | 'ahead';
  /** The last entry it has, unless it follows. */
  readonly after: number;
}

export interface ServerEnd {
  state: ConnectionState;
  /** The room's position as it was read while opening. */
  read: number | undefined;
  standing: Standing | undefined;
  /** It has not said anything yet (decision 0012). */
  silent: boolean;
  /** Positions of the resumes that are to be answered, one after the other. */
  resumes: number[];
}

/** One connection: the client's end, what is under way, the server's end. */
export interface Wire {
  readonly id: number;
  role: 'next' | 'current' | 'retired' | 'gone';
  /** The position that its welcome named. */
  welcome: number | undefined;
  /** Nothing new gets through; each end has yet to notice. */
  broken: boolean;
  up: Frame[];
  down: Frame[];
  /** Undefined: the server knows no such connection (any more). */
  server: ServerEnd | undefined;
}

export interface ClientSide {
  session: SessionState;
  /** The timer for the next attempt runs. */
  retrying: boolean;
  wires: Wire[];
  outbox: Outbox;
  /** How many operations the application asked for. */
  asked: number;
  log: RoomLog<number> | undefined;
  /** Wires on which a resume is unanswered. */
  resuming: number[];
  /** A wire that retires is let go when this one's resume is answered. */
  releaseWith: number | undefined;
  /** The last entry that the application was given; undefined before it knows a position. */
  seen: number | undefined;
  /** How each operation ended. */
  settled: (string | undefined)[];
}

export interface ServerSide {
  up: boolean;
  /** The operation of each entry; `seq` is the index plus one. Survives a crash. */
  log: number[];
  /** Entries at the end of the log that would not survive one; 0 in what ships. */
  unsynced: number;
  /** Keys that were committed, with the `seq` of their effect. */
  keys: { operation: number; seq: number }[];
  /** Handed to the store, not committed. */
  pending: { client: number; wire: number; operation: number }[];
  /** Committed entries on the bus. */
  hints: number[];
  room: { order: RoomOrder; seq: number } | undefined;
  /** Reads of missing entries that are under way, by where they start. */
  reading: number[];
  /** Of each user; empty where presence is left out. */
  presence: PresenceState[];
  /** What others were last told of each user. */
  told: ('online' | 'offline')[];
}

export interface World {
  readonly clients: ClientSide[];
  readonly server: ServerSide;
  drops: number;
  crashes: number;
  moves: number;
}

/** Messages are numbered: 10, 11 are those of client 1. */
const EACH = 10;
export const operationOf = (client: number, own: number): number => client * EACH + own;
export const senderOf = (operation: number): number => Math.floor(operation / EACH);
export const ownNumber = (operation: number): number => operation % EACH;

export const EPOCH = 'e';

export const NO_PRESENCE: PresenceState = { status: 'offline', since: 0 };

export function beginning(scope: Scope): World {
  const each = <T>(make: (operations: number) => T): T[] => scope.operations.map(make);
  return {
    clients: each((operations) => ({
      session: { status: 'idle' },
      retrying: false,
      wires: [],
      outbox: new Map(),
      asked: 0,
      log: undefined,
      resuming: [],
      releaseWith: undefined,
      seen: undefined,
      settled: Array.from({ length: operations }, () => undefined),
    })),
    server: {
      up: true,
      log: [],
      unsynced: 0,
      keys: [],
      pending: [],
      hints: [],
      room: undefined,
      reading: [],
      presence: scope.presence === 'walked' ? each(() => NO_PRESENCE) : [],
      told: each(() => 'offline' as const),
    },
    drops: scope.drops,
    crashes: scope.crashes,
    moves: scope.moves,
  };
}

/** A copy to be changed, of one client or all. What the cores made is never changed, so it is shared. */
export function copy({ clients, server, ...budgets }: World, only?: number): World {
  return {
    ...budgets,
    clients: clients.map((client, index) =>
      only !== undefined && only !== index ? client : copyOfClient(client),
    ),
    server: {
      ...server,
      log: [...server.log],
      keys: [...server.keys],
      pending: [...server.pending],
      hints: [...server.hints],
      reading: [...server.reading],
      presence: [...server.presence],
      told: [...server.told],
    },
  };
}

function copyOfClient(client: ClientSide): ClientSide {
  return {
    ...client,
    wires: client.wires.map((wire) => ({
      ...wire,
      up: [...wire.up],
      down: [...wire.down],
      server: wire.server && { ...wire.server, resumes: [...wire.server.resumes] },
    })),
    resuming: [...client.resuming],
    settled: [...client.settled],
  };
}
