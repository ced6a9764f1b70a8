/**
 * The adapters under proof, from the sources: they are no API, so the server does not export them (decision 0018).
 * Everything else in this folder only brings them into the shape that the cases ask for.
 */

export { createInProcessBus } from '../../../packages/server/src/adapters/in-process-bus.js';
export { createRedisBus } from '../../../packages/server/src/adapters/redis/redis-bus.js';
export {
  type RedisServer,
  redisOrSkip,
  startRedis,
} from '../../../packages/server/src/adapters/redis/testing/redis-server.js';
export { openStore } from '../../../packages/server/src/adapters/sql/open-store.js';
export { openNativeSqlite } from '../../../packages/server/src/adapters/sql/sqlite/open-native-sqlite.js';
export { openSqliteFile } from '../../../packages/server/src/adapters/sql/sqlite/open-sqlite.js';
export { CommitProxy } from '../../../packages/server/src/adapters/sql/testing/commit-proxy.js';
export {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from '../../../packages/server/src/adapters/sql/testing/postgres-server.js';
export { systemClock } from '../../../packages/server/src/adapters/system-clock.js';
export type { Bus } from '../../../packages/server/src/ports/bus.js';
export type { Logger } from '../../../packages/server/src/ports/logger.js';
export type { Store, Transaction } from '../../../packages/server/src/ports/store.js';
export { filesOf, refuseCalls } from '../../../packages/server/src/testing/disk-troubles.js';
