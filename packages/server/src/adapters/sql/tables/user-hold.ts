import { type Kysely, sql } from 'kysely';
import { MustBeFirst } from '../must-be-first.js';
import type { Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

/** Any number, as long as every node takes the same one; the other half of the lock is the user. */
const USER_LOCK = 740_592_611;

/**
 * Holds a user against other nodes, by a lock of PostgreSQL that goes with the transaction: of people whom only a token of another
 * issuer knows there is no row. Waits where that is safe, as for a room.
 */
export function prepareUserHold(db: Kysely<Schema>): (unit: UnitOfWork, user: string) => Promise<void> {
  const take = (lock: string) =>
    statement((of: { user: string }) =>
      db.selectNoFrom(
        sql<unknown>`${sql.raw(lock)}(${sql.lit(USER_LOCK)}, hashtext(current_schema() || ' ' || ${of.user}))`.as(
          'held',
        ),
      ),
    );
  const waiting = take('pg_advisory_xact_lock');
  const notWaiting = take('pg_try_advisory_xact_lock');
  return async (unit, user) => {
    if (unit.mayWait) return void (await unit.first(waiting, { user }));
    const found = await unit.first(notWaiting, { user });
    if (found?.held !== true) throw new MustBeFirst();
  };
}
