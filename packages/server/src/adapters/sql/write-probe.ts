import { CompiledQuery } from 'kysely';
import { withConnection } from './connection.js';
import type { SqlDatabase } from './sql-database.js';

/**
 * Changes nothing and is written to disk all the same. The key, not another column: SQLite writes no row whose bytes
 * stay the same, and would say that a full disk is well. One row: two servers that hold some of many would wait for each other.
 */
const TOUCH = CompiledQuery.raw('UPDATE migrations SET version = version WHERE version = 1');

/** Rejects unless the database makes a transaction durable in this moment. */
export async function probeWrite({ kysely, beginWrite }: SqlDatabase): Promise<void> {
  await withConnection(kysely, async (connection) => {
    try {
      // A look in it may refuse the transaction, which is begun by then.
      await connection.execute(CompiledQuery.raw(beginWrite));
      await connection.execute(TOUCH);
      await connection.execute(CompiledQuery.raw('COMMIT'));
    } catch (error) {
      await connection.execute(CompiledQuery.raw('ROLLBACK')).catch(() => {});
      throw error;
    }
  });
}
