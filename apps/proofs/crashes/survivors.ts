import { openNativeSqlite, openStore, type Transaction } from '../contracts/adapters.js';

/** A message that was sent, and the answer that came. */
export interface Acknowledged {
  readonly userId: string;
  readonly opId: string;
  readonly body: string;
  readonly reply: { readonly message_id: string };
}

/** What a room of a database holds. */
export interface Survivors {
  readonly epoch: string | undefined;
  /** Place of the newest entry, as the room knows it. */
  readonly seq: number | undefined;
  readonly entries: readonly { readonly seq: number; readonly epoch: string; readonly id: string }[];
  readonly messages: readonly { readonly seq: number; readonly id: string; readonly body: string }[];
  /** Reply by operation, as JSON. */
  readonly replies: ReadonlyMap<string, string | undefined>;
}

const clock = { now: () => Date.now(), monotonic: () => performance.now(), setTimeout, clearTimeout };
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const ALL = 1_000_000;

/** Starts the real store on a file, reads everything in a room and closes it again. */
export async function readSurvivors(
  path: string,
  room: string,
  operations: readonly Acknowledged[],
): Promise<Survivors> {
  const store = await openStore({ url: `file:${path}`, clock, logger: silent });
  try {
    return await store.read((tx) => survivorsIn(tx, room, operations));
  } finally {
    await store.close();
  }
}

/** The same, and lets the store go on where it stopped: `next` is the place of an entry that it appends. */
export async function readAndAppend(
  path: string,
  room: string,
  operations: readonly Acknowledged[],
): Promise<Survivors & { readonly next: number }> {
  const store = await openStore({ url: `file:${path}`, clock, logger: silent });
  try {
    const survivors = await store.read((tx) => survivorsIn(tx, room, operations));
    const event = { type: 'member.left', data: { network_id: 'lobby', user_id: 'after' } } as const;
    const next = await store.write(async (tx) => (await tx.log.append(room, event, 1)).seq);
    return { ...survivors, next };
  } finally {
    await store.close();
  }
}

async function survivorsIn(
  tx: Transaction,
  room: string,
  operations: readonly Acknowledged[],
): Promise<Survivors> {
  const [position] = await tx.log.positions([room]);
  const entries = await tx.log.entries(room, 0, ALL);
  const messages = await tx.messages.page({ scope: room, limit: ALL, afterSeq: 0 });
  const replies = new Map<string, string | undefined>();
  for (const { userId, opId } of operations)
    replies.set(opId, (await tx.operations.get(userId, opId))?.reply);
  return {
    epoch: position?.epoch,
    seq: position?.seq,
    entries: entries.map((entry) => ({
      seq: entry.seq,
      epoch: entry.epoch,
      id: entry.type === 'chat.message' ? entry.data.id : entry.type,
    })),
    messages: messages.map(({ id, seq, body }) => ({ id, seq, body })),
    replies,
  };
}

/** `ok`, or what SQLite finds wrong with the file. */
export async function integrityOf(path: string): Promise<unknown> {
  const native = await openNativeSqlite(path);
  try {
    return native.pragma('integrity_check');
  } finally {
    native.close();
  }
}

/** Everything that breaks a promise, in words; empty when nothing does. */
export function judgeSurvivors(
  found: Survivors,
  acknowledged: readonly Acknowledged[],
  epoch: string,
): string[] {
  const faults: string[] = [];
  const check = (holds: boolean, fault: string) => void (holds || faults.push(fault));
  const messages = new Map(found.messages.map((message) => [message.id, message]));
  const bodies = new Set(found.messages.map(({ body }) => body));

  check(found.epoch === epoch, `the epoch is ${found.epoch}, not ${epoch}`);
  check(found.seq === found.entries.length, `seq ${found.seq} with ${found.entries.length} entries`);
  check(bodies.size === found.messages.length, 'a message is there twice');
  check(
    messages.size === found.entries.length,
    `${messages.size} messages of ${found.entries.length} entries`,
  );
  for (const [index, entry] of found.entries.entries()) {
    check(entry.seq === index + 1, `entry ${index + 1} has seq ${entry.seq}`);
    check(entry.epoch === epoch, `entry ${entry.seq} is of epoch ${entry.epoch}`);
    check(messages.get(entry.id)?.seq === entry.seq, `entry ${entry.seq} has no message`);
  }
  for (const { opId, body, reply } of acknowledged) {
    check(messages.get(reply.message_id)?.body === body, `lost: ${reply.message_id}`);
    check(found.replies.get(opId) === JSON.stringify(reply), `the answer to ${opId} is not the same`);
  }
  return faults;
}
