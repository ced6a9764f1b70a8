export type { GoConnectClient } from './client.js';
export type { ClientOptions } from './client-options.js';
export { createClient } from './create-client.js';
export type { EventContext, GoConnectEvents, Unknown } from './operations/client-events.js';
export type { OutboxOptions } from './operations/outbox.js';
export {
  memoryStorage,
  type OutboxListener,
  type OutboxStorage,
  type StoredOperation,
} from './operations/outbox-storage.js';
export type { OutboxEntry, OutboxView } from './operations/outbox-view.js';
export type { Backpressure } from './operations/pacer.js';
export type { RequestOptions } from './operations/request-options.js';
export type { Room } from './operations/room.js';
export type { Settled } from './operations/settled.js';
export type { BackoffOptions } from './session/backoff.js';
export type { ClientState, ClientStatus } from './session/client-state.js';
export type { Explanation } from './session/explain.js';
export type { Lifecycle, LifecycleSignal } from './session/lifecycle.js';
export type { Gap } from './session/room-log.js';
export type { HeartbeatOptions } from './session/session-state.js';
export type { TokenReason, TokenSource } from './session/token-keeper.js';
export type { TokenPair } from './session/token-life.js';
export type { TokenTransport } from './socket/dial-address.js';
export type { SocketEnd, WebSocketConstructor, WebSocketLike } from './socket/socket.js';
export { GoConnectError, type GoConnectErrorCode } from './support/goconnect-error.js';
export type { Happening } from './support/trace.js';
