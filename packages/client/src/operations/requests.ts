import {
  type Clock,
  type ErrorBody,
  encodeRequest,
  isRequestType,
  type Random,
  type ReplyData,
  type RequestData,
  type RequestType,
  replyValidators,
  requestValidators,
  V1_REQUESTS,
} from '@goconnect/protocol/validators';
import type { Line } from '../session/session.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { onAbort } from '../support/on-abort.js';
import { randomId } from '../support/random-id.js';
import { createScope, type Scope } from '../support/scope.js';
import {
  bytesOf,
  kindOf,
  mayRepeat,
  type Operation,
  type Outbox,
  type OutboxOptions,
  withOperation,
  without,
} from './outbox.js';
import { pace, pause, RESTED } from './pacing.js';

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

/** What an unsettled operation owns beside its place in the outbox. */
interface Ticket {
  readonly reply: Deferred<unknown>;
  readonly timeoutMs: number;
  readonly unlisten: () => void;
  /** Its one timer: time to live while queued, deadline while sent. */
  timer: Scope;
}

/** The options of the client that concern requests; `ClientOptions` says what each means. */
interface Settings {
  readonly requestTimeoutMs: number;
  readonly outbox: OutboxOptions;
  readonly resend: 'safe' | 'always';
  readonly validate: 'strict' | 'report' | 'off';
}

export function createRequests(ports: RequestPorts, settings: Settings): Requests {
  const { clock } = ports;
  const { storage, maxOperations, maxBytes, ttlMs: defaultTtlMs } = settings.outbox;
  const tickets = new Map<string, Ticket>();
  const idle: Deferred<void>[] = [];
  let outbox: Outbox = new Map();
  let paced = RESTED;
  let nextPump = createScope(clock);
  let ignored = 0;

  const store = (work: Promise<void>): void => {
    work.catch((error: unknown) => ports.onError(GoConnectError.from(error)));
  };
  const keep = ({ opId, type, data, expiresAt, sentAt }: Operation): void => {
    const due = clock.now() + expiresAt - clock.monotonic();
    store(storage.append({ opId, type, data, expiresAt: due, sent: sentAt !== undefined }));
  };

  const arm = (opId: string, ms: number, due: () => void): void => {
    const ticket = tickets.get(opId);
    if (!ticket) return;
    ticket.timer.end();
    ticket.timer = createScope(clock);
    ticket.timer.after(Math.max(0, ms), due);
  };
  const settle = ({ opId, kind }: Operation, conclude: (reply: Deferred<unknown>) => void): void => {
    const ticket = tickets.get(opId);
    outbox = without(outbox, opId);
    tickets.delete(opId);
    if (kind === 'mutation') store(storage.remove(opId));
    ticket?.timer.end();
    ticket?.unlisten();
    if (ticket) conclude(ticket.reply);
    if (outbox.size === 0) for (const waiter of idle.splice(0)) waiter.resolve();
  };
  const refuse = (opId: string, code: string, message: string, details?: ErrorBody['details']): void => {
    const operation = outbox.get(opId);
    if (!operation) return;
    const sent = operation.sentAt !== undefined;
    settle(operation, (reply) => reply.reject(new GoConnectError(code, message, { sent, opId, details })));
  };

  /** Puts the operation (back) into the queue, in its old place if it has one. */
  const queue = (operation: Operation): void => {
    const { opId, kind, expiresAt, sentAt } = operation;
    const late = kind === 'read' ? 'timeout' : sentAt === undefined ? 'expired' : 'unknown_outcome';
    outbox = withOperation(outbox, { ...operation, at: 'queued' });
    arm(opId, expiresAt - clock.monotonic(), () => refuse(opId, late, 'No connection in time'));
  };
  const write = (operation: Operation, line: Line): void => {
    const { opId, type, kind, data, sentAt } = operation;
    const frame = encodeRequest(type, opId, data);
    const most = line.welcome?.limits.max_message_bytes ?? Number.POSITIVE_INFINITY;
    if (new TextEncoder().encode(frame).length > most) {
      // The server would close the connection (A1.2), and for good.
      refuse(opId, 'invalid_payload', `This server takes ${most} bytes`, { field: 'data' });
      return;
    }
    const now = clock.monotonic();
    const written: Operation = { ...operation, at: line.id, sentAt: sentAt ?? now };
    const timeoutMs = tickets.get(opId)?.timeoutMs ?? 0;
    outbox = withOperation(outbox, written);
    if (kind !== 'immediate') paced = pace(paced, now);
    if (kind === 'mutation') keep(written);
    arm(opId, timeoutMs, () => refuse(opId, 'timeout', `No reply in ${timeoutMs} ms`));
    line.socket.send(frame);
  };

  const pump = (): void => {
    for (const operation of outbox.values()) {
      const line = ports.line();
      if (!line) return;
      const { opId, type } = operation;
      if (operation.at !== 'queued' || !outbox.has(opId)) continue;
      if (operation.sentAt !== undefined && !repeatable(operation, line)) {
        refuse(opId, 'unknown_outcome', 'Sent, then the connection broke');
      } else if (line.mode === 'base' && V1_REQUESTS.has(type)) {
        refuse(opId, 'ERR_INVALID_MESSAGE', `This server does not offer ${type}`);
      } else {
        const waitMs = holdUp(line);
        if (waitMs > 0) {
          pumpIn(waitMs, 'pacing');
          return;
        }
        write(operation, line);
      }
    }
  };
  const repeatable = (operation: Operation, { mode, welcome }: Line): boolean =>
    mayRepeat(
      operation,
      clock.monotonic(),
      { mode, dedupeMs: welcome?.dedupe_window_ms ?? 0 },
      settings.resend,
    );
  const holdUp = ({ welcome, mode, socket }: Line): number => {
    const full = socket.bufferedAmount > SOCKET_BUFFER_MAX ? SOCKET_BUFFER_WAIT_MS : 0;
    return Math.max(
      full,
      pause(paced, clock.monotonic(), welcome?.limits.messages_per_minute ?? PER_MINUTE, mode),
    );
  };
  const pumpIn = (waitMs: number, reason: Backpressure['reason']): void => {
    nextPump.end();
    nextPump = createScope(clock);
    nextPump.after(waitMs, pump);
    ports.onBackpressure({ reason, waitMs });
  };

  const admit = (operation: Operation, timeoutMs: number, signal?: AbortSignal): Promise<unknown> => {
    const { opId } = operation;
    const reply = deferred<unknown>();
    const unlisten = onAbort(signal, () => refuse(opId, 'aborted', 'Aborted'));
    tickets.set(opId, { reply, timeoutMs, unlisten, timer: createScope(clock) });
    queue(operation);
    return reply.promise;
  };

  const request: Requests['request'] = async (type, data, given = {}) => {
    const { signal, timeoutMs = settings.requestTimeoutMs, ttlMs = defaultTtlMs } = given;
    const { opId = randomId(ports.random) } = given;
    const demand = (holds: boolean, code: string, message: string, details?: ErrorBody['details']): void => {
      if (!holds) throw new GoConnectError(code, message, { opId, details });
    };
    const checked = isRequestType(type) ? requestValidators[type](data ?? {}, 'data') : NO_SUCH_REQUEST;
    if (!checked.ok) {
      const { path: field, expected } = checked.faults[0] ?? NO_SUCH_REQUEST.faults[0];
      throw new GoConnectError('invalid_payload', `${field} should be ${expected}`, {
        opId,
        details: { field },
      });
    }
    const free = opId.length > 0 && opId.length <= 128 && !outbox.has(opId);
    demand(free, 'invalid_payload', 'op_id should be 1-128 characters and not in use', { field: 'op_id' });
    demand(!signal?.aborted, 'aborted', 'Aborted before it was sent');
    const kind = kindOf(type);
    const line = ports.line();
    const refusal = ports.refusal() ?? (kind === 'immediate' && !line ? 'not_connected' : undefined);
    demand(
      !refusal || (kind === 'mutation' && refusal !== 'closed'),
      refusal ?? '',
      `${type} needs a connection`,
    );
    const bytes = JSON.stringify(checked.value).length;
    if (kind !== 'immediate' && (outbox.size >= maxOperations || bytesOf(outbox) + bytes > maxBytes)) {
      ports.onBackpressure({ reason: 'queue_full', waitMs: 0 });
      demand(false, 'queue_full', 'The outbox is full');
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
    const reply = admit(operation, timeoutMs, signal);
    if (kind === 'mutation') keep(operation);
    if (kind === 'immediate' && line) write(operation, line);
    else pump();
    return reply as Promise<ReplyData<typeof type>>;
  };

  /** What an earlier life of the application left behind. Nobody holds its promise: failures go to `onError`. */
  const restore = async (): Promise<void> => {
    for (const { expiresAt, sent, ...stored } of await storage.load()) {
      const now = clock.monotonic();
      const bytes = JSON.stringify(stored.data).length;
      const due = now + expiresAt - clock.now();
      const past = { kind: 'mutation', at: 'queued', sentAt: sent ? now : undefined } as const;
      store(admit({ ...stored, ...past, bytes, expiresAt: due }, settings.requestTimeoutMs).then(() => {}));
    }
    pump();
  };
  store(restore());

  return {
    request,
    pump,
    onReply(opId, data) {
      const operation = outbox.get(opId);
      if (!operation) {
        ignored++;
        return;
      }
      const { type } = operation;
      // The original server may answer with a bare status: what was asked for stands in for what it left out.
      const checked = replyValidators[type]({ ...(operation.data as object), ...(data as object) }, 'data');
      if (checked.ok || settings.validate !== 'strict') {
        const value = checked.ok ? checked.value : data;
        settle(operation, (reply) => reply.resolve(value));
        ports.onSettled(type, value);
      } else {
        refuse(opId, 'invalid_payload', 'The reply breaks the contract', { field: checked.faults[0]?.path });
      }
    },
    onRefusal(opId, { code, message, details }) {
      const operation = outbox.get(opId ?? '');
      if (opId !== undefined && !operation) {
        ignored++;
        return;
      }
      const limited = code === 'ERR_RATE_LIMIT';
      const waitMs = Number(details.retry_after_ms) || RETRY_AFTER_MS;
      if (limited) paced = { ...paced, silentUntil: clock.monotonic() + waitMs };
      if (!operation) ports.onError(new GoConnectError(code, message, { details }));
      // Refused, so without effect; on v1 an earlier sending may have had one, and the key takes care of that.
      else if (limited && operation.kind !== 'immediate') {
        queue(ports.line()?.mode === 'base' ? { ...operation, sentAt: undefined } : operation);
      } else refuse(operation.opId, code, message, details);
      if (limited) pumpIn(waitMs, 'rate_limit');
    },
    onLineGone(line) {
      for (const operation of outbox.values()) {
        if (operation.at !== line.id) continue;
        if (repeatable(operation, line)) queue(operation);
        else refuse(operation.opId, 'unknown_outcome', 'Sent, then the connection broke');
      }
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
      idle.push(waiter);
      await waiter.promise;
    },
    settleAll() {
      nextPump.end();
      for (const opId of outbox.keys()) refuse(opId, 'closed', 'The client was closed');
    },
    get ignored() {
      return ignored;
    },
  };
}

const NO_SUCH_REQUEST = { ok: false, faults: [{ path: 'type', expected: 'a known request type' }] } as const;
