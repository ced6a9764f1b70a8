import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

/**
 * Removes old entries from the front of their rooms only. Clocks may jump, so "older than" alone could punch a hole
 * into a log; a hole would look like a loss to those who resume.
 */
export function prepareLogTrim(
  db: Kysely<Schema>,
): (unit: UnitOfWork, before: number, limit: number) => Promise<number> {
  const old = statement((of: { before: number; limit: number }) =>
    db
      .selectFrom('room_events')
      .select(['room', 'seq'])
      .where('at', '<', of.before)
      .orderBy('at')
      .limit(of.limit),
  );
  const removeUpTo = statement((of: { room: string; seq: number }) =>
    db.deleteFrom('room_events').where('room', '=', of.room).where('seq', '<=', of.seq),
  );

  return async (unit, before, limit) => {
    const last = new Map<string, number>();
    for (const { room, seq } of await unit.all(old, { before, limit })) {
      last.set(room, Math.max(seq, last.get(room) ?? 0));
    }
    let removed = 0;
    for (const [room, seq] of last) removed += await unit.change(removeUpTo, { room, seq });
    return removed;
  };
}
