import type { Incoming, ReplyData, RequestData, RequestType } from '@goconnect/protocol/validators';
import type { GoConnectClient } from './client.js';
import { type ClientOptions, optionsInForce } from './client-options.js';
import type { EventContext, GoConnectEvents } from './operations/client-events.js';
import { deliver, type Entry, positionOf } from './operations/inbox.js';
import { createMemberships } from './operations/memberships.js';
import { bytesOf } from './operations/outbox.js';
import { createRenewal } from './operations/renewal.js';
import { createRequests, type RequestOptions } from './operations/requests.js';
import { createRoom, type Room } from './operations/room.js';
import { createRoomLogs } from './operations/room-logs.js';
import { type ClientState, clientState } from './session/client-state.js';
import { explain } from './session/explain.js';
import { autoLifecycle } from './session/lifecycle.js';
import { createSession, type Line } from './session/session.js';
import type { SessionState } from './session/session-state.js';
import { createTokenKeeper } from './session/token-keeper.js';
import { dialAddress } from './socket/dial-address.js';
import { createNegotiation, type Offer } from './socket/negotiation.js';
import { openSocket } from './socket/open-socket.js';
import { resolveWebSocket } from './socket/resolve-web-socket.js';
import { type Deferred, deferred } from './support/deferred.js';
import { createEmitter } from './support/emitter.js';
import { eventStream } from './support/event-stream.js';
import { GoConnectError } from './support/goconnect-error.js';
import { onAbort } from './support/on-abort.js';
import { randomUuid } from './support/random-id.js';
import { createTrace } from './support/trace.js';

/** Errors that `explain()` remembers. */
const ERRORS_KEPT = 10;
/** A resume may bring thousands of events before its answer. */
const RESUME_TIMEOUT_MS = 60_000;

/** Makes a client. Does no I/O before `connect()`. Throws `invalid_payload` for an option that makes no sense. */
export function createClient(given: ClientOptions): GoConnectClient {
  const options = optionsInForce(given);
  const { clock, random, lifecycle } = options;
  const trace = createTrace(clock, options.logger);
  const tokens = createTokenKeeper(options.token, clock);
  const negotiation = createNegotiation(options.tokenTransport !== 'subprotocol');
  const clientId = randomUuid(random);
  const rooms = new Map<string, Room>();
  const errors: GoConnectError[] = [];
  const connecting = new Set<Deferred<void>>();
  let view: ClientState = { status: 'idle', since: clock.now() };
  /** Ends with `close()`. */
  let life = new AbortController();
  let leaveLifecycle: (() => void) | undefined;

  const emitter = createEmitter<GoConnectEvents, EventContext>((thrown, type) => {
    if (type !== 'error' && emitter.listens('error')) return onError(GoConnectError.from(thrown));
    const { reportError = console.error } = globalThis;
    reportError(thrown);
  });
  const onError = (error: GoConnectError): void => {
    trace.note(`error: ${error.code}`);
    errors.push(error);
    if (errors.length > ERRORS_KEPT) errors.shift();
    emitter.emit('error', error, {});
  };

  const requests = createRequests(
    {
      clock,
      random,
      line: () => session.line,
      refusal() {
        const { status } = session.state;
        return status === 'closed'
          ? 'closed'
          : status === 'idle' || status === 'failed'
            ? 'not_connected'
            : undefined;
      },
      onBackpressure: (pressure) => emitter.emit('backpressure', pressure, {}),
      onError,
      onSettled,
    },
    options,
  );
  const { request } = requests;
  const renewal = createRenewal({
    clock,
    random,
    tokens,
    request,
    onError,
    onRenewed(pair) {
      session.feed(['renewed']);
      try {
        options.onTokens(pair);
      } catch (error) {
        onError(GoConnectError.from(error));
      }
    },
    onMove: () => session.feed(['move']),
  });
  const memberships = createMemberships(request, onError);
  const logs = createRoomLogs<Entry>({
    deliver: (entry) => deliver(entry, options.validate, emitter),
    onGap: (gap) => emitter.emit('gap', gap, { room: gap.room }),
    async resume(positions) {
      const { line } = session;
      try {
        return await request('session.resume', { positions }, { timeoutMs: RESUME_TIMEOUT_MS });
      } catch (error) {
        if (line === session.line) throw error;
        return undefined;
      }
    },
  });
  const session = createSession(
    {
      clock,
      random,
      tokens,
      trace,
      resolveSocket: async () => options.WebSocket ?? resolveWebSocket(),
      dial(WebSocket, token, owner) {
        const address = (offer: Offer) =>
          dialAddress(offer, options.url, clientId, token, options.tokenTransport, WebSocket);
        return negotiation.dial(
          (offer, listener) => openSocket(WebSocket, address(offer), listener, clock),
          owner,
        );
      },
      onUsable,
      onIncoming,
      onLineGone(line) {
        if (!session.line) logs.cut();
        requests.onLineGone(line);
      },
      onState,
      onFault: (error) => onError(GoConnectError.from(error)),
      onTell: (what) => emitter.emit(what, view, {}),
      ping: () => void request('presence.ping', {}).catch(() => {}),
      renew: renewal.renew,
    },
    options,
  );

  function onIncoming(item: Incoming, line: Line): void {
    if (item.kind === 'reply') requests.onReply(item.opId, item.data);
    else if (item.kind === 'error') requests.onRefusal(item.opId, item.error);
    else {
      const position = positionOf(item);
      if (position && line.mode === 'v1') logs.entry(position.room, position.seq, item);
      // While two connections overlap, the new one speaks; what has a position is sorted by that.
      else if (line === session.line) deliver(item, options.validate, emitter);
    }
  }

  /** First what was missed is asked for, then what is unanswered or queued is sent, then rooms are joined again. */
  function onUsable({ welcome }: Line): void {
    negotiation.worked(welcome ? 'v1' : 'plain');
    const present = welcome && new Set(welcome.rooms.map(({ room }) => room));
    const caughtUp = welcome ? logs.welcomed(welcome.rooms, memberships.wants) : Promise.resolve();
    void caughtUp.then(session.releaseRetired);
    queueMicrotask(() => {
      renewal.connected();
      requests.pump();
      memberships.restore(present);
    });
  }

  function onSettled(type: RequestType, reply: unknown): void {
    if (type === 'room.leave') {
      const { room } = reply as ReplyData<'room.leave'>;
      memberships.left(room);
      logs.left(room);
    } else if (type === 'room.join') {
      const { room, epoch, seq } = reply as ReplyData<'room.join'>;
      memberships.entered(room);
      if (epoch !== undefined && seq !== undefined) logs.joined(room, epoch, seq);
    }
  }

  function onState(state: SessionState): void {
    const before = view;
    view = clientState(state, before, clock.now(), clock.monotonic());
    const { status } = state;
    if (status === 'failed' || status === 'closed') {
      const error = status === 'failed' ? state.error : new GoConnectError('closed', 'The client was closed');
      for (const waiter of connecting) waiter.reject(error);
      leaveLifecycle?.();
      leaveLifecycle = undefined;
      if (status === 'failed') onError(state.error);
    } else {
      leaveLifecycle ??= (lifecycle === 'auto' ? autoLifecycle(clock) : lifecycle).subscribe((signal) =>
        session.feed([signal]),
      );
      if (isUsable(state)) for (const waiter of connecting) waiter.resolve();
    }
    if (view !== before) emitter.emit('state', view, {});
  }

  async function connect({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    if (isUsable(session.state)) return;
    const waiter = deferred<void>();
    connecting.add(waiter);
    const unlisten = onAbort(signal, () =>
      waiter.reject(new GoConnectError('aborted', 'connect() was aborted')),
    );
    if (!signal?.aborted) session.feed(['connect']);
    try {
      await waiter.promise;
    } finally {
      unlisten();
      connecting.delete(waiter);
    }
  }

  async function close({ flushMs = 0 }: { readonly flushMs?: number | undefined } = {}): Promise<void> {
    if (flushMs > 0 && view.status !== 'idle' && view.status !== 'failed') {
      const over = deferred<void>();
      const timer = clock.setTimeout(over.resolve, flushMs);
      await Promise.race([requests.drained(), over.promise]);
      clock.clearTimeout(timer);
    }
    requests.settleAll();
    session.feed(['close']);
    life.abort();
    life = new AbortController();
    await session.gone();
    await options.outbox.storage.close?.();
  }

  const as =
    <K extends RequestType>(type: K) =>
    (data: RequestData<K>, how?: RequestOptions) =>
      request(type, data, how);
  const mutations = () => [...requests.outbox.values()].filter(({ kind }) => kind === 'mutation');

  return {
    connect,
    get state() {
      return view;
    },
    on: emitter.on,
    once: emitter.once,
    off: emitter.off,
    events: (type, { signal } = {}) =>
      eventStream((listener) => emitter.on(type, listener), [signal, life.signal]),
    request,
    chat: {
      send: as('chat.send'),
      edit: as('chat.edit'),
      delete: as('chat.delete'),
      redact: as('chat.redact'),
      history: as('chat.history'),
    },
    presence: { ping: (how) => request('presence.ping', {}, how), list: as('presence.list') },
    auth: { refresh: renewal.refresh },
    room(name) {
      const room = rooms.get(name) ?? createRoom(name, { request, on: emitter.on });
      rooms.set(name, room);
      return room;
    },
    outbox: {
      get size() {
        return mutations().length;
      },
      entries: () =>
        mutations().map(({ opId, type, bytes, at }) => ({
          opId,
          type,
          bytes,
          state: at === 'queued' ? at : 'sent',
        })),
      cancel: requests.cancel,
    },
    get capabilities() {
      return { session: session.line?.mode === 'v1' };
    },
    explain: () =>
      explain(view, {
        tokenExpiresAt: tokens.expiresAt && Math.round(tokens.expiresAt - clock.monotonic() + clock.now()),
        queue: { operations: requests.outbox.size, bytes: bytesOf(requests.outbox) },
        ignoredReplies: requests.ignored,
        lastErrors: [...errors],
        recent: trace.recent(),
      }),
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

function isUsable({ status }: SessionState): boolean {
  return status === 'connected' || status === 'leaving' || status === 'moving';
}
