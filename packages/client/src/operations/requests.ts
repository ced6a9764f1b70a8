import {
  type Clock,
  type ErrorBody,
  encodeRequest,
  type Random,
  type ReplyData,
  type RequestData,
  type RequestType,
  replyValidators,
  V1_REQUESTS,
} from '@goconnect/protocol/validators';
import type { Line } from '../session/session.js';
import { type Deferred, deferred } from '../support/deferred.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { randomId } from '../support/random-id.js';
import { createScope, type Scope } from '../support/scope.js';
import { type Admission, admit } from './admission.js';
import {
  mayRepeat,
  type Operation,
  type Outbox,
  type OutboxOptions,
  withOperation,
  without,
} from './outbox.js';
import { pace, pause, RESTED } from './pacing.js';
import type { RequestOptions } from './request-options.js';
import { Tickets } from './tickets.js';

/** Past this the socket's own buffer is the queue, which nobody can inspect or cancel. */
const SOCKET_BUFFER_MAX = 1_048_576;
const SOCKET_BUFFER_WAIT_MS = 50;
/** Published for servers that do not announce a limit. */
const PER_MINUTE = 100;
/** Silence after a rate limit that names none. */
const RETRY_AFTER_MS = 1_000;

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
  standing(): Admission['standing'];
  onBackpressure(pressure: Backpressure): void;
  /** A failure that no promise carries. */
  onError(error: GoConnectError): void;
  onSettled(type: RequestType, reply: unknown): void;
}

/** Sends a request and gives its reply. */
export type RequestFunction = <K extends RequestType>(
  type: K,
  data: RequestData<K>,
  options?: RequestOptions,
) => Promise<ReplyData<K>>;

/** The options that concern requests. */
export interface RequestSettings {
  readonly requestTimeoutMs: number;
  readonly resend: 'safe' | 'always';
  readonly validate: 'strict' | 'report' | 'off';
  readonly outbox: OutboxOptions;
}

/** Operations on their way: queued, paced, sent, and settled exactly once. */
export class Requests {
  readonly #ports: RequestPorts;
  readonly #settings: RequestSettings;
  readonly #tickets: Tickets;
  readonly #drained: Deferred<void>[] = [];
  #outbox: Outbox = new Map();
  #pace = RESTED;
  #nextPump: Scope;
  #ignored = 0;

  constructor(ports: RequestPorts, settings: RequestSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#tickets = new Tickets(ports.clock);
    this.#nextPump = createScope(ports.clock);
    this.#store(this.#restore());
  }

  get outbox(): Outbox {
    return this.#outbox;
  }

  /** Replies that came too late, twice, or to nothing we asked. */
  get ignored(): number {
    return this.#ignored;
  }

  readonly request: RequestFunction = async <K extends RequestType>(
    type: K,
    data: RequestData<K>,
    { signal, timeoutMs = this.#settings.requestTimeoutMs, ...given }: RequestOptions = {},
  ): Promise<ReplyData<K>> => {
    const { clock, random, standing, line, onBackpressure } = this.#ports;
    const { opId = randomId(random), ttlMs = this.#settings.outbox.ttlMs } = given;
    const operation = admit(type, data, {
      ...this.#settings.outbox,
      ...{ outbox: this.#outbox, signal, timeoutMs, ttlMs, opId },
      now: clock.monotonic(),
      standing: standing(),
      onFull: () => onBackpressure({ reason: 'queue_full', waitMs: 0 }),
    });
    const reply = this.#open(operation, signal);
    if (operation.kind === 'mutation') this.#keep(operation);
    const current = line();
    if (operation.kind === 'immediate' && current) this.#write(operation, current);
    else this.pump();
    return reply as Promise<ReplyData<K>>;
  };

  /** Sends what may be sent now. */
  pump(): void {
    for (const operation of this.#outbox.values()) {
      const line = this.#ports.line();
      if (!line) return;
      const { opId, type } = operation;
      if (operation.at !== 'queued' || !this.#outbox.has(opId)) continue;
      if (operation.sentAt !== undefined && !this.#mayRepeat(operation, line)) {
        this.#refuse(opId, 'unknown_outcome', 'Sent, then the connection broke');
      } else if (line.mode === 'base' && V1_REQUESTS.has(type)) {
        this.#refuse(opId, 'ERR_INVALID_MESSAGE', `This server does not offer ${type}`);
      } else {
        const waitMs = this.#holdUp(line);
        if (waitMs > 0) {
          this.#pumpIn(waitMs, 'pacing');
          return;
        }
        this.#write(operation, line);
      }
    }
  }

  onReply(opId: string, data: unknown): void {
    const operation = this.#outbox.get(opId);
    if (!operation) {
      this.#ignored++;
      return;
    }
    const { type } = operation;
    // The original server may answer with a bare status: what was asked for stands in for what it left out.
    const checked = replyValidators[type]({ ...(operation.data as object), ...(data as object) }, 'data');
    if (!checked.ok && this.#settings.validate === 'strict') {
      this.#refuse(opId, 'invalid_payload', 'The reply breaks the contract', {
        field: checked.faults[0]?.path,
      });
      return;
    }
    const value = checked.ok ? checked.value : data;
    this.#settle(operation)?.resolve(value);
    this.#ports.onSettled(type, value);
  }

  onRefusal(opId: string | undefined, { code, message, details }: ErrorBody): void {
    const { clock, line, onError } = this.#ports;
    const operation = this.#outbox.get(opId ?? '');
    if (opId !== undefined && !operation) {
      this.#ignored++;
      return;
    }
    const limited = code === 'ERR_RATE_LIMIT';
    const waitMs = Number(details.retry_after_ms) || RETRY_AFTER_MS;
    if (limited) this.#pace = { ...this.#pace, silentUntil: clock.monotonic() + waitMs };
    if (!operation) onError(new GoConnectError(code, message, { details }));
    // Refused, so without effect; on v1 an earlier sending may have had one, and the key takes care of that.
    else if (limited && operation.kind !== 'immediate') {
      this.#queue(line()?.mode === 'base' ? { ...operation, sentAt: undefined } : operation);
    } else this.#refuse(operation.opId, code, message, details);
    if (limited) this.#pumpIn(waitMs, 'rate_limit');
  }

  onLineGone(line: Line): void {
    for (const operation of this.#outbox.values()) {
      if (operation.at !== line.id) continue;
      if (this.#mayRepeat(operation, line)) this.#queue(operation);
      else this.#refuse(operation.opId, 'unknown_outcome', 'Sent, then the connection broke');
    }
    this.pump();
  }

  cancel(opId: string): boolean {
    const known = this.#outbox.has(opId);
    this.#refuse(opId, 'aborted', 'Cancelled');
    return known;
  }

  /** Resolves when nothing is unsettled. */
  async drained(): Promise<void> {
    if (this.#outbox.size === 0) return;
    const waiter = deferred<void>();
    this.#drained.push(waiter);
    await waiter.promise;
  }

  settleAll(): void {
    this.#nextPump.end();
    for (const opId of this.#outbox.keys()) this.#refuse(opId, 'closed', 'The client was closed');
  }

  #open(operation: Operation, signal?: AbortSignal): Promise<unknown> {
    const { opId } = operation;
    const reply = this.#tickets.open(opId, signal, () => this.#refuse(opId, 'aborted', 'Aborted'));
    this.#queue(operation);
    return reply;
  }

  /** Puts the operation (back) into the queue, in its old place if it has one. */
  #queue(operation: Operation): void {
    const { opId, kind, expiresAt, sentAt } = operation;
    const late = kind === 'read' ? 'timeout' : sentAt === undefined ? 'expired' : 'unknown_outcome';
    this.#outbox = withOperation(this.#outbox, { ...operation, at: 'queued' });
    this.#tickets.arm(opId, expiresAt - this.#ports.clock.monotonic(), () =>
      this.#refuse(opId, late, 'No connection in time'),
    );
  }

  #write(operation: Operation, line: Line): void {
    const { opId, type, kind, data, timeoutMs, sentAt } = operation;
    const frame = encodeRequest(type, opId, data);
    const most = line.welcome?.limits.max_message_bytes ?? Number.POSITIVE_INFINITY;
    if (new TextEncoder().encode(frame).length > most) {
      // The server would close the connection (A1.2), and for good.
      this.#refuse(opId, 'invalid_payload', `This server takes ${most} bytes`, { field: 'data' });
      return;
    }
    const now = this.#ports.clock.monotonic();
    const written: Operation = { ...operation, at: line.id, sentAt: sentAt ?? now };
    this.#outbox = withOperation(this.#outbox, written);
    if (kind !== 'immediate') this.#pace = pace(this.#pace, now);
    if (kind === 'mutation') this.#keep(written);
    this.#tickets.arm(opId, timeoutMs, () => this.#refuse(opId, 'timeout', `No reply in ${timeoutMs} ms`));
    line.socket.send(frame);
  }

  #mayRepeat(operation: Operation, { mode, welcome }: Line): boolean {
    const { clock } = this.#ports;
    const to = { mode, dedupeMs: welcome?.dedupe_window_ms ?? 0 };
    return mayRepeat(operation, clock.monotonic(), to, this.#settings.resend);
  }

  #holdUp({ welcome, mode, socket }: Line): number {
    const full = socket.bufferedAmount > SOCKET_BUFFER_MAX ? SOCKET_BUFFER_WAIT_MS : 0;
    const perMinute = welcome?.limits.messages_per_minute ?? PER_MINUTE;
    return Math.max(full, pause(this.#pace, this.#ports.clock.monotonic(), perMinute, mode));
  }

  #pumpIn(waitMs: number, reason: Backpressure['reason']): void {
    this.#nextPump.end();
    this.#nextPump = createScope(this.#ports.clock);
    this.#nextPump.after(waitMs, () => this.pump());
    this.#ports.onBackpressure({ reason, waitMs });
  }

  /** Takes the operation out; gives its promise to settle. */
  #settle({ opId, kind }: Operation): Deferred<unknown> | undefined {
    this.#outbox = without(this.#outbox, opId);
    if (kind === 'mutation') this.#store(this.#settings.outbox.storage.remove(opId));
    if (this.#outbox.size === 0) for (const waiter of this.#drained.splice(0)) waiter.resolve();
    return this.#tickets.close(opId);
  }

  #refuse(opId: string, code: string, message: string, details?: ErrorBody['details']): void {
    const operation = this.#outbox.get(opId);
    if (!operation) return;
    const sent = operation.sentAt !== undefined;
    this.#settle(operation)?.reject(new GoConnectError(code, message, { sent, opId, details }));
  }

  #keep({ opId, type, data, expiresAt, sentAt }: Operation): void {
    const { clock } = this.#ports;
    const due = clock.now() + expiresAt - clock.monotonic();
    this.#store(
      this.#settings.outbox.storage.append({ opId, type, data, expiresAt: due, sent: sentAt !== undefined }),
    );
  }

  #store(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.#ports.onError(GoConnectError.from(error)));
  }

  /** What an earlier life of the application left behind. Nobody holds its promise: failures go to `onError`. */
  async #restore(): Promise<void> {
    const { clock } = this.#ports;
    const timeoutMs = this.#settings.requestTimeoutMs;
    for (const { expiresAt, sent, ...stored } of await this.#settings.outbox.storage.load()) {
      const now = clock.monotonic();
      const bytes = JSON.stringify(stored.data).length;
      const terms = { bytes, timeoutMs, expiresAt: now + expiresAt - clock.now() };
      const sentAt = sent ? now : undefined;
      this.#store(this.#open({ ...stored, ...terms, kind: 'mutation', at: 'queued', sentAt }));
    }
    this.pump();
  }
}
