import { CompiledQuery } from 'kysely';
import type { StoreFault } from '../../ports/store-error.js';
import { withConnection } from './connection.js';
import type { SqlDatabase } from './sql-database.js';

/**
 * Changes nothing and is written to disk all the same. The key, not another column: SQLite writes no row whose bytes
 * stay the same, and would say that a full disk is well. One row: two servers that hold some of many would wait for each other.
 */
const TOUCH = 'UPDATE migrations SET version = version WHERE version = 1';

/**
 * Rejects unless the database makes a transaction durable in this moment.
 * @param fault what it last had: a disk that was full must also have room for something new
 */
export async function probeWrite(database: SqlDatabase, fault?: StoreFault): Promise<void> {
  const { growth } = database;
  if (fault === 'disk_full' && growth !== undefined) await transact(database, growth, 'ROLLBACK');
  await transact(database, TOUCH, 'COMMIT');
}

async function transact(
  { kysely, beginWrite }: SqlDatabase,
  statement: string,
  end: 'COMMIT' | 'ROLLBACK',
): Promise<void> {
  await withConnection(kysely, async (connection) => {
    try {
      // A look in it may refuse the transaction, which is begun by then.
      await connection.execute(CompiledQuery.raw(beginWrite));
      await connection.execute(CompiledQuery.raw(statement));
      await connection.execute(CompiledQuery.raw(end));
    } catch (error) {
      await connection.execute(CompiledQuery.raw('ROLLBACK')).catch(() => {});
      throw error;
    }
  });
}
