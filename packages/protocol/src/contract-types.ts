import type { EventMap, RequestMap } from './generated/types.js';
import type { InvalidReason } from './primitives/error-codes.js';
import type { Fault } from './primitives/validation.js';

/** Every request a client may send. */
export type RequestType = keyof RequestMap;
export type RequestData<K extends RequestType> = RequestMap[K]['data'];
/** `data` of the reply that a request gets when it succeeds. */
export type ReplyData<K extends RequestType> = RequestMap[K]['reply'];

/** Every event a server may send on its own. */
export type EventType = keyof EventMap;
export type EventData<K extends EventType> = EventMap[K];

/** W3C trace context beside `data` (B6). */
export interface Meta {
  readonly traceparent?: string;
}

/** `error` of an error envelope. `code` is open: servers of other versions may send more. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** A request as a server sees it after the codec. */
export type Request = {
  [K in RequestType]: {
    readonly type: K;
    readonly op_id: string;
    readonly data: RequestData<K>;
    readonly meta?: Meta;
  };
}[RequestType];

/** A request that the codec refused; `opId` and `meta` are there when they could be read, for the reply to echo them. */
export interface RefusedRequest {
  readonly opId?: string;
  readonly meta?: Meta;
  readonly reason: InvalidReason;
  readonly faults: readonly Fault[];
}

/** Place of a recoverable event in its room's log (B3.1). The epoch is known from the welcome or join. */
export interface Position {
  readonly room: string;
  readonly seq: number;
}

/** An event as a client sees it after the codec. */
export type Event = {
  [K in EventType]: {
    readonly type: K;
    readonly data: EventData<K>;
    readonly position: Position | undefined;
    readonly meta: Meta | undefined;
  };
}[EventType];
