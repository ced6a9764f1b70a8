import { StoreError, type Transaction } from '@goconnect/server/core';
import { NODE_BUGS } from './node-bugs.js';
import type { PlantedBug } from './planted-bug.js';
import { knowingItsOwn, withTables } from './with-tables.js';

interface Envelope {
  readonly type?: string;
  readonly op_id?: string;
  readonly room?: string;
  readonly seq?: number;
  readonly data?: Record<string, unknown>;
}

const read = (text: string): Envelope => JSON.parse(text) as Envelope;
const isEntry = (text: string): boolean =>
  text.includes('"seq":') && !text.startsWith('{"type":"session') && !text.startsWith('{"type":"ack');
/** The n-th of what fits is changed by `change`, and then every n-th. */
const every = (n: number, fits: (text: string) => boolean, change: (text: string) => readonly string[]) => {
  let count = 0;
  return (text: string): readonly string[] => (fits(text) && ++count % n === 0 ? change(text) : [text]);
};
const entries = (n: number, change: (text: string) => readonly string[]) => () => every(n, isEntry, change);
/** Holds what fits back until the next of its kind. */
const swapped = (fits: (text: string) => boolean) => () => {
  let held: string | undefined;
  return (text: string): readonly string[] => {
    if (!fits(text)) return [text];
    const before = held;
    held = before === undefined ? text : undefined;
    return before === undefined ? [] : [text, before];
  };
};
const isSend = (text: string) => text.startsWith('{"type":"chat.send"');
const resumed =
  (change: (rooms: Record<string, unknown>[]) => Record<string, unknown>[]) => () => (text: string) => {
    const envelope = read(text);
    const rooms = envelope.data?.rooms;
    if (envelope.type !== 'ack' || !Array.isArray(rooms)) return [text];
    return [JSON.stringify({ ...envelope, data: { rooms: change(rooms as Record<string, unknown>[]) } })];
  };

/** Bugs that must not get past the invariants. Each is planted outside the product, at one of its ports. */
export const BUGS: readonly PlantedBug[] = [
  {
    name: 'ack before commit',
    store(store) {
      return {
        ...withTables(store, (tx) => tx),
        // Answers when the work has run, whatever the disk does.
        write: <T>(work: (tx: Transaction) => Promise<T>) =>
          new Promise<T>((resolve, reject) => {
            store
              .write(async (tx) => {
                const value = await work(tx);
                resolve(value);
                return value;
              })
              .catch(reject);
          }),
      };
    },
  },
  {
    name: 'op_id not remembered',
    store: (store) =>
      withTables(store, (tx) => ({
        ...tx,
        operations: { ...tx.operations, get: async () => undefined, insert: async () => true },
      })),
  },
  {
    name: 'op_id remembered per connection only',
    inbound: () => (text) => [text.replace(/"op_id":"(\w{8})/, (_, head) => `"op_id":"${head}`)],
    // A new process knows nothing of what the last one did.
    store: knowingItsOwn,
  },
  { name: 'epoch kept after the log was lost', newEpoch: () => 'epoch-000000' },
  { name: 'an entry is dropped and its hole hidden', outbound: hidesAHole },
  { name: 'every seventh entry is not sent to a client', outbound: entries(7, () => []), heard: undoGaps },
  {
    name: 'entries are sent twice under new numbers',
    outbound: entries(9, (text) => [
      text,
      text.replace(/"seq":(\d+)/, (_, seq) => `"seq":${Number(seq) + 1}`),
    ]),
  },
  {
    name: 'entries are numbered one too high',
    outbound: entries(5, (text) => [text.replace(/"seq":(\d+)/, (_, seq) => `"seq":${Number(seq) + 1}`)]),
  },
  {
    name: 'resume claims more than it sent',
    outbound: resumed((rooms) => rooms.map((room) => ({ ...room, seq: Number(room.seq ?? 0) + 1 }))),
  },
  {
    name: 'resume says gap for what it could give',
    outbound: resumed((rooms) =>
      rooms.map((room) =>
        room.status === 'recovered' ? { ...room, status: 'gap', seq: Number(room.seq) + 1, from: 1 } : room,
      ),
    ),
  },
  {
    name: 'resume denies a member',
    outbound: resumed((rooms) => rooms.map((room) => ({ room: room.room, status: 'denied' }))),
  },
  {
    name: 'room.join tells the wrong place',
    outbound: () => (text) => [
      text.includes('"status":"joined"')
        ? text.replace(/"seq":(\d+)/, (_, seq) => `"seq":${Number(seq) + 2}`)
        : text,
    ],
  },
  {
    name: 'welcome tells the wrong place',
    outbound: () => (text) => [
      text.startsWith('{"type":"session.welcome"')
        ? text.replace(/"seq":(\d+)/g, (_, seq) => `"seq":${Number(seq) + 1}`)
        : text,
    ],
  },
  {
    name: 'seq assigned outside the transaction',
    store: (store) => {
      let ahead = 0;
      return withTables(store, (tx) => ({
        ...tx,
        log: {
          ...tx.log,
          append: async (room, event, ...rest) => {
            // A number that was handed out to a work that came to nothing is not given back.
            if (++ahead % 11 === 0) await tx.log.append(room, event, ...rest);
            return tx.log.append(room, event, ...rest);
          },
        },
      }));
    },
  },
  {
    name: 'rights read before the lock: removed members speak',
    store: (store) =>
      withTables(store, (tx) => ({
        ...tx,
        networks: {
          ...tx.networks,
          standing: async (id, userId) => {
            const standing = await tx.networks.standing(id, userId);
            return standing && { ...standing, role: standing.role ?? 'member' };
          },
        },
      })),
  },
  {
    name: 'membership removed late: connections stay in the room',
    bus: (bus) => ({
      ...bus,
      publish: (messages) =>
        bus.publish(
          messages.map((message) =>
            message.kind === 'entry' && message.entry.type === 'member.left'
              ? {
                  ...message,
                  entry: { ...message.entry, data: { ...message.entry.data, user_id: 'nobody' } },
                }
              : message,
          ),
        ),
    }),
  },
  {
    name: 'replies to sends are lost',
    outbound: () =>
      every(
        3,
        (text) => text.includes('"status":"sent"'),
        (text) => [text.replace(/"message_id":"[^"]+"/, '"message_id":"msg-wrong"')],
      ),
  },
  { name: 'sends overtake one another', sent: swapped(isSend) },
  { name: 'client resends under a new op_id', sent: renames },
  { name: 'client swallows a delivery', heard: () => counted(6, 'swallowed') },
  { name: 'client delivers twice', heard: () => counted(6, 'told twice') },
  {
    name: 'client drops gaps silently',
    heard: () => (type) => (type === 'gap' ? 'swallowed' : 'told'),
    settings: { sendBufferMessages: 64 },
  },
  {
    name: 'client takes unanswered for acked',
    settled: (outcome) => outcome.catch(() => ({ message_id: 'msg-hoped' })),
  },
  { name: 'a promise that never settles', settled: (outcome) => outcome.catch(() => new Promise(() => {})) },
  {
    name: 'outbox loses its order on the disk',
    storage: (storage) => ({
      ...storage,
      load: (listener) => storage.load({ ...listener, found: (all) => listener.found([...all].reverse()) }),
    }),
  },
  {
    name: 'outbox keeps what was settled',
    storage: (storage) => ({ ...storage, remove: () => {} }),
  },
  { name: 'client does not leave again what it left', sent: leavesOnce },
  { name: 'client never probes a silent line', clientClock: (clock) => slow(clock) },
  { name: 'server never notices a dead peer', settings: { pongWaitMs: 300_000 } },
  {
    name: 'a drain is not announced',
    outbound: () => (text) => (text.startsWith('{"type":"session.draining"') ? [] : [text]),
  },
  // Every 32-bit word of an id keeps enough chance to be unique.
  { name: 'half of the jitter', clientRandom: (random) => () => 0.5 + random() / 2 },
  { name: 'jitter below a floor', clientRandom: (random) => () => floored(random()) },
  { name: 'a drain advises everybody the same moment', outbound: advisesOneMoment },
  { name: 'drain forgets to close', drain: (options) => ({ ...options, deadlineMs: 3_600_000 }) },
  {
    name: 'a commit of unknown outcome is told as refused',
    store: (store) => ({
      ...withTables(store, (tx) => tx),
      write: (work) =>
        store.write(work).catch((error: unknown) => {
          if (!(error instanceof StoreError)) throw error;
          throw new StoreError('failed', error.message);
        }),
    }),
  },
  ...NODE_BUGS,
];

function leavesOnce(): (text: string) => readonly string[] {
  const left = new Set<unknown>();
  return (text) => {
    if (!text.startsWith('{"type":"room.leave"')) return [text];
    const room = read(text).data?.room;
    const again = left.has(room);
    left.add(room);
    return again ? [] : [text];
  };
}

function floored(draw: number): number {
  return draw < 0.5 ? 0.5 + draw * 1e-4 : draw;
}

function advisesOneMoment(): (text: string) => readonly string[] {
  let first: string | undefined;
  return (text) => {
    if (!text.startsWith('{"type":"session.draining"')) return [text];
    return [
      text.replace(/"reconnect_after_ms":(\d+)/, (_, ms) => {
        first ??= ms;
        return `"reconnect_after_ms":${first}`;
      }),
    ];
  };
}

function hidesAHole(): (text: string) => readonly string[] {
  let missing = 0;
  return (text) => {
    if (!isEntry(text)) return [text];
    if (++missing === 8) return [];
    return [missing > 8 ? text.replace(/"seq":(\d+)/, (_, seq) => `"seq":${Number(seq) - 1}`) : text];
  };
}

function undoGaps(): (type: string) => 'told' | 'swallowed' {
  return (type) => (type === 'gap' ? 'swallowed' : 'told');
}

function counted(n: number, what: 'swallowed' | 'told twice') {
  let count = 0;
  return () => (++count % n === 0 ? what : ('told' as const));
}

function renames(): (text: string) => readonly string[] {
  const seen = new Set<string>();
  return (text) => {
    if (!isSend(text)) return [text];
    const { op_id = '' } = read(text);
    if (!seen.has(op_id)) {
      seen.add(op_id);
      return [text];
    }
    return [text.replace(op_id, `f${op_id.slice(1)}`)];
  };
}

function slow(clock: Parameters<NonNullable<PlantedBug['clientClock']>>[0]) {
  return {
    now: () => clock.now(),
    monotonic: () => clock.monotonic(),
    setTimeout: (callback: () => void, ms: number) => clock.setTimeout(callback, ms === 25_000 ? 80_000 : ms),
    clearTimeout: (handle: unknown) => clock.clearTimeout(handle),
  };
}
