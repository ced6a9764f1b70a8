import { type Meta, REQUESTS, type RefusedRequest, type RequestType } from '@goconnect/protocol';
import { textFrame } from './frame.js';

/** What goes into `error` of a reply. `code` is one of the six of the contract. */
export interface ReplyError {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export function replyFrame(type: RequestType, opId: string, data: object, meta: Meta | undefined): Buffer {
  return textFrame(JSON.stringify({ type: REQUESTS[type].reply, op_id: opId, data, ...(meta && { meta }) }));
}

export function errorFrame(opId: string | undefined, error: ReplyError, meta: Meta | undefined): Buffer {
  return textFrame(
    JSON.stringify({
      type: 'error',
      ...(opId !== undefined && { op_id: opId }),
      error,
      ...(meta && { meta }),
    }),
  );
}

const MESSAGES: Readonly<Record<RefusedRequest['reason'], string>> = {
  not_json: 'The message is not JSON',
  envelope: 'The message is not a request envelope',
  unknown_type: 'The message type is not known',
  validation: 'The message data is not valid',
  op_id_reused: 'This op_id was used for another message',
};

/** A1.5: says where the first fault is and what is accepted, and never quotes what was sent. */
export function refusal({ reason, faults }: RefusedRequest): ReplyError {
  const field = faults[0]?.path;
  return {
    code: 'ERR_INVALID_MESSAGE',
    message: MESSAGES[reason],
    details: {
      reason,
      ...(field && { field }),
      faults: faults.map(({ path, expected }) => ({ field: path, expected })),
    },
  };
}
