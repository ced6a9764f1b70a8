import type {
  ErrorBody,
  Event,
  EventType,
  Meta,
  Position,
  RefusedRequest,
  Request,
  RequestType,
} from './contract-types.js';
import { eventValidators, requestValidators, V1_REQUESTS } from './generated/validators.js';
import { FORMATS } from './primitives/formats.js';
import {
  guardJson,
  isObject,
  type JsonObject,
  nestsTooDeep,
  OUT_OF_BOUNDS,
} from './primitives/json-guard.js';
import { ENVELOPES_PER_FRAME } from './primitives/limits.js';
import { isOpaqueId } from './primitives/text.js';
import type { Fault } from './primitives/validation.js';

export type DecodedRequest =
  | { readonly ok: true; readonly request: Request }
  | { readonly ok: false; readonly refused: RefusedRequest };

/**
 * What one envelope from a server turned out to be.
 *
 * - `reply`: answer to the request `opId`; its data is checked by whoever knows what was asked.
 * - `error` without `opId`: the original server's answer to rate limits and parse faults (A2.3).
 * - `unknown`: a type this version does not know (A1.4). `invalid`: a known type whose data is not what it should be.
 *   Both keep the position, so that an event one cannot read does not look like a lost one.
 */
export type Incoming =
  | ({ readonly kind: 'event' } & Event)
  | { readonly kind: 'reply'; readonly opId: string; readonly data: unknown }
  | { readonly kind: 'error'; readonly opId: string | undefined; readonly error: ErrorBody }
  | {
      readonly kind: 'unknown';
      readonly type: string;
      readonly data: unknown;
      readonly position: Position | undefined;
    }
  | {
      readonly kind: 'invalid';
      readonly type: string | undefined;
      /** What stood there, bounded but unchecked: an application may ask for it all the same. */
      readonly data: unknown;
      readonly position: Position | undefined;
      readonly faults: readonly Fault[];
    };

/**
 * One frame from a client -> a request, or why it is refused (A1.5). Never throws. On a `base` connection requests of the session
 * extension are unknown (B1.1). Default: `v1`.
 */
export function decodeRequest(frame: string, dialect: 'base' | 'v1' = 'v1'): DecodedRequest {
  if (nestsTooDeep(frame)) return refuse('envelope', undefined, [OUT_OF_BOUNDS]);
  const envelope = parseJson(frame);
  if (envelope === undefined)
    return refuse('not_json', undefined, [{ path: '', expected: 'one JSON object' }]);
  if (!isObject(envelope)) return refuse('envelope', undefined, [{ path: '', expected: 'a JSON object' }]);

  const { type, op_id } = envelope;
  const opId = readableOpId(op_id);
  const meta = readMeta(envelope.meta);
  const bound = guardJson(envelope);
  if (bound) return refuse('envelope', opId, [bound], meta);
  if (typeof type !== 'string' || opId === undefined) {
    const faults: Fault[] = [];
    if (typeof type !== 'string') faults.push({ path: 'type', expected: 'a string' });
    if (opId === undefined) faults.push({ path: 'op_id', expected: FORMATS.id.expected });
    return refuse('envelope', opId, faults, meta);
  }
  if (!isRequestType(type) || (dialect === 'base' && V1_REQUESTS.has(type)))
    return refuse('unknown_type', opId, [{ path: 'type', expected: 'a known message type' }], meta);
  const data = requestValidators[type](envelope.data ?? {}, 'data');
  if (!data.ok) return refuse('validation', opId, data.faults, meta);
  // The validator of `type` made `data`: the pair is one member of the union, which the compiler cannot see.
  return { ok: true, request: { type, op_id: opId, data: data.value, ...(meta && { meta }) } as Request };
}

/**
 * One frame from a server -> its envelopes in order (A1.1: several may stand in one frame, one a line).
 * Never throws; what cannot be read is an `invalid` item.
 */
export function decodeFrame(frame: string): Incoming[] {
  const whole = parseJson(frame);
  if (whole !== undefined || !frame.includes('\n')) return [readEnvelope(whole)];
  const lines = frame.split('\n').filter((line) => line.trim());
  const items = lines.slice(0, ENVELOPES_PER_FRAME).map((line) => readEnvelope(parseJson(line)));
  if (lines.length > ENVELOPES_PER_FRAME) items.push(invalid(OUT_OF_BOUNDS));
  return items;
}

/** A request -> its frame. */
export function encodeRequest(type: RequestType, opId: string, data: unknown, meta?: Meta): string {
  return JSON.stringify({ type, op_id: opId, data, meta });
}

function readEnvelope(envelope: unknown): Incoming {
  const bound = guardJson(envelope);
  if (!isObject(envelope)) return invalid(bound ?? { path: '', expected: 'a JSON object' });
  const position = readPosition(envelope);
  if (bound) return invalid(bound, position);
  const { type, data, error } = envelope;
  if (typeof type !== 'string') return invalid({ path: 'type', expected: 'a string' });
  const opId = readableOpId(envelope.op_id);
  if (isObject(error)) return { kind: 'error', opId, error: readError(error) };
  if ((type === 'ack' || type === 'presence.pong') && opId !== undefined) {
    return { kind: 'reply', opId, data: data ?? {} };
  }
  if (!isEventType(type)) return { kind: 'unknown', type, data, position };
  const checked = eventValidators[type](data ?? {}, 'data');
  if (!checked.ok) return { kind: 'invalid', type, data, position, faults: checked.faults };
  // The validator of `type` made the data: the pair is one member of the union, which the compiler cannot see.
  return { kind: 'event', type, data: checked.value, position, meta: readMeta(envelope.meta) } as Incoming;
}

function invalid(fault: Fault, position?: Position): Incoming {
  return { kind: 'invalid', type: undefined, data: undefined, position, faults: [fault] };
}

function readPosition({ room, seq }: JsonObject): Position | undefined {
  return typeof room === 'string' && Number.isSafeInteger(seq) ? { room, seq: seq as number } : undefined;
}

function readError({ code, message, details }: JsonObject): ErrorBody {
  return {
    code: typeof code === 'string' ? code : 'ERR_HANDLER_FAILED',
    message: typeof message === 'string' ? message : '',
    details: isObject(details) ? details : {},
  };
}

/**
 * W3C trace context, level 1: version (`ff` is none), trace id, parent id (neither is all zeros), flags. Anything else
 * is as if it were absent (B6).
 */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** True for a well-formed W3C `traceparent` (B6). */
export function isTraceparent(text: unknown): text is string {
  return typeof text === 'string' && TRACEPARENT.test(text);
}

function readMeta(meta: unknown): Meta | undefined {
  if (!isObject(meta)) return undefined;
  const { traceparent } = meta;
  return isTraceparent(traceparent) ? { traceparent } : undefined;
}

function readableOpId(opId: unknown): string | undefined {
  return typeof opId === 'string' && isOpaqueId(opId) ? opId : undefined;
}

/** True for the type of a request, base or v1. */
export function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(requestValidators, type);
}

/** True for the type of an event; replies and `error` are none. */
export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventValidators, type);
}

/** The value, or `undefined`, which no JSON text means. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function refuse(
  reason: RefusedRequest['reason'],
  opId: string | undefined,
  faults: readonly Fault[],
  meta?: Meta,
): DecodedRequest {
  return {
    ok: false,
    refused: { reason, faults, ...(opId !== undefined && { opId }), ...(meta && { meta }) },
  };
}
