/**
 * The server without its sockets, its database and its clock: what decides, on ports that the caller brings. For
 * proofs and experiments (simulations, other transports); unlike the main entry it may change with any version.
 */
export { BusListeners } from './adapters/bus-listeners.js';
export { createInProcessBus } from './adapters/in-process-bus.js';
export { MemoryMedium } from './adapters/memory/memory-medium.js';
export { MemoryStore, type MemoryStoreOptions, UnansweredCommit } from './adapters/memory/memory-store.js';
export type { Actor, LogEntry, Membership, Network, Role, RoomPosition, User } from './domain/entities.js';
export { OperationError } from './domain/operation-error.js';
export { createGateway, type GatewayDeps } from './gateway/gateway.js';
export type { GatewaySettings } from './gateway/gateway-settings.js';
export { createOperations } from './operations/create-operations.js';
export type { Dependencies } from './operations/dependencies.js';
export { maintain, type Retention } from './operations/maintenance.js';
export type { NetworkOperations, Operations } from './operations/operations.js';
export type { Bus, BusLine, BusListener, BusMessage, BusSource } from './ports/bus.js';
export type { ClientAddress } from './ports/client-address.js';
export type { EndOfTurn } from './ports/end-of-turn.js';
export type { Admitted, Gateway, Refusal } from './ports/gateway.js';
export type { Ids } from './ports/ids.js';
export type { Logger } from './ports/logger.js';
export type { GatewayMetrics } from './ports/metrics.js';
export type { ConnectionInbound, ServerSocket } from './ports/server-socket.js';
export type { Store, Transaction } from './ports/store.js';
export { StoreError } from './ports/store-error.js';
export type { AccessTokens, Identity, Passwords, Verification } from './ports/tokens.js';
export { decideUpgrade, type UpgradeDecision } from './transport/decide-upgrade.js';
export { readUpgradeRequest, V1_PROTOCOL } from './transport/upgrade-request.js';
