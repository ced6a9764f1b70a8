import type { SystemCall } from './system-calls.js';

/** Where the commit of an operation stood when the ack left: only `synced` keeps B4.2. */
export type AckVerdict = 'synced' | 'not_synced' | 'not_committed' | 'not_written';

export interface JudgedAck {
  readonly opId: string;
  readonly messageId: string;
  readonly verdict: AckVerdict;
}

interface Logged {
  /** The page in which the operation stood first. */
  readonly page: string;
  /** When the last page of its transaction was written; never, if the trace ends before. */
  committedAt: number;
}

interface Sync {
  readonly startedAt: number;
  readonly endedAt: number;
}

const ACK = /\{"type":"ack","op_id":"([^"]+)","data":\{"message_id":"([^"]+)"/g;
/** The reply of an operation as the store keeps it, in the same row as the key of the operation. */
const KEPT = /\{"message_id":"([^"]+)"/g;
const FRAME_HEADER_BYTES = 24;

/**
 * For each ack that a process wrote to a socket: had the write-ahead log been synced after the transaction of its
 * operation was written to it, and before the ack left? An fsync counts from its return, a write from its start.
 */
export function judgeAcks(calls: readonly SystemCall[]): JudgedAck[] {
  const log = readLog(calls);
  return calls.filter(isSent).flatMap((call) =>
    [...call.bytes.matchAll(ACK)].map(([, opId = '', messageId = '']) => ({
      opId,
      messageId,
      verdict: verdictOf(log, { opId, messageId, leftAt: call.startedAt }),
    })),
  );
}

function verdictOf(
  { operations, syncs }: ReturnType<typeof readLog>,
  ack: { readonly opId: string; readonly messageId: string; readonly leftAt: number },
): AckVerdict {
  const logged = operations.get(ack.messageId);
  if (!logged?.page.includes(ack.opId)) return 'not_written';
  const { committedAt } = logged;
  if (committedAt > ack.leftAt) return 'not_committed';
  const synced = syncs.some(({ startedAt, endedAt }) => startedAt > committedAt && endedAt < ack.leftAt);
  return synced ? 'synced' : 'not_synced';
}

/** What was written to the write-ahead log and when it was synced. */
function readLog(calls: readonly SystemCall[]) {
  const operations = new Map<string, Logged>();
  const syncs: Sync[] = [];
  let uncommitted: Logged[] = [];
  let isLastPage = false;
  for (const call of calls) {
    if (!call.on.endsWith('-wal') || call.result < 0) continue;
    if (isSync(call)) syncs.push(call);
    if (call.name !== 'pwrite64') continue;
    if (call.bytes.length === FRAME_HEADER_BYTES) {
      // Its second number is the size of the database after a commit, or 0.
      isLastPage = /[^\0]/.test(call.bytes.slice(4, 8));
      continue;
    }
    for (const [, messageId = ''] of call.bytes.matchAll(KEPT)) {
      if (operations.has(messageId)) continue;
      const logged = { page: call.bytes, committedAt: Number.POSITIVE_INFINITY };
      operations.set(messageId, logged);
      uncommitted.push(logged);
    }
    if (!isLastPage) continue;
    for (const logged of uncommitted) logged.committedAt = call.endedAt;
    uncommitted = [];
    isLastPage = false;
  }
  return { operations, syncs };
}

function isSync({ name }: SystemCall): boolean {
  return name === 'fsync' || name === 'fdatasync';
}

/** Written to something that is no file. */
function isSent({ name, on }: SystemCall): boolean {
  return ['write', 'writev', 'sendto', 'sendmsg'].includes(name) && !on.startsWith('/');
}
