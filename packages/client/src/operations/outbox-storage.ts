import type { RequestType } from '@goconnect/protocol/validators';

/** A queued mutation as it is kept. */
export interface StoredOperation {
  readonly opId: string;
  readonly type: RequestType;
  readonly data: unknown;
  /** Wall clock, milliseconds since the epoch: it must mean something in another process. */
  readonly expiresAt: number;
  /** True when it may have reached a server: then only a server that dedupes gets it again. */
  readonly sent: boolean;
}

/**
 * Where queued mutations outlive a reload. Calls come one after another and are not awaited by the sender.
 *
 * An implementation MUST keep the order of `append`, MUST replace an operation that is appended again, and MUST reject
 * rather than lose silently. It MUST NOT keep an operation that was removed, and need not be shared between clients.
 */
export interface OutboxStorage {
  /** All operations, oldest first. Called once, before anything else. */
  load(): Promise<readonly StoredOperation[]>;
  append(operation: StoredOperation): Promise<void>;
  remove(opId: string): Promise<void>;
  /** Gives files and handles back. Operations stay. */
  close?(): Promise<void>;
}

/** Keeps nothing: what is queued lives as long as the client. The default. */
export function memoryStorage(): OutboxStorage {
  return { load: async () => [], append: async () => {}, remove: async () => {} };
}
