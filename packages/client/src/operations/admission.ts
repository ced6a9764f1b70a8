import {
  isOpaqueId,
  isRequestType,
  type RequestType,
  requestValidators,
} from '@goconnect/protocol/validators';
import { GoConnectError } from '../support/goconnect-error.js';
import { randomId } from '../support/random-id.js';
import { bytesOf, kindOf, type Operation, type Outbox } from './outbox.js';
import type { RequestOptions } from './request-options.js';
import type { RequestPorts } from './request-ports.js';

/** Takes an operation on beside those in the outbox, or throws why not. Nothing was sent then. */
export function admit(
  type: RequestType,
  data: unknown,
  given: RequestOptions,
  outbox: Outbox,
  { time, random, standing, onBackpressure, requestTimeoutMs, outbox: bounds }: RequestPorts,
): Operation {
  // Callers in plain JavaScript may ask for anything, and give anything.
  const options = Object(given) as RequestOptions;
  const { opId = randomId(random), timeoutMs = requestTimeoutMs, ttlMs = bounds.ttlMs } = options;
  const refuse = (code: string, message: string, field?: string): never => {
    throw new GoConnectError(code, message, { opId, details: field ? { field } : undefined });
  };
  if (options !== given) refuse('invalid_payload', 'options should be an object', 'options');
  if (!isRequestType(type)) return refuse('invalid_payload', 'No such request', 'type');
  const checked = requestValidators[type](data ?? {}, 'data');
  if (!checked.ok) {
    const [fault] = checked.faults;
    return refuse('invalid_payload', `${fault?.path} should be ${fault?.expected}`, fault?.path);
  }
  if (typeof opId !== 'string' || !isOpaqueId(opId) || outbox.has(opId)) {
    refuse('invalid_payload', 'op_id should be 1-128 characters, not in use', 'op_id');
  }
  if (options.signal?.aborted) refuse('aborted', 'Aborted');
  const kind = kindOf(type);
  const at = standing();
  if (at === 'closed') refuse(at, 'The client was closed');
  if (kind !== 'mutation' && (at === 'not_connected' || (at === 'away' && kind === 'immediate'))) {
    refuse('not_connected', `${type} needs a connection`);
  }
  const bytes = JSON.stringify(checked.value).length;
  const full = outbox.size >= bounds.maxOperations || bytesOf(outbox) + bytes > bounds.maxBytes;
  if (full && kind !== 'immediate') {
    onBackpressure({ reason: 'queue_full', waitMs: 0 });
    refuse('queue_full', 'The outbox is full');
  }
  return {
    opId,
    type,
    data: checked.value,
    kind,
    bytes,
    timeoutMs,
    expiresAt: time() + (kind === 'mutation' ? ttlMs : timeoutMs),
    at: kind === 'mutation' ? 'new' : 'queued',
    sentAt: undefined,
    unkeyed: false,
    repeated: false,
  };
}
