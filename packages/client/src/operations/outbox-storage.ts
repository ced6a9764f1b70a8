import type { RequestType } from '@goconnect/protocol/validators';

/** A mutation that has not settled, as it is kept. */
export interface StoredOperation {
  readonly opId: string;
  readonly type: RequestType;
  readonly data: unknown;
  /** Wall clock, milliseconds since the epoch: it must mean something in another process. */
  readonly expiresAt: number;
  /**
   * When it was first written to a socket or about to be, wall clock; absent: it certainly had no effect. What may have had one
   * goes only to a server that still knows repeats.
   */
  readonly sentAt?: number | undefined;
  /** It was written to a server that keeps no keys (the base contract): sending it again, anywhere, may do it twice. */
  readonly unkeyed?: boolean | undefined;
}

/** What a storage tells its client, at any time between `load` and `close`. */
export interface OutboxListener {
  /** Operations that an earlier owner left behind and that are this client's from now on, oldest first. */
  found(operations: readonly StoredOperation[]): void;
  /** Something is wrong that no call carries: unreadable records, say. */
  fault(error: Error): void;
}

/**
 * Where queued mutations outlive a reload or restart. A call that gives a promise is done, durably, when that resolves; one that
 * gives none is done. The client writes no mutation to a socket before `append` is done.
 *
 * An implementation MUST settle the calls in their order and MUST settle each; MUST keep the order of first `append`, and replace an
 * operation that is appended again; MUST reject rather than lose silently; and MUST give one operation to one live client only.
 */
export interface OutboxStorage {
  /**
   * Opens. Resolves when all that could be taken over at once was told through `found`. Other calls come after it. One that rejects MUST
   * leave nothing open: no `close` follows.
   */
  load(listener: OutboxListener): Promise<void> | void;
  append(operation: StoredOperation): Promise<void> | void;
  remove(opId: string): Promise<void> | void;
  /** Finishes what was begun and gives files, locks and handles back. Operations stay. `load` may follow. */
  close?(): Promise<void> | void;
}

const nothing = (): void => {};

/** Keeps nothing: what is queued lives as long as the client. The default. */
export function memoryStorage(): OutboxStorage {
  return { load: nothing, append: nothing, remove: nothing };
}

/** What was appended is there when the client is gone. */
export function outlives({ append }: OutboxStorage): boolean {
  return append !== nothing;
}
