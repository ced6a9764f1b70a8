import { MUTATIONS, type RequestType } from '@goconnect/protocol/validators';
import type { Mode } from '../session/session-state.js';
import type { OutboxStorage, StoredOperation } from './outbox-storage.js';

export interface OutboxOptions {
  /** Where queued mutations are kept. Default: `memoryStorage()`. */
  readonly storage: OutboxStorage;
  /** Unsettled operations at most; the next one is refused with `queue_full`. Default 1,000. */
  readonly maxOperations: number;
  /** The same in bytes of their JSON (UTF-16 units). Default 4 MiB. */
  readonly maxBytes: number;
  /** How long a mutation may wait for a connection, ms. Past it: `expired`. Default one day. */
  readonly ttlMs: number;
}

/**
 * `mutation`: waits for a connection as long as its time to live. `read`: waits for one as long as its deadline. `immediate`: now
 * or never, past the pacing (it has a budget of its own). `restore`: a read of our own.
 */
export type OperationKind = 'mutation' | 'read' | 'immediate' | 'restore';

/** An operation that has not settled. */
export interface Operation {
  readonly opId: string;
  readonly type: RequestType;
  readonly data: unknown;
  readonly kind: OperationKind;
  /** UTF-16 units of its JSON. */
  readonly bytes: number;
  /** How long a reply may take once it is written. */
  readonly timeoutMs: number;
  /** Monotonic ms. Past it nobody wants it any more. */
  readonly expiresAt: number;
  /**
   * `new`: not in the storage yet. `queued`: waits. `marking`: the storage is noting that it is about to be written. A number: the
   * connection on which it was written and is not answered.
   */
  readonly at: 'new' | 'queued' | 'marking' | number;
  /** When it was first written; undefined: never, so that it certainly had no effect. */
  readonly sentAt: number | undefined;
  /** It was written where nobody keeps its key: no server can tell that another sending is a repeat. */
  readonly unkeyed: boolean;
  /** The last sending was not the first. */
  readonly repeated: boolean;
}

/** Everything unsettled, in the order in which it was asked for. What is queued again keeps its place. */
export type Outbox = ReadonlyMap<string, Operation>;

export function kindOf(type: RequestType): OperationKind {
  if (MUTATIONS.has(type)) return 'mutation';
  return /ping|resume|refresh/.test(type) ? 'immediate' : 'read';
}

export function bytesOf(outbox: Outbox): number {
  let bytes = 0;
  for (const operation of outbox.values()) bytes += operation.bytes;
  return bytes;
}

/**
 * What takes effect in the order of the calls shares a queue: the messages of a scope, the changes of a message. One at a time is on
 * its way: a first one that came to nothing and is sent again must not land behind a second one that did not.
 */
export function queueOf({ opId, kind, data }: Operation): string | undefined {
  const { scope, message_id } = data as { readonly scope?: string; readonly message_id?: string };
  return kind === 'mutation' ? (scope ?? message_id) : opId;
}

/**
 * May what was already written be written on a connection of this kind (A2.5)? Reading twice does no harm; a mutation needs servers
 * that kept its `op_id` and still know it (B4.1), or an application that said `always`.
 */
export function mayRepeat(
  { kind, sentAt = 0, unkeyed }: Operation,
  now: number,
  to: { readonly mode: Mode; readonly dedupeMs: number },
  resend: 'safe' | 'always',
): boolean {
  if (kind !== 'mutation') return kind !== 'immediate';
  return resend === 'always' || (!unkeyed && to.mode === 'v1' && now - sentAt < to.dedupeMs);
}

/** As the storage keeps it. `ahead`: from the monotonic clock to the wall clock, ms. */
export function toStored(operation: Operation, ahead: number): StoredOperation {
  const { opId, type, data, expiresAt, sentAt, unkeyed } = operation;
  return {
    ...{ opId, type, data, unkeyed: unkeyed || undefined },
    // JSON knows no infinity.
    expiresAt: Math.min(expiresAt + ahead, Number.MAX_SAFE_INTEGER),
    sentAt: sentAt === undefined ? sentAt : sentAt + ahead,
  };
}

/** What an earlier owner left, queued anew. `behind`: from the wall clock to the monotonic clock, ms. */
export function fromStored(stored: StoredOperation, behind: number, timeoutMs: number): Operation {
  const { opId, type, data, expiresAt, sentAt, unkeyed = false } = stored;
  return {
    ...{ opId, type, data, timeoutMs, unkeyed, kind: 'mutation', at: 'queued', repeated: false },
    bytes: JSON.stringify([data]).length,
    expiresAt: expiresAt + behind,
    sentAt: sentAt && sentAt + behind,
  };
}
