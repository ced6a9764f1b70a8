import { afterAll, beforeAll } from 'vitest';
import {
  type PostgresServer,
  postgresOrSkip,
  type RedisServer,
  redisOrSkip,
  startPostgres,
  startRedis,
} from '../../contracts/adapters.js';

const binaries = postgresOrSkip();
const redis = redisOrSkip();

/** Whether one of the two is missing here: then these proofs are skipped. */
export const NO_GROUND = binaries === undefined || redis === undefined;

/** What a fleet stands on. */
export interface Ground {
  readonly postgres: PostgresServer;
  readonly redis: RedisServer;
}

/** One instance of each for all proofs of a `describe`. */
export function ground(): () => Ground {
  let parts: Ground | undefined;
  beforeAll(async () => {
    const [postgres, bus] = await Promise.all([startPostgres(binaries ?? ''), startRedis(redis ?? '')]);
    parts = { postgres, redis: bus };
  });
  afterAll(async () => {
    await parts?.redis.stop();
    await parts?.postgres.stop();
  });
  return () => {
    if (!parts) throw new Error('PostgreSQL and Redis are not there yet');
    return parts;
  };
}
