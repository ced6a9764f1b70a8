import type { Kysely } from 'kysely';
import type { OperationTable } from '../../../ports/store.js';
import type { OperationRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

export function prepareOperations(db: Kysely<Schema>): (unit: UnitOfWork) => OperationTable {
  const byKey = statement((of: { owner: string; opId: string }) =>
    db.selectFrom('operations').selectAll().where('owner', '=', of.owner).where('op_id', '=', of.opId),
  );
  const insert = statement((of: OperationRow) =>
    db
      .insertInto('operations')
      .values({ owner: of.owner, op_id: of.op_id, fingerprint: of.fingerprint, reply: of.reply, at: of.at })
      .onConflict((conflict) => conflict.columns(['owner', 'op_id']).doNothing()),
  );
  const trim = statement((of: { before: number; limit: number }) =>
    db
      .deleteFrom('operations')
      .where(({ eb, refTuple, selectFrom }) =>
        eb(
          refTuple('owner', 'op_id'),
          'in',
          selectFrom('operations')
            .select(['owner', 'op_id'])
            .where('at', '<', of.before)
            .orderBy('at')
            .limit(of.limit)
            .$asTuple('owner', 'op_id'),
        ),
      ),
  );

  return (unit) => ({
    async get(owner, opId) {
      const row = await unit.first(byKey, { owner, opId });
      return (
        row && {
          owner: row.owner,
          opId: row.op_id,
          fingerprint: row.fingerprint,
          reply: row.reply,
          at: row.at,
        }
      );
    },
    async insert({ owner, opId, fingerprint, reply, at }) {
      return (await unit.change(insert, { owner, op_id: opId, fingerprint, reply, at })) === 1;
    },
    trim: (before, limit) => unit.change(trim, { before, limit }),
  });
}
