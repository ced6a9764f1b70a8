import type { CompiledQuery, DatabaseConnection, Kysely, QueryResult } from 'kysely';
import type { Schema } from './schema.js';

/** One connection of the database, held for one transaction. */
export interface Connection {
  execute<R>(query: CompiledQuery<R>): Promise<QueryResult<R>>;
}

/**
 * Holds a connection while `body` runs. Compiled queries go straight to the driver: Kysely's own executor adds ten
 * promises to each, which is more than SQLite needs to answer.
 */
export async function withConnection<T>(
  db: Kysely<Schema>,
  body: (connection: Connection) => Promise<T>,
): Promise<T> {
  return await db.getExecutor().provideConnection((connection) => body(toConnection(connection)));
}

function toConnection(connection: DatabaseConnection): Connection {
  return {
    // `async`, because a synchronous driver throws where others reject.
    execute: async <R>(query: CompiledQuery<R>) => await connection.executeQuery<R>(query),
  };
}
