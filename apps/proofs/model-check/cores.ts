/**
 * The pure functions under proof, from the sources: they are no API, so the packages do not export them (decision 0018).
 * Everything else in this folder is the world around them.
 */

export {
  mayRepeat,
  type Operation,
  type Outbox,
} from '../../../packages/client/src/operations/outbox.js';
export { type RoomLog, stepRoomLog } from '../../../packages/client/src/session/room-log.js';
export { step as stepSession } from '../../../packages/client/src/session/session-machine.js';
export type {
  SessionEffect,
  SessionEnv,
  SessionEvent,
  SessionState,
} from '../../../packages/client/src/session/session-state.js';
export { BROKEN } from '../../../packages/client/src/socket/socket.js';
export {
  type ConnectionState,
  stepConnection,
} from '../../../packages/server/src/gateway/connection-state.js';
export { type PresenceState, stepPresence } from '../../../packages/server/src/gateway/presence-state.js';
export {
  type Place,
  type RoomOrder,
  type RoomOrderEvent,
  stepRoomOrder,
} from '../../../packages/server/src/gateway/room-order.js';
export { sendMessage } from '../../../packages/server/src/operations/chat/send-message.js';
export type { Dependencies } from '../../../packages/server/src/operations/dependencies.js';
export type { OperationRecord, Store, Transaction } from '../../../packages/server/src/ports/store.js';
