import type { StoredOperation } from '../operations/outbox-storage.js';

/** Of the records. A storage leaves records of another version where they are, and tells. */
export const RECORD_VERSION = 1;

/** Is this something that this version wrote? Whether its type and data still make sense is for the client to say. */
export function isStored(value: unknown): value is StoredOperation {
  const { opId, type, expiresAt, sentAt } = Object(value) as Record<keyof StoredOperation, unknown>;
  return (
    typeof opId === 'string' &&
    opId !== '' &&
    opId.length <= 128 &&
    typeof type === 'string' &&
    Number.isFinite(expiresAt) &&
    (sentAt === undefined || Number.isFinite(sentAt))
  );
}
