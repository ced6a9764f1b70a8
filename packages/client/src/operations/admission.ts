import {
  isOpaqueId,
  isRequestType,
  type RequestType,
  requestValidators,
} from '@goconnect/protocol/validators';
import { GoConnectError } from '../support/goconnect-error.js';
import { bytesOf, kindOf, type Operation, type Outbox } from './outbox.js';

/** What decides whether an operation is taken on. */
export interface Admission {
  readonly outbox: Outbox;
  readonly maxOperations: number;
  readonly maxBytes: number;
  /** Monotonic ms. */
  readonly now: number;
  /** `ready`: there is a connection; `away`: one is being sought; or why there will be none. */
  readonly standing: 'ready' | 'away' | 'not_connected' | 'closed';
  readonly signal: AbortSignal | undefined;
  readonly opId: string;
  readonly timeoutMs: number;
  readonly ttlMs: number;
  onFull(): void;
}

/** Takes an operation on, or throws why not. Nothing was sent then. */
export function admit(type: RequestType, data: unknown, admission: Admission): Operation {
  const { outbox, now, standing, signal, opId, timeoutMs, ttlMs } = admission;
  const refuse = (code: string, message: string, field?: string): never => {
    throw new GoConnectError(code, message, { opId, ...(field && { details: { field } }) });
  };
  // Callers in plain JavaScript may ask for anything.
  if (!isRequestType(type)) return refuse('invalid_payload', 'No such request', 'type');
  const checked = requestValidators[type](data ?? {}, 'data');
  if (!checked.ok) {
    const [{ path, expected } = { path: 'data', expected: 'valid' }] = checked.faults;
    return refuse('invalid_payload', `${path} should be ${expected}`, path);
  }
  if (typeof opId !== 'string' || !isOpaqueId(opId) || outbox.has(opId)) {
    refuse('invalid_payload', 'op_id should be 1-128 characters, not in use', 'op_id');
  }
  if (signal?.aborted) refuse('aborted', 'Aborted');
  const kind = kindOf(type);
  if (standing === 'closed') refuse(standing, 'The client was closed');
  if (
    kind !== 'mutation' &&
    (standing === 'not_connected' || (standing === 'away' && kind === 'immediate'))
  ) {
    refuse('not_connected', `${type} needs a connection`);
  }
  const bytes = JSON.stringify(checked.value).length;
  const full = outbox.size >= admission.maxOperations || bytesOf(outbox) + bytes > admission.maxBytes;
  if (full && kind !== 'immediate') {
    admission.onFull();
    refuse('queue_full', 'The outbox is full');
  }
  const expiresAt = now + (kind === 'mutation' ? ttlMs : timeoutMs);
  return {
    opId,
    type,
    data: checked.value,
    kind,
    bytes,
    timeoutMs,
    expiresAt,
    at: kind === 'mutation' ? 'new' : 'queued',
    sentAt: undefined,
    unkeyed: false,
    repeated: false,
  };
}
