import {
  type Clock,
  type ErrorBody,
  encodeRequest,
  isRequestType,
  MUTATIONS,
  type Random,
  type ReplyData,
  type RequestData,
  type RequestType,
  replyValidators,
  requestValidators,
  V1_REQUESTS,
} from '@goconnect/protocol/validators';
import type { ClientOptionsInForce } from '../client-options.js';
import type { Line } from '../session/session.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { onAbort } from '../support/on-abort.js';
import { randomId } from '../support/random-id.js';
import {
  cut,
  hasRoom,
  type Operation,
  type OperationKind,
  type Outbox,
  withOperation,
  without,
} from './outbox.js';
import { paced, pause, RESTED } from './pacing.js';

/** Past this the socket's own buffer is the queue, which nobody can inspect or cancel. */
const SOCKET_BUFFER_MAX = 1_048_576;
const SOCKET_BUFFER_WAIT_MS = 50;
/** Published for servers that do not announce a limit. */
const PER_MINUTE = 100;
/** Silence after a rate limit that names none. */
const RETRY_AFTER_MS = 1_000;

export interface RequestOptions {
  /** Aborting settles the request as `aborted`; what was already sent may still take effect. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long the reply may take, in ms from the moment of sending; each sending starts it anew, waiting does not count. Default:
   * the client's `requestTimeoutMs`. Reads (everything but `chat.send|edit|delete|redact`) also wait no longer than this.
   */
  readonly timeoutMs?: number | undefined;
  /** How long a mutation may wait for a connection, in ms. Default: the client's `outbox.ttlMs`. */
  readonly ttlMs?: number | undefined;
  /** Idempotency key of your own, at most 128 characters. Default: 128 random bits. */
  readonly opId?: string | undefined;
}

/** Why sending is held up just now. */
export interface Backpressure {
  readonly reason: 'pacing' | 'rate_limit' | 'queue_full';
  /** Until the next try. */
  readonly waitMs: number;
}

export interface RequestPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** The connection in use. */
  line(): Line | undefined;
  /** Why nothing can wait for a connection: nobody asked for one, or there will be none. */
  refusal(): 'closed' | 'not_connected' | undefined;
  onBackpressure(pressure: Backpressure): void;
  /** A failure that no promise carries. */
  onError(error: GoConnectError): void;
  onSettled(type: RequestType, reply: unknown): void;
}

export interface Requests {
  request<K extends RequestType>(
    type: K,
    data: RequestData<K>,
    options?: RequestOptions,
  ): Promise<ReplyData<K>>;
  onReply(opId: string, data: unknown): void;
  onRefusal(opId: string | undefined, error: ErrorBody): void;
  onLineGone(line: Line): void;
  /** Sends what may be sent now. */
  pump(): void;
  readonly outbox: Outbox;
  cancel(opId: string): boolean;
  /** Resolves when nothing is unsettled. */
  drained(): Promise<void>;
  settleAll(): void;
  /** Replies that came too late, twice, or to nothing we asked. */
  readonly ignored: number;
}

interface Ticket {
  readonly reply: Deferred<unknown>;
  readonly timeoutMs: number;
  timer?: unknown;
  unlisten?: () => void;
}

type RequestSettings = Pick<ClientOptionsInForce, 'requestTimeoutMs' | 'outbox' | 'resend' | 'validate'>;

export function createRequests(ports: RequestPorts, options: RequestSettings): Requests {
  const { clock } = ports;
  const { storage } = options.outbox;
  const tickets = new Map<string, Ticket>();
  const waiters: Deferred<void>[] = [];
  let outbox: Outbox = new Map();
  let pace = RESTED;
  let pumpTimer: unknown;
  let ignored = 0;

  const store = (work: Promise<void>): void =>
    void work.catch((error: unknown) => ports.onError(GoConnectError.from(error)));
  const disarm = (timer: unknown): void => {
    if (timer !== undefined) clock.clearTimeout(timer);
  };
  const arm = (opId: string, ms: number, expire: () => void): void => {
    const ticket = tickets.get(opId);
    if (!ticket) return;
    disarm(ticket.timer);
    ticket.timer = clock.setTimeout(expire, Math.max(0, ms));
  };

  const settle = (operation: Operation, conclude: (reply: Deferred<unknown>) => void): void => {
    const { opId } = operation;
    const ticket = tickets.get(opId);
    outbox = without(outbox, opId);
    tickets.delete(opId);
    if (operation.kind === 'mutation') store(storage.remove(opId));
    if (ticket) {
      disarm(ticket.timer);
      ticket.unlisten?.();
      conclude(ticket.reply);
    }
    if (outbox.size === 0) for (const waiter of waiters.splice(0)) waiter.resolve();
  };
  const refuse = (opId: string, code: string, message: string, details?: ErrorBody['details']): void => {
    const operation = outbox.get(opId);
    if (!operation) return;
    const sent = operation.sentAt !== undefined;
    settle(operation, (reply) => reply.reject(new GoConnectError(code, message, { sent, opId, details })));
  };
  const expire = (opId: string): void => {
    const operation = outbox.get(opId);
    if (operation?.kind === 'read') return refuse(opId, 'timeout', 'No connection in time');
    refuse(opId, operation?.sentAt === undefined ? 'expired' : 'unknown_outcome', 'Time to live is over');
  };
  const mayRepeat = ({ sentAt = 0 }: Operation, { mode, welcome }: Line): boolean =>
    options.resend === 'always' ||
    (mode === 'v1' && clock.monotonic() - sentAt < (welcome?.dedupe_window_ms ?? 0));

  /** Gives the operation back to the queue, in its old place. */
  const requeue = (operation: Operation): void => {
    outbox = withOperation(outbox, { ...operation, at: 'queued' });
    arm(operation.opId, operation.expiresAt - clock.monotonic(), () => expire(operation.opId));
  };

  const write = (operation: Operation, line: Line): void => {
    const { opId, type, data } = operation;
    const frame = encodeRequest(type, opId, data);
    const most = line.welcome?.limits.max_message_bytes;
    // Units, not bytes: a server's bound far exceeds what the validators let through; this is for tiny ones.
    if (most !== undefined && frame.length > most) {
      return refuse(opId, 'invalid_payload', `More than the ${most} bytes this server takes`, {
        field: 'data',
      });
    }
    const now = clock.monotonic();
    const written: Operation = { ...operation, at: line.id, sentAt: operation.sentAt ?? now };
    outbox = withOperation(outbox, written);
    if (operation.kind !== 'immediate') pace = paced(pace, now);
    if (operation.kind === 'mutation') keep(written);
    const { timeoutMs } = tickets.get(opId) ?? { timeoutMs: options.requestTimeoutMs };
    arm(opId, timeoutMs, () => refuse(opId, 'timeout', `No reply in ${timeoutMs} ms`));
    line.socket.send(frame);
  };
  const keep = ({ opId, type, data, expiresAt, sentAt }: Operation): void =>
    store(
      storage.append({
        opId,
        type,
        data,
        expiresAt: clock.now() + expiresAt - clock.monotonic(),
        sent: sentAt !== undefined,
      }),
    );

  const pump = (): void => {
    for (const operation of outbox.values()) {
      const line = ports.line();
      if (!line) return;
      if (operation.at !== 'queued' || !outbox.has(operation.opId)) continue;
      if (operation.kind === 'mutation' && operation.sentAt !== undefined && !mayRepeat(operation, line)) {
        refuse(
          operation.opId,
          'unknown_outcome',
          'Sent, then the connection broke; this server cannot tell repeats',
        );
        continue;
      }
      if (line.mode === 'base' && V1_REQUESTS.has(operation.type)) {
        refuse(operation.opId, 'ERR_INVALID_MESSAGE', `This server does not offer ${operation.type}`);
        continue;
      }
      if (holdUp(line)) return;
      write(operation, line);
    }
  };
  const holdUp = ({ welcome, mode, socket }: Line): boolean => {
    const perMinute = welcome?.limits.messages_per_minute ?? PER_MINUTE;
    const full = socket.bufferedAmount > SOCKET_BUFFER_MAX ? SOCKET_BUFFER_WAIT_MS : 0;
    const waitMs = Math.max(full, pause(pace, clock.monotonic(), perMinute, mode));
    if (waitMs === 0) return false;
    disarm(pumpTimer);
    pumpTimer = clock.setTimeout(pump, waitMs);
    ports.onBackpressure({ reason: 'pacing', waitMs });
    return true;
  };

  const admit = (operation: Operation, reply: Deferred<unknown>, timeoutMs: number): void => {
    outbox = withOperation(outbox, operation);
    tickets.set(operation.opId, { reply, timeoutMs });
    arm(operation.opId, operation.expiresAt - clock.monotonic(), () => expire(operation.opId));
  };

  const request: Requests['request'] = async (type, data, given = {}) => {
    const { signal, timeoutMs = options.requestTimeoutMs, ttlMs = options.outbox.ttlMs } = given;
    const { opId = randomId(ports.random) } = given;
    const fail = (code: string, message: string, details?: ErrorBody['details']): never => {
      throw new GoConnectError(code, message, { opId, details });
    };
    const checked = check(type, data);
    if (!checked.ok) {
      const [fault] = checked.faults;
      return fail('invalid_payload', `${fault?.path} should be ${fault?.expected}`, { field: fault?.path });
    }
    if (!opId || opId.length > 128 || outbox.has(opId)) {
      return fail('invalid_payload', 'opId should be 1-128 characters and not in use', { field: 'op_id' });
    }
    if (signal?.aborted) return fail('aborted', 'Aborted before it was sent');
    const kind = kindOf(type);
    const line = ports.line();
    const refusal = ports.refusal() ?? (kind === 'immediate' && !line ? 'not_connected' : undefined);
    if (refusal === 'closed' || (refusal && kind !== 'mutation'))
      return fail(refusal, `${type} needs a connection`);
    const bytes = JSON.stringify(checked.value).length;
    if (kind !== 'immediate' && !hasRoom(outbox, bytes, options.outbox)) {
      ports.onBackpressure({ reason: 'queue_full', waitMs: 0 });
      return fail('queue_full', 'The outbox is full');
    }
    const expiresAt = clock.monotonic() + (kind === 'mutation' ? ttlMs : timeoutMs);
    const operation: Operation = {
      opId,
      type,
      data: checked.value,
      kind,
      bytes,
      expiresAt,
      at: 'queued',
      sentAt: undefined,
    };
    const reply = deferred<unknown>();
    admit(operation, reply, timeoutMs);
    const ticket = tickets.get(opId);
    if (ticket) ticket.unlisten = onAbort(signal, () => refuse(opId, 'aborted', 'Aborted'));
    if (kind === 'mutation') keep(operation);
    if (kind === 'immediate' && line) write(operation, line);
    else pump();
    return reply.promise as Promise<ReplyData<typeof type>>;
  };

  const restore = async (): Promise<void> => {
    for (const { opId, type, data, expiresAt, sent } of await storage.load()) {
      if (outbox.has(opId) || !isRequestType(type)) continue;
      const now = clock.monotonic();
      const reply = deferred<unknown>();
      reply.promise.catch((error: unknown) => ports.onError(GoConnectError.from(error)));
      const bytes = JSON.stringify(data).length;
      const due = now + expiresAt - clock.now();
      admit(
        {
          opId,
          type,
          data,
          kind: 'mutation',
          bytes,
          expiresAt: due,
          at: 'queued',
          sentAt: sent ? now : undefined,
        },
        reply,
        options.requestTimeoutMs,
      );
    }
    pump();
  };
  store(restore());

  return {
    request,
    pump,
    onReply(opId, data) {
      const operation = outbox.get(opId);
      if (!operation) return void ignored++;
      // The original server may answer with a bare status: what was asked for stands in for what it left out.
      const checked = replyValidators[operation.type](
        { ...(operation.data as object), ...(data as object) },
        'data',
      );
      if (!checked.ok && options.validate === 'strict') {
        return refuse(opId, 'invalid_payload', 'The reply is not what the contract says', {
          field: checked.faults[0]?.path,
        });
      }
      const value = checked.ok ? checked.value : data;
      settle(operation, (reply) => reply.resolve(value));
      ports.onSettled(operation.type, value);
    },
    onRefusal(opId, { code, message, details }) {
      const operation = opId === undefined ? undefined : outbox.get(opId);
      if (opId !== undefined && !operation) return void ignored++;
      const limited = code === 'ERR_RATE_LIMIT';
      if (limited) {
        const waitMs = Number(details.retry_after_ms) || RETRY_AFTER_MS;
        pace = { ...pace, silentUntil: clock.monotonic() + waitMs };
        ports.onBackpressure({ reason: 'rate_limit', waitMs });
      }
      if (!operation) return ports.onError(new GoConnectError(code, message, { details }));
      if (!limited || operation.kind === 'immediate') return refuse(operation.opId, code, message, details);
      // Refused, so without effect; on v1 an earlier sending may have had one, and the key takes care of that.
      requeue(ports.line()?.mode === 'base' ? { ...operation, sentAt: undefined } : operation);
      pump();
    },
    onLineGone(line) {
      const gone = cut(outbox, line.id, (operation) => mayRepeat(operation, line));
      outbox = gone.outbox;
      for (const { opId } of gone.unknown) refuse(opId, 'unknown_outcome', 'Sent, then the connection broke');
      for (const operation of gone.again) requeue(operation);
      pump();
    },
    get outbox() {
      return outbox;
    },
    cancel(opId) {
      const known = outbox.has(opId);
      refuse(opId, 'aborted', 'Cancelled');
      return known;
    },
    async drained() {
      if (outbox.size === 0) return;
      const waiter = deferred<void>();
      waiters.push(waiter);
      await waiter.promise;
    },
    settleAll() {
      disarm(pumpTimer);
      for (const opId of outbox.keys()) refuse(opId, 'closed', 'The client was closed');
    },
    get ignored() {
      return ignored;
    },
  };
}

function kindOf(type: RequestType): OperationKind {
  if (MUTATIONS.has(type)) return 'mutation';
  return type === 'presence.ping' || type === 'session.resume' || type === 'auth.refresh'
    ? 'immediate'
    : 'read';
}

/** Callers in plain JavaScript may ask for anything. */
function check(type: RequestType, data: unknown): ReturnType<(typeof requestValidators)[RequestType]> {
  if (isRequestType(type)) return requestValidators[type](data ?? {}, 'data');
  return { ok: false, faults: [{ path: 'type', expected: 'a known request type' }] };
}
