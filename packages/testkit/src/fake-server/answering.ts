import {
  decodeRequest,
  LIMITS,
  MUTATIONS,
  type RefusedRequest,
  type Request,
  utf8Length,
  V1_REQUESTS,
} from '@goconnect/protocol/validators';
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
  const meta = request.meta ? { meta: request.meta } : {};
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
    return { envelope: { type, op_id: request.op_id, data, ...meta }, published };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { envelope: { ...errorEnvelope(error, request.op_id), ...meta }, published: [] };
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

export function errorEnvelope(
  { code, message, details }: Refusal,
  opId?: string,
): Readonly<Record<string, unknown>> {
  return { type: 'error', ...(opId !== undefined && { op_id: opId }), error: { code, message, details } };
}

export type Read =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'refused'; readonly envelope: Readonly<Record<string, unknown>> }
  | { readonly kind: 'too_big' };

/** Reads a frame (A1.2, A1.5). Requests of the session extension are unknown on a base connection. */
export function readRequest(frame: string, maxBytes: number, dialect: Dialect): Read {
  if (frame.length > maxBytes || utf8Length(frame) > maxBytes) return { kind: 'too_big' };
  const decoded = decodeRequest(frame);
  if (decoded.ok && dialect === 'base' && V1_REQUESTS.has(decoded.request.type)) {
    const refused = {
      reason: 'unknown_type',
      faults: [{ path: 'type', expected: 'a known message type' }],
    } as const;
    return { kind: 'refused', envelope: refusalOf({ ...refused, opId: decoded.request.op_id }) };
  }
  if (decoded.ok) return { kind: 'request', request: decoded.request };
  return { kind: 'refused', envelope: refusalOf(decoded.refused) };
}

function refusalOf({ opId, reason, faults }: RefusedRequest): Readonly<Record<string, unknown>> {
  const [first] = faults;
  const message = faults
    .slice(0, LIMITS.faultsReported)
    .map(({ path, expected }) => `${path || 'the message'} must be ${expected}`)
    .join('; ');
  const details = { field: first?.path ?? '', reason };
  return errorEnvelope(new Refusal('ERR_INVALID_MESSAGE', message, details), opId);
}
