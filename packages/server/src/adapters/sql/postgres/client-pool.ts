import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import type { Logger } from '../../../ports/logger.js';

/** Texts that get a name; more than the store has, so only lists of rooms of differing length stay without. */
const NAMED_STATEMENTS = 256;

/**
 * node-postgres under Kysely's dialect. Three things are added: statements have names, so that the server plans them
 * once; a connection on which anything but a refusal of the server happened is thrown away instead of going back to
 * the pool; a connection that breaks while nobody asks it something is logged instead of ending the process.
 */
export function createClientPool(config: pg.PoolConfig, logger: Pick<Logger, 'warn'>): PostgresPool {
  const pool = new pg.Pool(config);
  const names = new Map<string, string>();
  const wrapped = new WeakMap<pg.PoolClient, PostgresPoolClient>();

  const onError = (error: Error) => logger.warn({ err: error }, 'a connection to PostgreSQL broke');
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));

  function nameOf(text: string): string | undefined {
    const known = names.get(text);
    if (known !== undefined || names.size >= NAMED_STATEMENTS) return known;
    const name = `goconnect_${names.size + 1}`;
    names.set(text, name);
    return name;
  }

  return {
    async connect() {
      const client = await pool.connect();
      const known = wrapped.get(client);
      if (known !== undefined) return known;
      const made = wrap(client, nameOf);
      wrapped.set(client, made);
      return made;
    },
    end: () => pool.end(),
  };
}

function wrap(client: pg.PoolClient, nameOf: (text: string) => string | undefined): PostgresPoolClient {
  let fault: Error | undefined;

  async function query<R>(text: string, values: readonly unknown[]): Promise<PostgresQueryResult<R>> {
    const name = values.length > 0 ? nameOf(text) : undefined;
    try {
      const result = await client.query({ ...(name && { name }), text, values: [...values] });
      return result as unknown as PostgresQueryResult<R>;
    } catch (error) {
      // The server refused the statement: the connection is fine. Anything else leaves it in a state nobody knows.
      if (!(error instanceof pg.DatabaseError)) fault = error instanceof Error ? error : new Error('unknown');
      throw error;
    }
  }

  return {
    // Cursors, the other overload, are not used here.
    query: query as PostgresPoolClient['query'],
    release() {
      client.release(fault);
    },
  };
}
