import type { Clock, EventData, EventType, RequestData, RequestType } from '@goconnect/protocol/validators';
import type { FakeNetwork } from '../network/fake-network.js';
import type { FakeWebSocketConstructor } from '../network/fake-web-socket.js';
import type { FakeNetworkInfo, FakeUser, Role } from './entities.js';
import type { Received, ReceivedOf } from './inbox.js';
import type { ScriptHandle, When } from './script.js';
import type { ScriptRule } from './script-rule.js';

/** Whom to tell; default: everyone who is connected. */
export interface To {
  /** All connections of this user. */
  readonly user?: string;
  /** All connections in this room. */
  readonly room?: string;
  /** One connection, by number. */
  readonly connection?: number;
}

export interface WaitOptions {
  /** Milliseconds of the server's clock. Default: 1,000. */
  readonly deadlineMs?: number;
}

/** A connection as a test sees it. */
export interface FakeConnectionInfo {
  /** Counted from 1. */
  readonly number: number;
  readonly userId: string;
  readonly dialect: 'base' | 'v1';
  readonly clientId: string | undefined;
  readonly rooms: readonly string[];
}

/** Tokens as `createClient({ token })` takes them. */
export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** Options of a client that talks to a fake server. */
export interface FakeClientOptions {
  readonly url: string;
  /** A fresh pair each time. */
  readonly token: () => TokenPair;
  readonly clock: Clock;
  /** Absent on a real port: the client's own will do. */
  readonly WebSocket?: FakeWebSocketConstructor;
}

/**
 * A server for tests. It does what the contract says until a test wants something else. What is no user, no network or no
 * value that the contract has is refused at once, with a `TestkitError` that says what there is; after `close()` everything
 * that would act on clients is refused with the code `server_closed`.
 *
 * It starts with the users `ada`, `grace` and `linus` in the networks `lobby` (public; ada owner, grace moderator, linus
 * member) and `attic` (ada owner only), as a real one in development mode.
 */
export interface FakeServer {
  /** What a client dials. */
  readonly url: string;
  /** Pass it to the client as `WebSocket`. On a real port it is undefined: the client's own will do. */
  readonly WebSocket: FakeWebSocketConstructor | undefined;
  /** The clock of the server; virtual where the transport is memory, unless another was given. */
  readonly clock: Clock;
  /** The network in memory, for its faults; undefined on a real port. */
  readonly network: FakeNetwork | undefined;
  /** Print it when a test fails. */
  readonly seed: string;

  /** A fresh access token. `expiresIn` in seconds, default 900; 0 or less: it has run out already. */
  token(userId: string, options?: { readonly expiresIn?: number }): string;
  tokens(userId: string, options?: { readonly expiresIn?: number }): TokenPair;
  /** All that `createClient` needs to be this user; spread it to add more: `createClient({ ...server.clientOptions('ada'), outbox })`. */
  clientOptions(userId: string): FakeClientOptions;
  addUser(user: FakeUser): void;
  /** @throws `TestkitError` with code `bad_argument` for one that is there already */
  addNetwork(network: FakeNetworkInfo): void;
  /**
   * A user becomes a member, by default as `member`: connections enter the room, `member.joined` goes out. Nothing happens
   * to one who is a member already.
   *
   * @throws `TestkitError` with code `bad_argument` for one who is banned, or is a member with another role
   */
  addMember(networkId: string, userId: string, role?: Role): void;
  /**
   * A user leaves, is kicked or banned; the events of the contract go out. Also who is no member can be banned.
   *
   * @throws `TestkitError` with code `bad_argument` for one who is no member and is to leave or be kicked, or an unknown `how`
   */
  removeMember(networkId: string, userId: string, how?: 'left' | 'kick' | 'ban', reason?: string): void;
  /** A member has another role from now on. No event tells; `updateNetwork(id, by, { roles: { grace: 'admin' } })` is what our server says. */
  setRole(networkId: string, userId: string, role: Role): void;
  /** Settings of a network change: `net.updated` goes out. */
  updateNetwork(networkId: string, userId: string, properties: Readonly<Record<string, unknown>>): void;
  /**
   * A user asks to join: owner and admins get `request.join.pending`. Returns the id of the request.
   *
   * @throws `TestkitError` with code `bad_argument` for one who is a member or banned
   */
  askToJoin(networkId: string, userId: string): string;

  /**
   * A real message: stored, with its place in the log, to everyone in the room. Returns its id.
   *
   * @throws `TestkitError` with code `bad_argument` for what the contract refuses: no text, too much, or no member of the room
   */
  say(scope: string, userId: string, body: string): string;
  /** Any event, made from an example and `overrides`. In no log, unless `room` and `seq` say it is. */
  send<K extends EventType>(
    type: K,
    overrides?: Partial<EventData<K>>,
    to?: To & { readonly seq?: number },
  ): void;
  /** Any text: garbage, half an envelope, unknown types. */
  sendRaw(text: string, to?: To): void;
  /** Several envelopes in one frame, joined by newlines as the original server does (A1.1). */
  sendTogether(envelopes: readonly object[], to?: To): void;
  sendBinary(data: Uint8Array, to?: To): void;

  /** Scripts what happens to some requests: `server.when('chat.send').times(2).fail()`. */
  when<K extends RequestType>(type: K | '*', where?: Partial<RequestData<K>>): When<K>;
  /** The same as data. */
  script(rule: ScriptRule): ScriptHandle;
  /** Ends all scripting. */
  behave(): void;

  /** Everything received, in order. */
  readonly received: readonly Received[];
  receivedOf<K extends RequestType>(type: K, where?: Partial<RequestData<K>>): readonly ReceivedOf<K>[];
  /** The first such request, also one that came already. On a virtual clock, waiting lets time pass. */
  waitFor<K extends RequestType>(
    type: K,
    where?: Partial<RequestData<K>>,
    options?: WaitOptions,
  ): Promise<ReceivedOf<K>>;
  forgetReceived(): void;
  readonly connections: readonly FakeConnectionInfo[];

  /**
   * Closes connections with this code.
   *
   * @throws `TestkitError` with code `bad_argument` for a code that no close frame may carry
   */
  closeConnections(code: number, reason?: string, to?: To): void;
  /** Breaks connections without a close frame. */
  breakConnections(to?: To): void;
  /**
   * Goes down, breaks every connection, comes back. Without its log it has a new epoch and no messages (B3.1). Resolves when
   * it is back, with `downMs` when it is down; one restart follows the other, and none comes back once the server is closed.
   *
   * @throws `TestkitError` with code `port_taken` when something else listens there by now; where that comes out
   * after `downMs`, `close()` says it
   */
  restart(options?: { readonly keepLog?: boolean; readonly downMs?: number }): Promise<void>;
  /** Sends everyone away politely (B5). New connections are let in, as by the next node. Ends at the deadline with 4412. */
  drain(options?: {
    readonly spreadMs?: number;
    readonly deadlineMs?: number;
    readonly reason?: string;
  }): void;
  /** Access tokens given out so far are expired, and connections that live by them closed with 4401. */
  expireTokens(userId?: string): void;
  /** New limits, for new connections and those there are. */
  limit(limits: { readonly messagesPerMinute?: number; readonly networkMessagesPerMinute?: number }): void;
  /** Forgets a room's log up to `seq`, as retention does: who resumes before it gets `gap`. */
  forgetLog(room: string, seq: number): void;

  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}
