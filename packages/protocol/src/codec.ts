import type { ErrorBody, Event, EventType, Meta, Position, RefusedRequest, Request, RequestType } from './contract-types.js';
import { eventValidators, requestValidators } from './generated/validators.js';
import { guardJson } from './primitives/json-guard.js';
import { LIMITS } from './primitives/limits.js';
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
 */
export type Incoming =
  | { readonly kind: 'event'; readonly event: Event }
  | { readonly kind: 'reply'; readonly opId: string; readonly data: unknown }
  | { readonly kind: 'error'; readonly opId?: string; readonly error: ErrorBody }
  | { readonly kind: 'unknown'; readonly type: string; readonly data: unknown }
  | { readonly kind: 'invalid'; readonly type?: string; readonly faults: readonly Fault[]; readonly position?: Position };

type JsonObject = { readonly [key: string]: unknown };

/** One frame from a client -> a request, or why it is refused (A1.5). Never throws. */
export function decodeRequest(frame: string): DecodedRequest {
  const parsed = parseJson(frame);
  if (!parsed) return refuse('not_json', undefined, [{ path: '', expected: 'one JSON object' }]);
  const bound = guardJson(parsed.value);
  if (bound) return refuse('envelope', undefined, [bound]);
  const envelope = parsed.value;
  if (!isObject(envelope)) return refuse('envelope', undefined, [{ path: '', expected: 'a JSON object' }]);

  const opId = readableOpId(envelope.op_id);
  const faults: Fault[] = [];
  if (typeof envelope.type !== 'string') faults.push({ path: 'type', expected: 'a string' });
  if (opId === undefined) {
    faults.push({ path: 'op_id', expected: `a string of 1-${LIMITS.opIdLength} characters` });
  }
  if (faults.length > 0) return refuse('envelope', opId, faults);

  const type = envelope.type as string;
  if (!isRequestType(type)) return refuse('unknown_type', opId, [{ path: 'type', expected: 'a known message type' }]);
  const data = requestValidators[type](envelope.data ?? {}, 'data');
  if (!data.ok) return refuse('validation', opId, data.faults);
  const meta = readMeta(envelope.meta);
  // The validator of `type` made `data`: the pair is one member of the union, which the compiler cannot see.
  return { ok: true, request: { type, op_id: opId, data: data.value, ...(meta && { meta }) } as Request };
}

/**
 * One frame from a server -> its envelopes in order (A1.1: several may stand in one frame, one a line).
 * Never throws; what cannot be read is an `invalid` item.
 */
export function decodeFrame(frame: string): Incoming[] {
  const whole = parseJson(frame);
  if (whole) return [readEnvelope(whole.value)];
  const lines = frame.split('\n', LIMITS.envelopesPerFrame).filter((line) => line.trim() !== '');
  if (lines.length < 2) return [unreadable];
  return lines.map((line) => {
    const parsed = parseJson(line);
    return parsed ? readEnvelope(parsed.value) : unreadable;
  });
}

/** A request -> its frame. */
export function encodeRequest(type: RequestType, opId: string, data: unknown, meta?: Meta): string {
  return JSON.stringify({ type, op_id: opId, data, ...(meta && { meta }) });
}

const unreadable: Incoming = { kind: 'invalid', faults: [{ path: '', expected: 'JSON' }] };

function readEnvelope(value: unknown): Incoming {
  const bound = guardJson(value);
  if (bound) return { kind: 'invalid', faults: [bound] };
  if (!isObject(value) || typeof value.type !== 'string') {
    return { kind: 'invalid', faults: [{ path: 'type', expected: 'a string' }] };
  }
  const { type } = value;
  const opId = readableOpId(value.op_id);
  if (isObject(value.error)) {
    return { kind: 'error', ...(opId !== undefined && { opId }), error: readError(value.error) };
  }
  if ((type === 'ack' || type === 'presence.pong') && opId !== undefined) {
    return { kind: 'reply', opId, data: value.data ?? {} };
  }
  if (!isEventType(type)) return { kind: 'unknown', type, data: value.data };
  return readEvent(type, value);
}

function readEvent(type: EventType, envelope: JsonObject): Incoming {
  const position = readPosition(envelope);
  const data = eventValidators[type](envelope.data ?? {}, 'data');
  if (!data.ok) return { kind: 'invalid', type, faults: data.faults, ...(position && { position }) };
  const meta = readMeta(envelope.meta);
  const event = { type, data: data.value, ...(position && { position }), ...(meta && { meta }) } as Event;
  return { kind: 'event', event };
}

function readPosition({ room, seq }: JsonObject): Position | undefined {
  return typeof room === 'string' && Number.isSafeInteger(seq) ? { room, seq: seq as number } : undefined;
}

function readError({ code, message, details }: JsonObject): ErrorBody {
  return {
    code: typeof code === 'string' ? code.slice(0, 128) : 'ERR_HANDLER_FAILED',
    message: typeof message === 'string' ? message.slice(0, 1_024) : '',
    details: isObject(details) ? details : {},
  };
}

/** W3C trace context, level 1: version, trace id, parent id, flags. Anything else is as if it were absent. */
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

function readMeta(meta: unknown): Meta | undefined {
  if (!isObject(meta) || typeof meta.traceparent !== 'string') return undefined;
  return TRACEPARENT.test(meta.traceparent) ? { traceparent: meta.traceparent } : undefined;
}

function readableOpId(opId: unknown): string | undefined {
  return typeof opId === 'string' && opId.length > 0 && opId.length <= LIMITS.opIdLength ? opId : undefined;
}

export function isRequestType(type: string): type is RequestType {
  return Object.hasOwn(requestValidators, type);
}

export function isEventType(type: string): type is EventType {
  return Object.hasOwn(eventValidators, type);
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(reason: RefusedRequest['reason'], opId: string | undefined, faults: readonly Fault[]): DecodedRequest {
  return { ok: false, refused: { reason, faults: faults.slice(0, LIMITS.faultsReported), ...(opId !== undefined && { opId }) } };
}
