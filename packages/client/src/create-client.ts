import type {
  EventData,
  Incoming,
  ReplyData,
  RequestData,
  RequestType,
} from '@goconnect/protocol/validators';
import type { GoConnectClient } from './client.js';
import { type ClientOptions, type ClientOptionsInForce, optionsInForce } from './client-options.js';
import type { EventContext, GoConnectEvents } from './operations/client-events.js';
import { begins, deliver, type Entry } from './operations/inbox.js';
import { Memberships } from './operations/memberships.js';
import { bytesOf } from './operations/outbox.js';
import { entryOf, type OutboxView, outboxView } from './operations/outbox-view.js';
import { Renewal } from './operations/renewal.js';
import type { RequestOptions } from './operations/request-options.js';
import type { RequestPorts } from './operations/request-ports.js';
import { Requests } from './operations/requests.js';
import { createRoom, type Room } from './operations/room.js';
import { RoomLogs } from './operations/room-logs.js';
import { settledOf } from './operations/settled.js';
import { type ClientState, clientState, lostOrRestored } from './session/client-state.js';
import { type Explanation, explain } from './session/explain.js';
import { autoLifecycle, enterLifecycle } from './session/lifecycle.js';
import { type Line, Session, type SessionPorts } from './session/session.js';
import { isUsable, type SessionState } from './session/session-state.js';
import { TokenKeeper } from './session/token-keeper.js';
import type { TokenPair } from './session/token-life.js';
import { dialAddress } from './socket/dial-address.js';
import { createNegotiation, type Negotiation, type Open } from './socket/negotiation.js';
import { openSocket } from './socket/open-socket.js';
import { resolveWebSocket } from './socket/resolve-web-socket.js';
import { attempt } from './support/attempt.js';
import { type Deferred, deferred } from './support/deferred.js';
import { createEmitter } from './support/emitter.js';
import { eventStream } from './support/event-stream.js';
import { GoConnectError } from './support/goconnect-error.js';
import { onAbort } from './support/on-abort.js';
import { randomUuid } from './support/random-id.js';
import { createScope } from './support/scope.js';
import { sleeplessTime } from './support/sleepless-time.js';
import { createTrace, type Trace } from './support/trace.js';

/** Errors that `explain()` remembers. */
const ERRORS_KEPT = 10;
/** A resume may bring thousands of events before its answer. */
const RESUME_TIMEOUT_MS = 60_000;

/** Makes a client. Does no I/O before `connect()`. Throws `invalid_payload` for an option that makes no sense. */
export function createClient(options: ClientOptions): GoConnectClient {
  return new Client(optionsInForce(options));
}

/** Joins the parts: what one tells, the others hear. */
class Client implements GoConnectClient {
  readonly #options: ClientOptionsInForce;
  readonly #trace: Trace;
  readonly #tokens: TokenKeeper;
  readonly #negotiation: Negotiation;
  #clientId: string;
  readonly #session: Session;
  readonly #requests: Requests;
  readonly #renewal: Renewal;
  readonly #memberships: Memberships;
  readonly #logs: RoomLogs<Entry>;
  readonly #emitter = createEmitter<GoConnectEvents, EventContext>((thrown, type) =>
    this.#onError(thrown, type),
  );
  readonly on: GoConnectClient['on'] = this.#emitter.on;
  readonly once: GoConnectClient['once'] = this.#emitter.once;
  readonly off: GoConnectClient['off'] = this.#emitter.off;
  readonly #rooms = new Map<string, Room>();
  readonly #errors: GoConnectError[] = [];
  readonly #waiting = new Set<Deferred<void>>();
  #state: ClientState;
  /** The first connection without v1 since the last one with it. */
  #plain: number | undefined;
  /** What `close()` ends. */
  readonly #streams = new Set<() => void>();
  #leaveLifecycle: (() => void) | undefined;
  /** Calls of `connect()`: each withdraws a `close()` that still waits. */
  #connects = 0;
  #ended: Promise<void> | undefined;
  /** What the last of these calls was for. When a listener makes it the session closes a little later, and opens again after that. */
  #wanted: 'open' | 'closed' | 'open again' = 'open';

  readonly request: GoConnectClient['request'];
  readonly outbox: OutboxView;

  constructor(options: ClientOptionsInForce) {
    const { clock, random } = options;
    const onError = this.#onError;
    this.#options = options;
    this.#state = { status: 'idle', since: clock.now() };
    this.#trace = createTrace(clock, options.logger);
    this.#tokens = new TokenKeeper(options.token, clock);
    this.#negotiation = createNegotiation(options.tokenTransport !== 'subprotocol');
    this.#clientId = randomUuid(random);
    this.#session = new Session(this.#sessionPorts(), options);
    const time = sleeplessTime(clock);
    this.#requests = new Requests(this.#requestPorts(time));
    const { request, restore } = this.#requests;
    this.#renewal = new Renewal({
      ...{ time, random, request, onError, standing: this.#standing, tokens: this.#tokens },
      onRenewed: this.#onRenewed,
      onMove: () => this.#session.feed(['move']),
    });
    this.#memberships = new Memberships({
      ...options,
      restore,
      onError,
      onDenied: (room) => this.#logs.denied(room),
      onNoMore: () => this.#requests.pump(),
    });
    this.#logs = new RoomLogs({
      deliver: (entry) => deliver(entry, options.validate, this.#emitter),
      onGap: (gap) => this.#emitter.emit('gap', gap, { room: gap.room }),
      resume: (positions) => this.request('session.resume', { positions }, { timeoutMs: RESUME_TIMEOUT_MS }),
    });
    this.request = request;
    this.outbox = outboxView(this.#requests);
  }

  async connect({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const aborted = () =>
      new GoConnectError('aborted', 'Aborted', { remedy: 'It goes on; close() ends it.' });
    if (signal?.aborted) throw aborted();
    const waiter = deferred<void>();
    const unlisten = onAbort(signal, () => waiter.reject(aborted()));
    try {
      this.#connects++;
      if (this.#wanted === 'open' && isUsable(this.#session.state)) return;
      if (this.#wanted === 'closed') this.#wanted = this.#state.status === 'closed' ? 'open' : 'open again';
      this.#waiting.add(waiter);
      this.#requests.open();
      this.#session.feed(['connect']);
      await waiter.promise;
    } finally {
      unlisten();
      this.#waiting.delete(waiter);
    }
  }

  async close({ flushMs = 0 }: { readonly flushMs?: number | undefined } = {}): Promise<void> {
    const connects = this.#connects;
    if (flushMs > 0 && this.#standing() !== 'not_connected') {
      const patience = createScope(this.#options.clock);
      const over = deferred<void>();
      patience.after(flushMs, over.resolve);
      await Promise.race([this.#requests.drained(), over.promise]);
      patience.end();
    }
    if (connects === this.#connects) {
      this.#wanted = 'closed';
      this.#endWaiting(new GoConnectError('closed', 'The client was closed'));
      this.#ended = this.#requests.end();
      this.#session.feed(['close']);
      for (const end of this.#streams) end();
    }
    // Called by a listener, the session has not closed yet: its goodbyes are only there when that turn is over.
    await this.#ended;
    await this.#session.gone();
  }

  #endWaiting(error: GoConnectError): void {
    for (const waiter of this.#waiting) waiter.reject(error);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  get state(): ClientState {
    return this.#state;
  }

  get capabilities(): GoConnectClient['capabilities'] {
    return { session: this.#session.line?.mode === 'v1' };
  }

  readonly events: GoConnectClient['events'] = (type, { signal } = {}) =>
    eventStream((listener) => this.on(type, listener), this.#streams, signal);

  room(name: string): Room {
    const room = this.#rooms.get(name) ?? createRoom(name, this);
    this.#rooms.set(name, room);
    return room;
  }

  readonly chat: GoConnectClient['chat'] = {
    send: this.#as('chat.send'),
    edit: this.#as('chat.edit'),
    delete: this.#as('chat.delete'),
    redact: this.#as('chat.redact'),
    history: this.#as('chat.history'),
  };

  readonly presence: GoConnectClient['presence'] = {
    ping: (options) => this.request('presence.ping', {}, options),
    list: this.#as('presence.list'),
  };

  readonly auth: GoConnectClient['auth'] = { refresh: () => this.#renewal.refresh() };

  explain(): Explanation {
    const { clock } = this.#options;
    const { expiresAt } = this.#tokens;
    const { outbox, ignored } = this.#requests;
    return explain(this.#state, {
      tokenExpiresAt: expiresAt && Math.round(expiresAt - clock.monotonic() + clock.now()),
      queue: { operations: outbox.size, bytes: bytesOf(outbox) },
      ignoredReplies: ignored,
      lastEnd: this.#session.lastEnd,
      lastErrors: [...this.#errors],
      recent: this.#trace.recent(),
    });
  }

  #as<K extends RequestType>(
    type: K,
  ): (data: RequestData<K>, options?: RequestOptions) => Promise<ReplyData<K>> {
    return (data, options) => this.request(type, data, options);
  }

  readonly #standing = (): ReturnType<RequestPorts['standing']> => {
    const { state, line } = this.#session;
    if (this.#wanted === 'closed') return 'closed';
    if (this.#wanted === 'open again') return 'away';
    if (state.status === 'idle' || state.status === 'failed') return 'not_connected';
    return line ? 'ready' : 'away';
  };

  #requestPorts(time: () => number): RequestPorts {
    return {
      ...this.#options,
      time,
      // Nothing more goes to one that is about to be closed.
      line: () => (this.#wanted === 'open' ? this.#session.line : undefined),
      standing: this.#standing,
      onBackpressure: (pressure) => this.#emitter.emit('backpressure', pressure, {}),
      onError: this.#onError,
      mustWait: (queue) => this.#memberships.enters(queue),
      onSettled: this.#onSettled,
      onRecovered: (operations) => this.#emitter.emit('recovered', operations.map(entryOf), {}),
    };
  }

  #sessionPorts(): SessionPorts {
    const { clock, random, url, tokenTransport } = this.#options;
    return {
      clock,
      random,
      tokens: this.#tokens,
      trace: this.#trace,
      resolveSocket: async () => this.#options.WebSocket ?? resolveWebSocket(),
      dial: (WebSocket, token, owner, terms) => {
        // Beside a connection that is to last until it is there: not its twin, which the server would end (A6.5).
        if (terms === 'v1_only') this.#clientId = randomUuid(random);
        const open: Open = (offer, listener) => {
          const address = dialAddress(offer, url, this.#clientId, token, tokenTransport, WebSocket);
          return openSocket(WebSocket, address, listener, clock);
        };
        return this.#negotiation.dial(open, owner, terms);
      },
      onUsable: this.#onUsable,
      onIncoming: this.#onIncoming,
      onLineGone: (line) => {
        if (!this.#session.line) {
          this.#logs.cut();
          this.#memberships.cut();
        }
        this.#requests.onLineGone(line);
      },
      onState: this.#onState,
      onError: this.#onError,
      ping: () => void this.request('presence.ping', {}).catch(() => {}),
      renew: () => this.#renewal.renew(),
    };
  }

  readonly #onIncoming = (item: Incoming, line: Line): void => {
    if (item.kind === 'reply') this.#requests.onReply(item.opId, item.data);
    else if (item.kind === 'error') this.#requests.onRefusal(item.opId, item.error);
    else {
      const { position } = item;
      if (position && line.mode === 'v1' && (begins(item) || this.#logs.has(position.room)))
        this.#logs.take(position.room, ['entry', position.seq, item]);
      // While two connections overlap, the new one speaks; what has a position is sorted by that.
      else if (line === this.#session.line) deliver(item, this.#options.validate, this.#emitter);
    }
  };

  /** First what was missed is asked for, then rooms are joined again, then what is unanswered or queued is sent. */
  readonly #onUsable = (line: Line, retired: Line | undefined): Promise<unknown> => {
    const { welcome } = line;
    if (welcome) {
      this.#negotiation.greeted();
      this.#tellUnplaced(welcome.rooms, line);
    } else this.#plain ??= line.id;
    const present = welcome && new Set(welcome.rooms.map(({ room }) => room));
    const caughtUp =
      welcome && this.#logs.welcomed(welcome.rooms, (room) => this.#memberships.wish(room) === 'in');
    // In the queue before a listener that hears of the connection can ask for anything.
    this.#memberships.restore(present);
    // On v1 what is unanswered is asked again; without, that is the only one to answer.
    const answered = retired?.mode === 'base' && this.#requests.answeredOn(retired);
    queueMicrotask(() => {
      if (line !== this.#session.line) return;
      void this.#renewal.connected();
      this.#requests.pump();
    });
    return Promise.all([caughtUp, answered]);
  };

  /** Events of a connection without v1 had no places: up to here any may have been missed between that and this one. */
  #tellUnplaced(rooms: EventData<'session.welcome'>['rooms'], { id }: Line): void {
    const before = this.#plain;
    this.#plain = undefined;
    // The same one, if it was greeted late.
    if (before === undefined || before === id) return;
    for (const { room, seq } of rooms)
      if (seq > 0 && !this.#logs.has(room) && this.#memberships.wish(room) !== 'out')
        this.#emitter.emit('gap', { room, from: 1, to: seq, reason: 'unrecovered' }, { room });
  }

  readonly #onSettled: RequestPorts['onSettled'] = (operation, error, reply) => {
    const { type, kind } = operation;
    const settled = kind === 'mutation' && settledOf(operation, error, reply);
    if (settled) this.#emitter.emit('settled', settled, {});
    if (error) return;
    // As it was asked for: an answer may leave it out, or name another.
    const { room } = operation.data as RequestData<'room.join'>;
    if (type === 'room.leave') {
      this.#memberships.wished(room, 'out');
      this.#logs.left(room);
    } else if (type === 'room.join') {
      const { epoch, seq } = reply as ReplyData<'room.join'>;
      this.#memberships.wished(room, 'in');
      if (epoch !== undefined && seq !== undefined) this.#logs.take(room, ['announced', epoch, seq]);
    }
  };

  readonly #onState = (state: SessionState, from: SessionState): void => {
    const { clock, lifecycle } = this.#options;
    const before = this.#state;
    this.#state = clientState(state, before, clock.now(), clock.monotonic());
    if (state.status === 'failed' || state.status === 'closed') {
      this.#tokens.forget();
      if (this.#wanted === 'open again') this.#wanted = 'open';
      this.#leaveLifecycle?.();
      this.#leaveLifecycle = undefined;
      if (state.status === 'failed') {
        this.#endWaiting(state.error);
        this.#onError(state.error);
      }
    } else {
      this.#leaveLifecycle ??= enterLifecycle(
        lifecycle === 'auto' ? autoLifecycle(clock) : lifecycle,
        (signal) => this.#session.feed([signal]),
        this.#onError,
      );
      if (isUsable(state)) for (const waiter of this.#waiting) waiter.resolve();
    }
    if (this.#state !== before) this.#emitter.emit('state', this.#state, {});
    const told = lostOrRestored(from, state);
    if (told) this.#emitter.emit(told, this.#state, {});
  };

  readonly #onRenewed = (pair: TokenPair): void => {
    this.#session.feed(['renewed']);
    attempt(() => this.#options.onTokens(pair), this.#onError);
  };

  /** `by`: the token function or the listener of this event threw it, which nobody expects: told also where nobody listens. */
  readonly #onError = (thrown: unknown, by?: string): void => {
    const { reportError = console.error } = globalThis;
    const error = GoConnectError.from(thrown);
    this.#trace.note(`error: ${error.code}`);
    this.#errors.push(error);
    if (this.#errors.length > ERRORS_KEPT) this.#errors.shift();
    if (by !== 'error' && this.#emitter.listens('error')) this.#emitter.emit('error', error, {});
    else if (by) reportError(thrown);
  };
}
