import type { EventType, ReplyData, RequestData } from '@goconnect/protocol/validators';
import type { Listener } from '../support/emitter.js';
import type { EventContext, GoConnectEvents } from './client-events.js';
import type { RequestFunction, RequestOptions } from './request-options.js';

/** What a room handle uses of the client. */
export interface RoomHost {
  readonly request: RequestFunction;
  on<K extends EventType>(type: K, listener: Listener<GoConnectEvents[K], EventContext>): () => void;
}

/** One room of the contract: `host`, `tenant:<id>` or `network:<id>`. */
export interface Room {
  readonly name: string;
  /** Enters the room, and again after each reconnect until `leave()`. */
  join(options?: RequestOptions): Promise<ReplyData<'room.join'>>;
  leave(options?: RequestOptions): Promise<ReplyData<'room.leave'>>;
  /** Sends a chat message to the room (`host` and `network:<id>` only). */
  send(
    body: string,
    options?: RequestOptions & Pick<RequestData<'chat.send'>, 'attachments'>,
  ): Promise<ReplyData<'chat.send'>>;
  /**
   * Events of this room. One that does not say its room (`presence.update`; edits on a base server) reaches every room's
   * listeners. Gives back how to stop listening.
   */
  on<K extends EventType>(type: K, listener: Listener<GoConnectEvents[K], EventContext>): () => void;
  /** A page of past messages (v1 servers). */
  history(
    options?: RequestOptions & Omit<RequestData<'chat.history'>, 'scope'>,
  ): Promise<ReplyData<'chat.history'>>;
  /** Who is here (v1 servers). */
  members(options?: RequestOptions): Promise<ReplyData<'presence.list'>>;
}

export function createRoom(name: string, { request, on }: RoomHost): Room {
  return {
    name,
    join: (options) => request('room.join', { room: name }, options),
    leave: (options) => request('room.leave', { room: name }, options),
    // Data and options take what is theirs.
    send: (body, options) => request('chat.send', { ...options, scope: name, body }, options),
    on: (type, listener) =>
      on(type, (data, context) => ((context.room ?? name) === name ? listener(data, context) : undefined)),
    history: (options) => request('chat.history', { ...options, scope: name }, options),
    members: (options) => request('presence.list', { room: name }, options),
  };
}
