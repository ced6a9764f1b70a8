import { type Clock, decodeRequest, isErrorCode, type Random, type Request } from '@goconnect/protocol';
import { OperationError } from '../domain/operation-error.js';
import type { HandlerContext, Outcome, PresenceBook } from '../handlers/handler.js';
import { handle } from '../handlers/handlers.js';
import type { Operations } from '../operations/operations.js';
import type { Logger } from '../ports/logger.js';
import type { GatewayMetrics, RateLimitName } from '../ports/metrics.js';
import { isUnknownOutcome, loudness, StoreError } from '../ports/store-error.js';
import type { AccessTokens } from '../ports/tokens.js';
import type { RequestEnd, Span, Tracing } from '../ports/tracing.js';
import type { Grant } from './allowance.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import { type NetworkRates, rateLimit } from './network-rates.js';
import { randomId } from './random-id.js';
import { errorFrame, type ReplyError, refusal, replyFrame } from './reply-frames.js';
import type { Sessions } from './sessions.js';
import { Unanswered } from './unanswered.js';
import { userKey } from './user-key.js';

export interface RequestsDeps {
  readonly operations: Operations;
  readonly tokens: AccessTokens;
  readonly presence: PresenceBook;
  readonly sessions: Sessions;
  readonly networkRates: NetworkRates;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** Default: none, at no cost. */
  readonly tracing?: Tracing;
  /** Told of a connection's first word, and every later one. */
  readonly spoke: (connection: Connection) => void;
}

type Granted = Exclude<Grant, { readonly kind: 'refused' }>;

/**
 * Takes what clients send through its stations: readable, known, within the limits, handled, answered once (A2.1). Only
 * where nobody knows the answer the connection ends in its place.
 */
export class Requests {
  readonly #deps: RequestsDeps;
  readonly #unanswered = new Unanswered();

  constructor(deps: RequestsDeps) {
    this.#deps = deps;
  }

  receive(connection: Connection, frame: string): void {
    const { spoke } = this.#deps;
    const decoded = decodeRequest(frame, connection.dialect);
    if (!decoded.ok || decoded.request.type !== 'session.resume') spoke(connection);
    if (decoded.ok) this.#admit(connection, decoded.request);
    else this.#refuse(connection, decoded.refused);
  }

  #admit(connection: Connection, request: Request): void {
    const { metrics, clock } = this.#deps;
    const { type } = request;
    const { allowance, inFlight } = connection;
    const now = clock.monotonic();
    metrics.received(type);
    if (inFlight >= BOUNDS.inFlight) {
      const retryAfterMs = Math.max(BOUNDS.inFlightRetryMs, allowance.waitMs(type, now));
      this.#turnAway(connection, request, retryAfterMs, 'in_flight');
      return;
    }
    const grant = allowance.ask(type, now);
    if (grant.kind === 'refused') this.#turnAway(connection, request, grant.retryAfterMs, limitOf(type));
    else void this.#answer(connection, request, grant);
  }

  #turnAway(connection: Connection, request: Request, waitMs: number, limit: RateLimitName): void {
    this.#deps.metrics.noted({ kind: 'rate_limited', limit });
    // Whoever waits for the one limit must not meet the other then (A2.4).
    this.#fail(connection, request, rateLimit(Math.max(waitMs, this.#networkWaitMs(connection, request))));
  }

  /** As far as the request itself names a room. How busy one is, is told only to its people (A3.3). */
  #networkWaitMs({ rooms, left }: Connection, request: Request): number {
    if (request.type !== 'chat.send') return 0;
    const { scope } = request.data;
    const waitMs = this.#deps.networkRates.waitMs(scope, this.#deps.clock.monotonic());
    const known = waitMs > 0 && (left.has(scope) || [...rooms].some(({ name }) => name === scope));
    return known ? waitMs : 0;
  }

  #refuse(connection: Connection, refused: Parameters<typeof refusal>[0]): void {
    const { metrics, clock } = this.#deps;
    metrics.received('invalid');
    metrics.failed('ERR_INVALID_MESSAGE');
    connection.send(errorFrame(refused.opId, refusal(refused), traceOf(connection, refused)), 'error');
    if (!connection.allowance.invalid(clock.monotonic())) connection.close('too_many_invalid');
  }

  async #answer(connection: Connection, request: Request, grant: Granted): Promise<void> {
    const started = this.#deps.clock.monotonic();
    const span = this.#begin(connection, request);
    let end: RequestEnd;
    connection.inFlight++;
    try {
      const carryOut = () => this.#carryOut(connection, request, grant, span);
      end = await (LARGE_REPLIES.has(request.type) ? connection.whenLight(carryOut) : carryOut());
    } catch (error) {
      const refused = error instanceof OperationError && error.code === 'ERR_RATE_LIMIT';
      this.#settle(grant, refused ? 'rate_limited' : 'new');
      end = this.#fail(connection, request, error);
    } finally {
      connection.inFlight--;
    }
    span?.end(end);
    const seconds = (this.#deps.clock.monotonic() - started) / 1_000;
    this.#deps.metrics.noted({ kind: 'answered', type: request.type, outcome: end.kind, seconds });
  }

  async #carryOut(
    connection: Connection,
    request: Request,
    grant: Granted,
    span: Span | undefined,
  ): Promise<RequestEnd> {
    // Nothing is awaited before the handler has handed its operation over (A2.2).
    const { reply, repeated, afterwards } = await (span
      ? span.run(() => this.#handle(connection, request, grant))
      : this.#handle(connection, request, grant));
    this.#settle(grant, repeated ? 'repeat' : 'new');
    this.#unanswered.delete(keyOf(connection, request));
    connection.send(
      replyFrame(request.type, request.op_id, reply, traceOf(connection, request)),
      replyType(request),
    );
    afterwards?.();
    return repeated ? REPEATED : DONE;
  }

  #begin({ id }: Connection, { type, meta }: Request): Span | undefined {
    return this.#deps.tracing?.begin({ via: 'websocket', name: type, traceparent: meta?.traceparent, id });
  }

  #handle(connection: Connection, request: Request, grant: Granted): Promise<Outcome<Request['type']>> {
    const { operations, tokens, presence, clock, sessions } = this.#deps;
    const { actor, dialect, id } = connection;
    const { op_id: opId, meta } = request;
    // Published examples reuse `op-1`, so without v1 the key holds within its connection only (B4.1).
    const key = { opId, ...(dialect === 'base' && { connection: id }) };
    const trace = dialect === 'v1' && meta ? { meta } : {};
    const context: HandlerContext = {
      operations,
      tokens,
      presence,
      clock,
      session: sessions.of(connection),
      opId,
      mutation: { actor, key, ...trace, admit: (room) => this.#place(room, grant) },
    };
    return handle(context, request);
  }

  /** The limit of the room, asked for by the operation once it knows which: of an edit, only the store does. */
  #place(room: string, grant: Granted): () => void {
    const { metrics, networkRates, clock } = this.#deps;
    const now = clock.monotonic();
    if (grant.kind === 'repeat_only') {
      metrics.noted({ kind: 'rate_limited', limit: 'connection' });
      // Whoever waits for the one limit must not meet the other then (A2.4).
      throw rateLimit(Math.max(grant.retryAfterMs, networkRates.waitMs(room, now)));
    }
    try {
      return networkRates.admit(room, now);
    } catch (error) {
      metrics.noted({ kind: 'rate_limited', limit: 'network' });
      throw error;
    }
  }

  #settle(grant: Granted, turnedOut: 'new' | 'repeat' | 'rate_limited'): void {
    if (grant.kind === 'granted') grant.settle(turnedOut, this.#deps.clock.monotonic());
  }

  #fail(connection: Connection, request: Request, error: unknown): RequestEnd {
    const { body, end } = this.#replyError(connection, request, error);
    const key = keyOf(connection, request);
    if (isUnknownOutcome(error) || (error instanceof StoreError && this.#unanswered.has(key))) {
      this.#unanswered.add(key);
      // Whatever we said could be wrong. Without an answer a client asks again under the same key, or says that it does
      // not know (A2.5, B4.1).
      connection.close('internal_error');
      return end;
    }
    this.#deps.metrics.failed(body.code);
    connection.send(errorFrame(request.op_id, body, traceOf(connection, request)), 'error');
    return end;
  }

  /** What is no refusal of ours is a fault of ours: its text may hold anything, so it goes to the log alone (A2.4). */
  #replyError(
    connection: Connection,
    request: Request,
    error: unknown,
  ): { readonly body: ReplyError; readonly end: RequestEnd } {
    if (error instanceof OperationError && isErrorCode(error.code)) {
      const { code, message, details } = error;
      return { body: { code, message, details }, end: { kind: 'refused', code } };
    }
    const correlationId = randomId(this.#deps.random);
    const fields = {
      connection: connection.id,
      op_id: request.op_id,
      type: request.type,
      correlation_id: correlationId,
      ...(request.meta && { traceparent: request.meta.traceparent }),
      err: error,
    };
    this.#deps.logger[loudness(error)](fields, 'a request failed');
    const body: ReplyError = {
      code: 'ERR_HANDLER_FAILED',
      message: 'The server failed to handle this message; trying again may help',
      details: { correlation_id: correlationId },
    };
    return { body, end: { kind: 'failed', correlationId } };
  }
}

/** What a repeat has in common with its first sending (B4.1). */
function keyOf({ dialect, id, actor }: Connection, { op_id }: Request): string {
  return `${dialect === 'v1' ? userKey(actor) : id} ${op_id}`;
}

/**
 * Many of these asked for at once would be more than may wait for a client (A6.3), so the next is read when there is room
 * for it. Nothing but reads: what changes something keeps its place among the others (A2.2).
 */
const LARGE_REPLIES: ReadonlySet<Request['type']> = new Set(['chat.history', 'presence.list']);

const DONE: RequestEnd = { kind: 'ok' };
const REPEATED: RequestEnd = { kind: 'repeat' };

/** The small budgets are limits of their own (A6.2). */
function limitOf(type: Request['type']): RateLimitName {
  return type === 'presence.ping' || type === 'session.resume' ? type : 'connection';
}

function replyType({ type }: Request): string {
  return type === 'presence.ping' ? 'presence.pong' : 'ack';
}

function traceOf({ dialect }: Connection, { meta }: Pick<Request, 'meta'>): Request['meta'] {
  return dialect === 'v1' ? meta : undefined;
}
