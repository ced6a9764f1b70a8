import {
  type Clock,
  decodeFrame,
  type EventData,
  type Incoming,
  type Random,
} from '@goconnect/protocol/validators';
import { V1_PROTOCOL } from '../socket/dial-address.js';
import type { Socket, SocketOwner, WebSocketConstructor } from '../socket/socket.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { createScope, type Scope } from '../support/scope.js';
import type { Trace } from '../support/trace.js';
import { step } from './session-machine.js';
import type {
  Mode,
  SessionEffect,
  SessionEnv,
  SessionEvent,
  SessionOptions,
  SessionState,
} from './session-state.js';
import type { TokenKeeper } from './token-keeper.js';
import { renewalPoint } from './token-life.js';

/** One connection, by number, so that what was written on an old one is never taken for written on a new one. */
export interface Line {
  readonly id: number;
  readonly socket: Socket;
  mode: Mode;
  welcome?: EventData<'session.welcome'>;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: TokenKeeper;
  readonly trace: Trace;
  resolveSocket(): Promise<WebSocketConstructor>;
  /** Opens a socket with this token. MUST NOT call the owner before it returns. */
  dial(WebSocket: WebSocketConstructor, token: string, owner: SocketOwner): Socket;
  /** `line` is in use from now on. */
  onUsable(line: Line): void;
  onIncoming(item: Incoming, line: Line): void;
  /** Nothing more comes from `line`. */
  onLineGone(line: Line): void;
  onState(state: SessionState): void;
  onTell(what: 'lost' | 'restored'): void;
  /** A port threw, a logger say; the session goes on. */
  onFault(error: unknown): void;
  ping(): void;
  /** Renews the token of the connection in place, or has the session move. */
  renew(): void;
}

/** Runs the machine: feeds it what happens, does what it says, and decides nothing. */
export interface Session {
  readonly state: SessionState;
  /** The connection in use. */
  readonly line: Line | undefined;
  feed(event: SessionEvent): void;
  /** The old connection of a move may go: nothing is awaited on it any more. */
  releaseRetired(): void;
  /** Resolves when every socket is gone. */
  gone(): Promise<void>;
}

export function createSession(ports: SessionPorts, options: SessionOptions): Session {
  const { clock, tokens, trace } = ports;
  let state: SessionState = { status: 'idle' };
  let scope: Scope = createScope(clock);
  let lines = 0;
  let heardAt = 0;
  let ticket: readonly [token: string, WebSocket: WebSocketConstructor] | undefined;
  /** Being dialled; in use; let go as soon as the one in use has taken over. */
  let next: Line | undefined;
  let current: Line | undefined;
  let retired: Line | undefined;
  const goodbyes = new Set<Promise<void>>();
  const events: SessionEvent[] = [];

  /** Events that effects cause wait for their turn: a step always sees the state that the last one left. */
  const feed = (event: SessionEvent): void => {
    if (events.push(event) > 1) return;
    for (let first = events[0]; first; first = events[0]) {
      try {
        take(first);
      } catch (error) {
        ports.onFault(error);
      }
      events.shift();
    }
  };
  const env = (): SessionEnv => {
    const { expiresAt } = tokens;
    return {
      now: clock.monotonic(),
      random: ports.random(),
      heardAt,
      renewal:
        expiresAt === undefined
          ? undefined
          : { expiresAt, inMs: renewalPoint(expiresAt - clock.monotonic(), ports.random()) },
      options,
    };
  };
  const take = (event: SessionEvent): void => {
    const before = state;
    const [after, ...effects] = step(before, event, env());
    state = after;
    if (state.status !== before.status) {
      scope.end();
      scope = createScope(clock);
      trace.note(`${before.status} -> ${state.status} (${event[0]})`);
    }
    for (const effect of effects) if (effect[0] !== 'tell') run(effect);
    if (after !== before) ports.onState(after);
    // Who hears of it finds the new state in place.
    for (const effect of effects) if (effect[0] === 'tell') ports.onTell(effect[1]);
  };

  const run = (effect: Exclude<SessionEffect, readonly ['tell', ...unknown[]]>): void => {
    switch (effect[0]) {
      case 'after': {
        const [, ms, event] = effect;
        scope.after(ms, () => feed(event));
        break;
      }
      case 'token':
        void getToken(effect[1], scope.signal);
        break;
      case 'dial':
        dial();
        break;
      case 'adopt':
        adopt(effect[1]);
        break;
      case 'drop':
        drop(effect[1]);
        break;
      case 'ping':
        ports.ping();
        break;
      case 'renew':
        ports.renew();
    }
  };

  const getToken = async (reason: Parameters<TokenKeeper['get']>[0], signal: AbortSignal): Promise<void> => {
    try {
      ticket = await Promise.all([tokens.get(reason, signal), ports.resolveSocket()]);
      if (!signal.aborted) feed(['token']);
    } catch (error) {
      if (signal.aborted) return;
      trace.note(`no token (${GoConnectError.from(error).code})`);
      feed(['no_token', GoConnectError.from(error)]);
    }
  };

  const dial = (): void => {
    const id = ++lines;
    if (!ticket) return;
    const [token, WebSocket] = ticket;
    try {
      next = { id, socket: ports.dial(WebSocket, token, owner(id)), mode: 'base' };
    } catch (error) {
      trace.note(`dial threw (${GoConnectError.from(error).message})`);
      feed(['fell', { code: 1006, reason: '' }]);
    }
  };

  const lineOf = (id: number): Line | undefined => [next, current, retired].find((line) => line?.id === id);

  const owner = (id: number): SocketOwner => ({
    onOpen(protocol) {
      const line = lineOf(id);
      if (line) feed(['opened', protocol === V1_PROTOCOL ? 'v1' : 'base']);
    },
    onText(text) {
      const line = lineOf(id);
      if (!line) return;
      if (line === current) heardAt = clock.monotonic();
      for (const item of decodeFrame(text)) receive(item, line);
    },
    onEnd(end) {
      const line = lineOf(id);
      if (!line) return;
      trace.note(`line ${id} ended: ${end.status ?? end.code}`);
      const type = line === next ? 'fell' : line === current ? 'lost' : undefined;
      forget(line);
      if (type) feed([type, end]);
    },
  });

  const receive = (item: Incoming, line: Line): void => {
    const event = item.kind === 'event' ? item.event : undefined;
    if (event?.type === 'session.welcome' && !line.welcome) {
      line.welcome = event.data;
      tokens.noteLife(event.data.token_expires_in * 1_000);
      feed(['welcomed']);
    } else if (line === next) {
      // A v1 server says nothing before its welcome.
      feed(['opened', 'base']);
    } else if (event?.type === 'session.draining' && line === current) {
      feed(['draining', event.data.reconnect_after_ms]);
    }
    ports.onIncoming(item, line);
  };

  /** Without a dialled socket it is the one in use that has turned out to be more than it seemed. */
  const adopt = (mode: Mode): void => {
    if (next) {
      letGo(retired, 'close');
      retired = current;
      current = next;
      next = undefined;
      heardAt = clock.monotonic();
    }
    if (!current) return;
    current.mode = mode;
    ports.onUsable(current);
  };

  const letGo = (line: Line | undefined, how: 'close' | 'drop'): void => {
    if (!line) return;
    if (how === 'drop') line.socket.drop();
    else {
      const goodbye = line.socket.close().finally(() => goodbyes.delete(goodbye));
      goodbyes.add(goodbye);
    }
    forget(line);
  };
  const forget = (line: Line): void => {
    if (line === next) next = undefined;
    else if (line === current) current = undefined;
    else retired = undefined;
    ports.onLineGone(line);
  };
  const drop = (which: 'next' | 'dead' | 'all'): void => {
    if (which === 'all') {
      for (const line of [next, current, retired]) letGo(line, 'close');
      return;
    }
    letGo(next, 'drop');
    if (which === 'dead') letGo(current, 'drop');
  };

  return {
    get state() {
      return state;
    },
    get line() {
      return current;
    },
    feed,
    releaseRetired: () => letGo(retired, 'close'),
    async gone() {
      await Promise.all(goodbyes);
    },
  };
}
