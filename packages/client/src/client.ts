import type { ReplyData, RequestData, RequestType } from '@goconnect/protocol/validators';
import type { EventContext, GoConnectEvents } from './operations/client-events.js';
import type { OutboxView } from './operations/outbox-view.js';
import type { RequestOptions } from './operations/request-options.js';
import type { Room } from './operations/room.js';
import type { ClientState } from './session/client-state.js';
import type { Explanation } from './session/explain.js';
import type { Listener } from './support/emitter.js';

type Name = keyof GoConnectEvents & string;

declare global {
  // For whoever compiles with `lib: ["ES2022", "DOM"]`, which does not have it.
  interface SymbolConstructor {
    readonly asyncDispose: unique symbol;
  }
}

export interface GoConnectClient {
  /**
   * Resolves when usable: open on a base server, welcomed on a v1 server. Idempotent, from any state. Attempts go on until it works.
   * Aborting ends the wait, not the attempts (`close()` does). Rejects with `aborted`, `closed`, or why the session `failed`.
   */
  connect(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
  readonly state: ClientState;
  /** Gives back how to stop listening. A listener that throws disturbs nobody; it is told through `error`. */
  on<K extends Name>(type: K, listener: Listener<GoConnectEvents[K], EventContext>): () => void;
  once<K extends Name>(type: K, listener: Listener<GoConnectEvents[K], EventContext>): () => void;
  off<K extends Name>(type: K, listener: Listener<GoConnectEvents[K], EventContext>): void;
  /** Events from now on. Ends with `signal` or `close()`; fails with `queue_full` when 1,000 are unread. */
  events<K extends Name>(
    type: K,
    options?: { readonly signal?: AbortSignal | undefined },
  ): AsyncIterableIterator<GoConnectEvents[K]>;
  /**
   * Sends a request and gives its reply. Settles exactly once; rejects with a `GoConnectError`.
   *
   * Mutations (`chat.send|edit|delete|redact`) wait for a connection; reads do as long as their deadline, if somebody called
   * `connect()`; `presence.ping`, `auth.refresh` and `session.resume` never wait. Sent in the order of the calls, and of
   * one scope (or of changes to one message) not before the one ahead has settled. A mutation is sent again under the same
   * `op_id` only as the option `resend` allows.
   */
  request<K extends RequestType>(
    type: K,
    data: RequestData<K>,
    options?: RequestOptions,
  ): Promise<ReplyData<K>>;
  readonly chat: {
    send(data: RequestData<'chat.send'>, options?: RequestOptions): Promise<ReplyData<'chat.send'>>;
    edit(data: RequestData<'chat.edit'>, options?: RequestOptions): Promise<ReplyData<'chat.edit'>>;
    delete(data: RequestData<'chat.delete'>, options?: RequestOptions): Promise<ReplyData<'chat.delete'>>;
    redact(data: RequestData<'chat.redact'>, options?: RequestOptions): Promise<ReplyData<'chat.redact'>>;
    /** v1 servers only. */
    history(data: RequestData<'chat.history'>, options?: RequestOptions): Promise<ReplyData<'chat.history'>>;
  };
  readonly presence: {
    ping(options?: RequestOptions): Promise<ReplyData<'presence.ping'>>;
    /** v1 servers only. */
    list(data: RequestData<'presence.list'>, options?: RequestOptions): Promise<ReplyData<'presence.list'>>;
  };
  readonly auth: {
    /** Exchanges the refresh token for a new pair now. The client does so by itself at 70-90 % of the token's life. */
    refresh(): Promise<ReplyData<'auth.refresh'>>;
  };
  /** The same handle for the same name. */
  room(name: string): Room;
  /** Mutations that have not settled. */
  readonly outbox: OutboxView;
  /** What the server negotiated; all false without a connection. */
  readonly capabilities: {
    /** The v1 session extension: recovery of missed events, one effect per `op_id`, `chat.history`, `presence.list`. */
    readonly session: boolean;
  };
  explain(): Explanation;
  /**
   * Closes, from any state; may be opened again with `connect()`. Waits up to `flushMs` (default 0) for the first moment in which nothing
   * is unsettled (what is asked for while it waits counts as well), then settles what there is as `closed`: who sends again as soon as the
   * last one has settled holds nothing up. Afterwards no timer, socket or platform listener is left. `connect()` during that wait
   * withdraws it: the client stays open, and this resolves when the wait is over. Never rejects; a storage that cannot be closed is told
   * as `error`.
   */
  close(options?: { readonly flushMs?: number | undefined }): Promise<void>;
  /** `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}
