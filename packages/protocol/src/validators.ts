// The zod-free half of the package: what a bundle for browsers may contain.

export {
  type DecodedRequest,
  decodeFrame,
  decodeRequest,
  encodeRequest,
  type Incoming,
  isEventType,
  isRequestType,
  isTraceparent,
} from './codec.js';
export type {
  ErrorBody,
  Event,
  EventData,
  EventType,
  Meta,
  Position,
  RefusedRequest,
  ReplyData,
  Request,
  RequestData,
  RequestType,
} from './contract-types.js';
export type * from './generated/types.js';
export {
  eventValidators,
  MUTATIONS,
  RECOVERABLE_EVENTS,
  replyValidators,
  requestValidators,
  V1_REQUESTS,
} from './generated/validators.js';
export { isAttachmentUrl } from './primitives/attachment-url.js';
export { CLOSE_CODES, type CloseAction, type CloseName, closeAction } from './primitives/close-codes.js';
export {
  ERROR_CODES,
  type ErrorCode,
  type InvalidReason,
  isErrorCode,
  type RetryRule,
  retryRule,
} from './primitives/error-codes.js';
export { LIMITS } from './primitives/limits.js';
export type { Clock, Random, TimerHandle } from './primitives/ports.js';
export { parseRoom, parseScope, type Room, roomName, type Scope } from './primitives/room.js';
export { codePointLength, isMessageText, isOpaqueId, isWellFormed, utf8Length } from './primitives/text.js';
export type { Fault, Validation, Validator } from './primitives/validation.js';
