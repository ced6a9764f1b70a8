import type { Kysely } from 'kysely';
import type { MessageTable } from '../../../ports/store.js';
import type { MessageEditRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

export function prepareMessageEdits(db: Kysely<Schema>): (unit: UnitOfWork) => MessageTable['edits'] {
  const insert = statement((of: MessageEditRow) =>
    db.insertInto('message_edits').values({
      message_id: of.message_id,
      seq: of.seq,
      previous_body: of.previous_body,
      change: of.change,
      changed_by: of.changed_by,
      changed_at: of.changed_at,
    }),
  );
  const ofMessage = statement((of: { messageId: string }) =>
    db.selectFrom('message_edits').selectAll().where('message_id', '=', of.messageId).orderBy('seq'),
  );

  return (unit) => ({
    async insert({ messageId, seq, previousBody, change, changedBy, changedAt }) {
      await unit.change(insert, {
        message_id: messageId,
        seq,
        previous_body: previousBody,
        change,
        changed_by: changedBy,
        changed_at: changedAt,
      });
    },
    async of(messageId) {
      const rows = await unit.all(ofMessage, { messageId });
      return rows.map((row) => ({
        messageId: row.message_id,
        seq: row.seq,
        previousBody: row.previous_body,
        change: row.change,
        changedBy: row.changed_by,
        changedAt: row.changed_at,
      }));
    },
  });
}
