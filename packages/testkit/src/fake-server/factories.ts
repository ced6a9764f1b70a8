import type {
  EventData,
  EventType,
  ReplyData,
  RequestData,
  RequestType,
} from '@goconnect/protocol/validators';
import { EVENT_EXAMPLES, REPLY_EXAMPLES, REQUEST_EXAMPLES } from './examples.js';

/** An envelope from client to server. */
export interface RequestEnvelope<K extends RequestType> {
  readonly type: K;
  readonly op_id: string;
  readonly data: RequestData<K>;
}

/** An event from server to client; recoverable ones may carry their place. */
export interface EventEnvelope<K extends EventType> {
  readonly type: K;
  readonly data: EventData<K>;
  readonly room?: string;
  readonly seq?: number;
}

/** Makes a valid request; `overrides` replace fields of its data. */
export function makeRequest<K extends RequestType>(
  type: K,
  overrides: Partial<RequestData<K>> = {},
  opId = 'op-1',
): RequestEnvelope<K> {
  return { type, op_id: opId, data: { ...REQUEST_EXAMPLES[type], ...overrides } };
}

/** Makes the valid reply to a request. */
export function makeReply<K extends RequestType>(
  type: K,
  overrides: Partial<ReplyData<K>> = {},
  opId = 'op-1',
): { readonly type: 'ack' | 'presence.pong'; readonly op_id: string; readonly data: ReplyData<K> } {
  return {
    type: type === 'presence.ping' ? 'presence.pong' : 'ack',
    op_id: opId,
    data: { ...REPLY_EXAMPLES[type], ...overrides },
  };
}

/** Makes an error reply; without `opId` as the original server sends it for rate limits and parse faults (A2.3). */
export function makeError(
  code: string,
  overrides: { readonly message?: string; readonly details?: Readonly<Record<string, unknown>> } = {},
  opId?: string,
): object {
  return {
    type: 'error',
    ...(opId !== undefined && { op_id: opId }),
    error: { code, message: 'made by a test', details: {}, ...overrides },
  };
}

/** Makes a valid event. */
export function makeEvent<K extends EventType>(
  type: K,
  overrides: Partial<EventData<K>> = {},
  place: { readonly room?: string; readonly seq?: number } = {},
): EventEnvelope<K> {
  return { type, data: { ...EVENT_EXAMPLES[type], ...overrides }, ...place };
}
