import {
  decodeRequest,
  LIMITS,
  type Meta,
  MUTATIONS,
  type RefusedRequest,
  type Request,
  type RequestType,
  utf8Length,
  V1_REQUESTS,
} from '@goconnect/protocol/validators';
import { parsed } from '../support/parsed.js';
import type { Connection, Dialect } from './connection.js';
import type { Entry, EventBody } from './entities.js';
import type { HandlerContext } from './handler.js';
import { HANDLERS } from './handlers.js';
import { invalid, Refusal } from './refusal.js';
import type { World } from './world.js';

/** What became of a request: the envelope of its answer, and what is told to rooms after it. */
export interface Answer {
  readonly envelope: Readonly<Record<string, unknown>>;
  readonly published: readonly Entry[];
}

/** Carries a request out as the contract says, once for each `op_id` (A2.1, B4.1). */
export function carryOut(
  request: Request,
  context: Omit<HandlerContext, 'publish' | 'opId' | 'meta'>,
): Answer {
  const { world } = context;
  const published: Entry[] = [];
  const publish = (room: string, event: EventBody): Entry => {
    const entry = world.append(room, event, request.meta);
    published.push(entry);
    return entry;
  };
  try {
    const data = once(request, context.connection, world, () =>
      run(request, { ...context, publish, opId: request.op_id, meta: request.meta }),
    );
    const type = request.type === 'presence.ping' ? 'presence.pong' : 'ack';
    return { envelope: { type, op_id: request.op_id, data, ...traceOf(request) }, published };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { envelope: errorEnvelope(error, request), published: [] };
  }
}

/** `HANDLERS[type]` fits the data of `type`; the compiler cannot follow the pair through the table. */
function run(request: Request, context: HandlerContext): unknown {
  const handler = HANDLERS[request.type] as (context: HandlerContext, data: Request['data']) => unknown;
  return handler(context, request.data);
}

function once(request: Request, connection: Connection, world: World, effect: () => unknown): unknown {
  if (!MUTATIONS.has(request.type)) return effect();
  const v1 = connection.dialect === 'v1';
  const remembered = v1 ? world.operations : connection.operations;
  const key = v1 ? `${connection.user.id} ${request.op_id}` : request.op_id;
  const fingerprint = JSON.stringify([request.type, request.data]);
  const before = remembered.get(key);
  if (before && before.fingerprint !== fingerprint)
    throw invalid('op_id', 'op_id_reused', 'This op_id was used for something else');
  if (before) return before.reply;
  const reply = effect();
  remembered.set(key, { fingerprint, reply });
  return reply;
}

/** True when this very operation was done before: it has a budget of its own (A6.2). */
export function isRepeat(request: Request, connection: Connection, world: World): boolean {
  const key = connection.dialect === 'v1' ? `${connection.user.id} ${request.op_id}` : request.op_id;
  return (
    MUTATIONS.has(request.type) &&
    (connection.dialect === 'v1' ? world.operations : connection.operations).has(key)
  );
}

/** What an error answers; without `op_id` where none could be read. */
type Answered = { readonly op_id?: string | undefined; readonly meta?: Meta | undefined };

export function errorEnvelope(
  { code, message, details }: Refusal,
  answered: Answered,
): Readonly<Record<string, unknown>> {
  const { op_id } = answered;
  const error = { code, message, details };
  return { type: 'error', ...(op_id !== undefined && { op_id }), error, ...traceOf(answered) };
}

/** B6. */
function traceOf({ meta }: Answered): { readonly meta?: Meta } {
  return meta ? { meta } : {};
}

export type Read =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'refused'; readonly envelope: Readonly<Record<string, unknown>> }
  | { readonly kind: 'too_big' };

/**
 * Reads a frame (A1.2, A1.5). A base connection is as one to a server that knows only the published page: it has no
 * requests of the session extension, whatever their data, and no `meta` (B1.1, B6).
 */
export function readRequest(frame: string, maxBytes: number, dialect: Dialect): Read {
  if (frame.length > maxBytes || utf8Length(frame) > maxBytes) return { kind: 'too_big' };
  const decoded = decodeRequest(frame);
  if (dialect === 'v1')
    return decoded.ok
      ? { kind: 'request', request: decoded.request }
      : { kind: 'refused', envelope: refusalOf(decoded.refused) };
  if (decoded.ok) {
    const { meta: _, ...request } = decoded.request;
    return V1_REQUESTS.has(request.type)
      ? { kind: 'refused', envelope: refusalOf(unknownType(request.op_id)) }
      : { kind: 'request', request };
  }
  const { meta: _, ...refused } = decoded.refused;
  const unknown = refused.reason === 'validation' && V1_REQUESTS.has(typeOf(frame));
  return { kind: 'refused', envelope: refusalOf(unknown ? unknownType(refused.opId) : refused) };
}

function unknownType(opId: string | undefined): RefusedRequest {
  const faults = [{ path: 'type', expected: 'a known message type' }];
  return { reason: 'unknown_type', faults, ...(opId !== undefined && { opId }) };
}

/** Of a frame whose envelope was good. */
function typeOf(frame: string): RequestType {
  return (parsed(frame) as Request).type;
}

function refusalOf({ opId, reason, faults, meta }: RefusedRequest): Readonly<Record<string, unknown>> {
  const reported = faults.slice(0, LIMITS.faultsReported);
  const message = reported
    .map(({ path, expected }) => `${path || 'the message'} must be ${expected}`)
    .join('; ');
  const field = reported[0]?.path;
  const details = {
    reason,
    ...(field && { field }),
    faults: reported.map(({ path, expected }) => ({ field: path, expected })),
  };
  return errorEnvelope(new Refusal('ERR_INVALID_MESSAGE', message, details), { op_id: opId, meta });
}
