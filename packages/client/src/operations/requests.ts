import {
  type ErrorBody,
  encodeRequest,
  MUTATIONS,
  type ReplyData,
  type RequestData,
  type RequestType,
  replyValidators,
  requestValidators,
} from '@goconnect/protocol/validators';
import type { Line } from '../session/session.js';
import { GoConnectError, type GoConnectErrorContext } from '../support/goconnect-error.js';
import { admit } from './admission.js';
import { type OperationEvent, stepOperation } from './operation-machine.js';
import { fromStored, type Operation, type Outbox, queueOf, toStored } from './outbox.js';
import { Keep } from './outbox-keep.js';
import type { StoredOperation } from './outbox-storage.js';
import { Pacer } from './pacer.js';
import { Pending } from './pending.js';
import type { RequestFunction, RequestOptions } from './request-options.js';
import type { RequestPorts } from './request-ports.js';

/** How soon an operation that the storage has, but could not update, is tried again. */
const STORAGE_RETRY_MS = 1_000;
/** Who sends it again, under another `op_id`, has it sent twice. */
const KEPT: GoConnectErrorContext = {
  details: { kept: true },
  remedy: 'The next client of this storage sends it; do not send it again.',
};

/** Operations on their way: queued, kept, paced, sent, and settled exactly once. */
export class Requests {
  readonly #ports: RequestPorts;
  readonly #pending: Pending;
  readonly #keep: Keep;
  readonly #pacer: Pacer;
  #ignored = 0;
  /** The pump that comes at the end of this turn. */
  #pumping: Promise<void> | undefined;

  constructor(ports: RequestPorts) {
    this.#ports = ports;
    this.#pending = new Pending(
      ports.clock,
      ports.time,
      (operation) => this.#follow(operation, ['due']),
      (opId) => this.cancel(opId),
    );
    this.#pacer = new Pacer(ports.clock, () => this.pump(), ports.onBackpressure);
    this.#keep = new Keep(
      ports.outbox.storage,
      { found: this.#recover, fault: (cause) => ports.onError(storageFailed(cause)) },
      () => this.#carryOn(),
    );
  }

  get outbox(): Outbox {
    return this.#pending.outbox;
  }

  /** Replies that came too late, twice, or to nothing we asked. */
  get ignored(): number {
    return this.#ignored;
  }

  /** Opens the storage, if it is not. */
  open(): void {
    this.#keep.open();
  }

  readonly request: RequestFunction = async <K extends RequestType>(
    type: K,
    data: RequestData<K>,
    options: RequestOptions = {},
  ): Promise<ReplyData<K>> => {
    const operation = admit(type, data, options, this.outbox, this.#ports);
    const reply = this.#pending.open(operation, options.signal);
    const line = this.#ports.line();
    if (operation.kind === 'immediate' && line) this.#write(operation, line);
    else {
      if (operation.kind === 'mutation') this.open();
      this.pump();
      this.#accept(operation);
    }
    return reply as Promise<ReplyData<K>>;
  };

  /** Asks again for what was so on the connection before, ahead of a thousand messages that may be queued, and beside their bounds. */
  readonly restore: RequestFunction = async <K extends RequestType>(
    type: K,
    data: RequestData<K>,
    options: RequestOptions = {},
  ): Promise<ReplyData<K>> => {
    const admitted = admit(type, data, options, new Map(), this.#ports);
    const operation: Operation = { ...admitted, kind: 'restore' };
    const reply = this.#pending.open(operation, options.signal);
    this.#pumpSoon();
    return reply as Promise<ReplyData<K>>;
  };

  /** Sends what may be sent now: of what must keep its order only the first, until that is settled. */
  pump(): void {
    const busy = new Set<unknown>();
    for (const operation of this.#pending.inTurn()) {
      const line = this.#ports.line();
      if (!line) return;
      const { kind, at } = operation;
      if (kind === 'mutation' && !this.#keep.ready) continue;
      const queue = queueOf(operation);
      // There are base servers that take messages only from inside.
      if (busy.has(queue) || (line.mode === 'base' && this.#ports.mustWait(queue))) continue;
      busy.add(queue);
      if (at !== 'queued' && at !== 'new') continue;
      if (!this.#follow(operation, ['turn'], line)) continue;
      const waitMs = this.#pacer.waitMs(line);
      if (waitMs > 0) {
        this.#pacer.pumpIn(waitMs, 'pacing');
        return;
      }
      this.#write(operation, line);
    }
  }

  /** Once, however many ask for it in this turn. */
  #pumpSoon(): void {
    this.#pumping ??= Promise.resolve().then(() => {
      this.#pumping = undefined;
      this.pump();
    });
  }

  onReply(opId: string, data: unknown): void {
    const operation = this.#pending.get(opId);
    if (!operation) {
      this.#ignored++;
      return;
    }
    if (operation.at !== this.#ports.line()?.id && operation.type.startsWith('room')) {
      // In a room or not, that is a matter of each connection; the one in use is still to be told.
      this.#queue(operation);
      this.pump();
      return;
    }
    // The original server may answer with a bare status: what was asked for stands in for what it left out.
    const answer = { ...(operation.data as object), ...(data as object) };
    const checked = replyValidators[operation.type](answer, 'data');
    if (!checked.ok && this.#ports.validate === 'strict') {
      const context = { details: { field: checked.faults[0]?.path } };
      // It did take effect: who is told that it was refused does it again.
      const code = operation.kind === 'mutation' ? 'unknown_outcome' : 'invalid_payload';
      this.#refuse(opId, code, 'The reply breaks the contract', context);
    } else this.#settle(operation, undefined, checked.ok ? checked.value : data);
  }

  onRefusal(opId: string | undefined, { code, message, details }: ErrorBody): void {
    const operation = this.#pending.get(opId);
    if (opId !== undefined && !operation) {
      this.#ignored++;
      return;
    }
    // What goes past the pacing has a budget of its own.
    const paced = operation?.kind !== 'immediate';
    const waitMs = code === 'ERR_RATE_LIMIT' && paced ? this.#pacer.silence(details.retry_after_ms) : 0;
    if (operation) this.#follow(operation, ['refused', code], undefined, { message, details });
    else this.#ports.onError(new GoConnectError(code, message, { details }));
    if (waitMs > 0) this.#pacer.pumpIn(waitMs, 'rate_limit');
  }

  onLineGone(line: Line): void {
    for (const operation of this.#pending.inTurn()) {
      if (operation.at === line.id) this.#follow(operation, ['line_gone'], line);
    }
    this.pump();
  }

  /** Settles when no mutation is unanswered on `line`. */
  answeredOn(line: Line): Promise<void> {
    return this.#pending.settled(({ at, kind }) => at === line.id && kind === 'mutation');
  }

  cancel(opId: string): boolean {
    const known = this.outbox.has(opId);
    this.#refuse(opId, 'aborted', 'Aborted');
    return known;
  }

  /** Resolves at the first moment in which nothing in the outbox is unsettled. */
  drained(): Promise<void> {
    return this.#pending.drained();
  }

  /** Nobody waits for anything any more; what the storage has, it keeps for the next one. Resolves when it is closed. */
  async end(): Promise<void> {
    this.#pacer.end();
    const { lasting } = this.#keep;
    const closing = this.#keep.close();
    for (const { opId, kind } of this.#pending.inTurn())
      this.#refuse(opId, 'closed', 'The client was closed', lasting && kind === 'mutation' ? KEPT : {});
    await closing;
  }

  /** Puts the operation back into the queue, in its old place. */
  #queue(operation: Operation): void {
    this.#pending.queue({ ...operation, at: 'queued' });
  }

  /** Does what follows from an event. True when the operation is to be written now, which the caller does. */
  #follow(
    operation: Operation,
    event: OperationEvent,
    line?: Line,
    {
      message = '',
      details,
      cause,
    }: { message?: string; details?: ErrorBody['details']; cause?: unknown } = {},
  ): boolean {
    const env = {
      now: this.#ports.time(),
      mode: line?.mode ?? 'base',
      dedupeMs: line?.welcome?.dedupe_window_ms ?? 0,
      resend: this.#ports.resend,
      held: this.#ports.line() ? 'ready' : this.#ports.standing(),
    };
    const [what, to, text = message, own = details] = stepOperation(operation, event, env);
    if (what === 'queue') this.#queue(to);
    else if (what === 'settle') this.#refuse(operation.opId, to, text, { details: own, cause });
    return what === 'write';
  }

  /** Has the storage keep what cannot be sent at once. */
  #accept(operation: Operation): void {
    if (operation.at !== 'new' || this.outbox.get(operation.opId) !== operation || !this.#keep.ready) return;
    this.#store(operation, operation, () => this.#queue(operation));
  }

  #write(operation: Operation, line: Line): void {
    const { opId, type, kind, data, sentAt, unkeyed } = operation;
    const frame = encodeRequest(type, opId, data);
    const most = line.welcome?.limits.max_message_bytes;
    if (most !== undefined && new TextEncoder().encode(frame).length > most) {
      // The server would close the connection (A1.2), and for good.
      this.#refuse(opId, 'invalid_payload', `This server takes ${most} bytes`, {
        details: { field: 'data' },
      });
      return;
    }
    const written: Operation = {
      ...operation,
      at: line.id,
      sentAt: sentAt ?? this.#ports.time(),
      repeated: sentAt !== undefined,
      unkeyed: line.mode === 'base' || (unkeyed && sentAt !== undefined),
    };
    const marking: Operation = { ...operation, at: 'marking' };
    if (kind !== 'immediate') this.#pacer.wrote();
    this.#pending.replace(marking);
    this.#store(
      marking,
      written,
      () => {
        if (line === this.#ports.line()) this.#send(written, line, frame);
        else {
          this.#queue(operation);
          this.pump();
        }
      },
      operation.at,
    );
  }

  #send(operation: Operation, line: Line, frame: string): void {
    const { opId, timeoutMs } = operation;
    this.#pending.replace(operation);
    this.#pending.arm(opId, timeoutMs, () => this.#refuse(opId, 'timeout', `No reply in ${timeoutMs} ms`));
    try {
      line.socket.send(frame);
    } catch (error) {
      // Its deadline, or the end of the connection, will tell what became of it.
      this.#ports.onError(error);
    }
  }

  #settle(operation: Operation, error?: GoConnectError, reply?: unknown): void {
    const { opId, kind } = operation;
    const promise = this.#pending.close(opId);
    if (kind === 'mutation') this.#keep.remove(opId);
    if (error) promise?.reject(error);
    else promise?.resolve(reply);
    // Whoever waited behind it is next; at once it would go out also where all are settled, at the end.
    this.#pumpSoon();
    this.#ports.onSettled(operation, error, reply);
  }

  #refuse(opId: string, code: string, message: string, context?: GoConnectErrorContext): void {
    const operation = this.#pending.get(opId);
    if (!operation) return;
    const sent = operation.sentAt !== undefined;
    this.#settle(operation, new GoConnectError(code, message, { sent, opId, ...context }));
  }

  /**
   * Has the storage keep `kept`, then does `next`, both only as long as nothing else happened to `current`. What it will not take
   * is refused; what it has already, and could not update, waits.
   */
  #store(current: Operation, kept: Operation, next: () => void, before = current.at): void {
    const { opId, kind } = current;
    const stored = kind === 'mutation' ? this.#keep.append(toStored(kept, -this.#behind())) : undefined;
    // Also of a storage that is done at once: it may have called the application, which cancelled.
    const still = () => this.#pending.get(opId) === current;
    if (!stored) {
      if (still()) next();
      return;
    }
    stored.then(
      () => still() && next(),
      (cause) => {
        const error = storageFailed(cause);
        // Also who was told that it is kept.
        if (!still()) return this.#ports.onError(error);
        this.#follow(current, ['unkept', before], undefined, { message: error.message, details: {}, cause });
        if (!this.outbox.has(opId)) return;
        this.#ports.onError(error);
        this.#pacer.pumpIn(STORAGE_RETRY_MS, 'storage');
      },
    );
  }

  /** From the wall clock, which the storage knows, to the monotonic one. */
  #behind(): number {
    return this.#ports.time() - this.#ports.clock.now();
  }

  /** The storage has come to answer, or has brought something. */
  #carryOn(): void {
    for (const operation of this.outbox.values()) {
      const { opId, type, kind, data, at, expiresAt } = operation;
      if (kind !== 'mutation' || at !== 'queued') continue;
      // Nobody answers for what an older version, or somebody else, wrote there.
      if (!MUTATIONS.has(type) || !requestValidators[type](data, 'data').ok)
        this.#refuse(opId, 'invalid_payload', 'This version cannot read it');
      // Neither shown as waiting, nor kept for a next life, until its timer or its turn comes.
      else if (expiresAt <= this.#ports.time()) this.#follow(operation, ['due']);
    }
    this.pump();
    for (const operation of this.outbox.values()) this.#accept(operation);
  }

  /** What an earlier owner left behind goes before what is new. Nobody holds its promise: failures go to `onError` as well. */
  readonly #recover = (found: readonly StoredOperation[]): void => {
    const { onError, onRecovered } = this.#ports;
    // Asked for again by the application under its own `op_id`: that one stands for both.
    const unknown = found.filter(({ opId }) => !this.outbox.has(opId));
    const operations = unknown.map((one) => fromStored(one, this.#behind(), this.#ports.requestTimeoutMs));
    for (const reply of this.#pending.openFirst(operations)) {
      // Closed, it is not lost: the next one finds it.
      reply.catch((error: GoConnectError) => error.code === 'closed' || onError(error));
    }
    onRecovered(operations);
    if (this.#keep.ready) this.#carryOn();
  };
}

function storageFailed(cause: unknown): GoConnectError {
  const { remedy } = Object(cause) as { readonly remedy?: string };
  return new GoConnectError('storage_failed', GoConnectError.from(cause).message, { cause, remedy });
}
