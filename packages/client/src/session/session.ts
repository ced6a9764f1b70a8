import {
  type Clock,
  decodeFrame,
  type EventData,
  type Incoming,
  type Random,
} from '@goconnect/protocol/validators';
import { V1_PROTOCOL } from '../socket/dial-address.js';
import type { Terms } from '../socket/negotiation.js';
import {
  BROKEN,
  LEAVING,
  MOVED,
  type Socket,
  type SocketEnd,
  type SocketOwner,
  type WebSocketConstructor,
} from '../socket/socket.js';
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
import type { TokenKeeper, TokenReason } from './token-keeper.js';
import { renewalPoint } from './token-life.js';

/** Events of the heartbeat, which belongs to the connection in use and not to the state. */
const PULSE = /idle|probe/;

/** One connection, by number, so that what was written on an old one is never taken for written on a new one. */
export interface Line {
  readonly id: number;
  readonly socket: Socket;
  /** Timers of its heartbeat while it is in use. A dead one is noticed whatever becomes of the attempts to replace it. */
  readonly pulse: Scope;
  mode: Mode;
  welcome?: EventData<'session.welcome'>;
}

export interface SessionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tokens: TokenKeeper;
  readonly trace: Trace;
  /** Undefined: there is none on this platform, and none was given. */
  resolveSocket(): Promise<WebSocketConstructor | undefined>;
  /** Opens a socket with this token. MUST NOT call the owner before it returns. */
  dial(WebSocket: WebSocketConstructor, token: string, owner: SocketOwner, terms: Terms): Socket;
  /** `line` is in use from now on. Resolves when nothing is awaited any more on the one before it. */
  onUsable(line: Line, retired: Line | undefined): Promise<unknown>;
  onIncoming(item: Incoming, line: Line): void;
  /** Nothing more comes from `line`. */
  onLineGone(line: Line): void;
  onState(state: SessionState, before: SessionState): void;
  /** A port threw, and the session goes on. Of the token function its owner hears also where nobody listens. */
  onError(error: unknown, by?: 'token'): void;
  ping(): void;
  /** Renews the token of the connection in place, or has the session move. */
  renew(): void;
}

/** Runs the machine: feeds it what happens, does what it says, and decides nothing. */
export class Session {
  readonly #ports: SessionPorts;
  readonly #options: SessionOptions;
  readonly #events: SessionEvent[] = [];
  readonly #goodbyes = new Set<Promise<void>>();
  #state: SessionState = { status: 'idle' };
  /** What the state owns; ended with it. */
  #scope: Scope;
  /** Undefined while it is asked for. */
  #ticket: readonly [token: string, WebSocket: WebSocketConstructor] | undefined;
  #lines = 0;
  #heardAt = 0;
  #answeredAt = 0;
  #greets: SessionEnv['greets'] = 'unknown';
  /** Being dialled; in use; let go as soon as the one in use has taken over. */
  #next: Line | undefined;
  #current: Line | undefined;
  #retired: Line | undefined;
  #lastEnd: SocketEnd | undefined;

  constructor(ports: SessionPorts, options: SessionOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#scope = createScope(ports.clock);
  }

  get state(): SessionState {
    return this.#state;
  }

  /** The connection in use. */
  get line(): Line | undefined {
    return this.#current;
  }

  /** How the last connection or attempt ended that was not ended from here; undefined since there is a new one. */
  get lastEnd(): SocketEnd | undefined {
    return this.#lastEnd;
  }

  /** Events that effects cause wait for their turn: a step always sees the state that the last one left. */
  feed(event: SessionEvent): void {
    const events = this.#events;
    if (events.push(event) > 1) return;
    for (let first = events[0]; first; first = events[0]) {
      try {
        this.#take(first);
      } catch (error) {
        this.#ports.onError(error);
      } finally {
        events.shift();
      }
    }
  }

  /** Resolves when every socket is gone. */
  async gone(): Promise<void> {
    await Promise.all(this.#goodbyes);
  }

  #take(event: SessionEvent): void {
    const { clock, trace } = this.#ports;
    const before = this.#state;
    const [after, ...effects] = step(before, event, this.#env());
    this.#state = after;
    // A second attempt, with another token, has the status of the first: what that one awaited is none of its business.
    if (after.status !== before.status || effects.some(([run]) => run === 'token')) {
      this.#scope.end();
      this.#scope = createScope(clock);
      trace.note(`${before.status} -> ${after.status} (${event[0]})`);
    }
    for (const effect of effects) this.#run(effect);
    if (after !== before) this.#ports.onState(after, before);
  }

  #env(): SessionEnv {
    const { clock, random, tokens } = this.#ports;
    const now = clock.monotonic();
    const { expiresAt } = tokens;
    return {
      now,
      random: random(),
      heardAt: this.#heardAt,
      answeredAt: this.#answeredAt,
      renewal:
        expiresAt === undefined ? undefined : { expiresAt, inMs: renewalPoint(expiresAt - now, random()) },
      greets: this.#greets,
      options: this.#options,
    };
  }

  #run(effect: SessionEffect): void {
    switch (effect[0]) {
      case 'after': {
        const [, ms, event] = effect;
        const pulse = PULSE.test(event[0]) && this.#current?.pulse;
        (pulse || this.#scope).after(ms, () => {
          // What took so long was not the network.
          if (event[0] === 'due_connect' && !this.#ticket)
            this.#noToken(new GoConnectError('timeout', `token() did not answer within ${ms} ms`));
          else this.feed(event);
        });
        break;
      }
      case 'token':
        void this.#getToken(effect[1], this.#scope.signal);
        break;
      case 'dial':
        this.#dial(effect[1]);
        break;
      case 'adopt':
        this.#adopt(effect[1]);
        break;
      case 'drop':
        this.#drop(effect[1]);
        break;
      default:
        this.#ports[effect[0]]();
    }
  }

  async #getToken(reason: TokenReason, signal: AbortSignal): Promise<void> {
    const { tokens, resolveSocket } = this.#ports;
    this.#ticket = undefined;
    try {
      const [token, WebSocket] = await Promise.all([tokens.get(reason, signal), resolveSocket()]);
      if (signal.aborted) return;
      if (WebSocket) this.#ticket = [token, WebSocket];
      this.feed([WebSocket ? 'token' : 'no_socket']);
    } catch (thrown) {
      if (signal.aborted) return;
      const error = GoConnectError.from(thrown);
      this.#noToken(error, `token() threw: ${error.message}`);
    }
  }

  #noToken(error: GoConnectError, cause = error.message): void {
    // Else that is what it fails with, and is told as such.
    const goesOn = error.code !== 'auth_failed' || this.#state.status !== 'connecting';
    // An outage that takes the token's server along would say it at each attempt.
    const again = this.#lastEnd?.cause === cause;
    this.#lastEnd = { ...BROKEN, cause };
    this.feed(['no_token', error]);
    if (goesOn) this.#ports.onError(error, again ? undefined : 'token');
  }

  #dial(terms: Terms): void {
    if (!this.#ticket) return;
    // Never three: what the old one was still to bring is asked for on the new ones.
    this.#letGo(this.#retired, MOVED);
    const [token, WebSocket] = this.#ticket;
    const id = ++this.#lines;
    try {
      const socket = this.#ports.dial(WebSocket, token, this.#owner(id), terms);
      this.#next = { id, socket, pulse: createScope(this.#ports.clock), mode: 'base' };
    } catch (error) {
      // Not its message: it may quote the address, and the token with it.
      const cause = `The WebSocket refuses the url or the token (${(error as Error | undefined)?.name})`;
      const remedy = 'Check the url: https needs wss.';
      this.#ports.onError(new GoConnectError('invalid_payload', cause, { remedy }));
      this.#lastEnd = { ...BROKEN, cause };
      this.feed(['fell', this.#lastEnd]);
    }
  }

  #owner(id: number): SocketOwner {
    const line = () => [this.#next, this.#current, this.#retired].find((one) => one?.id === id);
    return {
      onOpen: (protocol, unexplained) => {
        if (!line()) return;
        const mode = protocol === V1_PROTOCOL ? 'v1' : 'base';
        if (mode === 'base' && !unexplained) this.#greets = 'unknown';
        else if (mode === 'base' && this.#greets === 'unknown') this.#greets = 'perhaps';
        this.feed(['opened', mode]);
      },
      onText: (text) => {
        for (const item of decodeFrame(text)) this.#receive(item, line());
      },
      onEnd: (end) => this.#ended(line(), end),
    };
  }

  #receive(item: Incoming, line: Line | undefined): void {
    const event = item.kind === 'event' ? item : undefined;
    // A listener of the item before may have closed the client.
    if (!line) return;
    if (line === this.#current) this.#hear(item);
    if (event?.type === 'session.welcome' && !line.welcome) {
      line.welcome = event.data;
      this.#greets = 'yes';
      this.#ports.tokens.noteLife(event.data.token_expires_in * 1_000);
      // On the one in use it counts late; but not for its successor, which is on its way.
      if (line === this.#next || this.#state.status === 'connected') this.feed(['welcomed']);
    } else if (line === this.#next) {
      // A v1 server says nothing before its welcome.
      this.feed(['opened', 'base']);
    } else if (event?.type === 'session.draining' && line === this.#current) {
      this.feed(['draining', event.data.reconnect_after_ms]);
    }
    this.#ports.onIncoming(item, line);
  }

  /** Events prove that the other side is heard; only an answer proves that it hears. */
  #hear({ kind }: Incoming): void {
    this.#heardAt = this.#ports.clock.monotonic();
    if (kind === 'reply' || kind === 'error') this.#answeredAt = this.#heardAt;
  }

  #ended(line: Line | undefined, end: SocketEnd): void {
    if (!line) return;
    const type = line === this.#next ? 'fell' : line === this.#current ? 'lost' : undefined;
    this.#ports.trace.note(`line ${line.id} ended: ${end.cause ?? end.status ?? end.code}`);
    this.#lastEnd = end;
    this.#forget(line);
    if (type) this.feed([type, end]);
  }

  /** Without a dialled socket it is the one in use that has turned out to be more than it seemed. */
  #adopt(mode: Mode): void {
    if (this.#next) {
      // Asked for once more, and again it was not to be had: it is another server now.
      if (mode === 'base' && this.#current?.mode === 'base') this.#greets = 'unknown';
      this.#retired = this.#current;
      this.#current?.pulse.end();
      this.#current = this.#next;
      this.#next = undefined;
      this.#lastEnd = undefined;
      this.#heardAt = this.#ports.clock.monotonic();
      this.#answeredAt = this.#heardAt;
    }
    if (!this.#current) return;
    this.#current.mode = mode;
    const retired = this.#retired;
    void this.#ports.onUsable(this.#current, retired).then(() => {
      if (retired === this.#retired) this.#letGo(retired, MOVED);
    });
  }

  #drop(which: 'next' | 'dead' | 'all'): void {
    if (which === 'all')
      for (const line of [this.#next, this.#current, this.#retired]) this.#letGo(line, LEAVING);
    this.#letGo(this.#next);
    if (which === 'dead') this.#letGo(this.#current);
  }

  /** Without a goodbye it is given up for dead. */
  #letGo(line: Line | undefined, code?: Parameters<Socket['close']>[0]): void {
    if (!line) return;
    if (!code) line.socket.drop();
    else {
      const goodbye = line.socket.close(code).finally(() => this.#goodbyes.delete(goodbye));
      this.#goodbyes.add(goodbye);
    }
    this.#forget(line);
  }

  #forget(line: Line): void {
    if (line === this.#next) this.#next = undefined;
    else if (line === this.#current) this.#current = undefined;
    else this.#retired = undefined;
    line.pulse.end();
    this.#ports.onLineGone(line);
  }
}
