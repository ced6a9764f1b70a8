import type { Kysely } from 'kysely';
import type { Message } from '../../../domain/entities.js';
import type { HistoryQuery, MessageTable } from '../../../ports/store.js';
import type { MessageRow, Schema, TombstoneRow } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { prepareMessageEdits } from './message-edits.js';

export function prepareMessages(db: Kysely<Schema>): (unit: UnitOfWork) => MessageTable {
  const byId = statement((of: { id: string }) =>
    db.selectFrom('messages').selectAll().where('id', '=', of.id),
  );
  const { insert, update, remove, bury } = prepareChanges(db);
  const placeOf = statement((of: { id: string }) =>
    db
      .selectFrom('messages')
      .select(['scope', 'seq'])
      .where('id', '=', of.id)
      .unionAll(db.selectFrom('message_tombstones').select(['scope', 'seq']).where('id', '=', of.id)),
  );
  const { newestFirst, oldestFirst } = preparePages(db);
  const edits = prepareMessageEdits(db);

  return (unit) => ({
    async get(id) {
      const row = await unit.first(byId, { id });
      return row && toMessage(row);
    },
    insert: async (message) => void (await unit.change(insert, toRow(message))),
    update: async (message) => void (await unit.change(update, toRow(message))),
    async delete(id) {
      const [place] = await unit.changed(remove, { id });
      if (place !== undefined) await unit.change(bury, { id, scope: place.scope, seq: place.seq });
    },
    placeOf: (id) => unit.first(placeOf, { id }),
    async page({ scope, limit, beforeSeq, afterSeq }: HistoryQuery) {
      const bounds = { scope, limit, before: beforeSeq ?? Number.MAX_SAFE_INTEGER, after: afterSeq ?? -1 };
      const forward = afterSeq !== undefined && beforeSeq === undefined;
      return (await unit.all(forward ? oldestFirst : newestFirst, bounds)).map(toMessage);
    },
    edits: edits(unit),
  });
}

function prepareChanges(db: Kysely<Schema>) {
  return {
    insert: statement((of: MessageRow) =>
      db.insertInto('messages').values({
        id: of.id,
        scope: of.scope,
        seq: of.seq,
        tenant_id: of.tenant_id,
        user_id: of.user_id,
        body: of.body,
        attachments: of.attachments,
        redacted: of.redacted,
        deleted_at: of.deleted_at,
        edited_at: of.edited_at,
        created_at: of.created_at,
      }),
    ),
    update: statement((of: MessageRow) =>
      db
        .updateTable('messages')
        .set({
          body: of.body,
          attachments: of.attachments,
          redacted: of.redacted,
          deleted_at: of.deleted_at,
          edited_at: of.edited_at,
        })
        .where('id', '=', of.id),
    ),
    remove: statement((of: { id: string }) =>
      db.deleteFrom('messages').where('id', '=', of.id).returning(['scope', 'seq']),
    ),
    bury: statement((of: TombstoneRow) =>
      db.insertInto('message_tombstones').values({ id: of.id, scope: of.scope, seq: of.seq }),
    ),
  };
}

function preparePages(db: Kysely<Schema>) {
  const between = (of: { scope: string; before: number; after: number; limit: number }) =>
    db
      .selectFrom('messages')
      .selectAll()
      .where('scope', '=', of.scope)
      .where('seq', '<', of.before)
      .where('seq', '>', of.after)
      .limit(of.limit);
  return {
    newestFirst: statement((of: Parameters<typeof between>[0]) => between(of).orderBy('seq', 'desc')),
    oldestFirst: statement((of: Parameters<typeof between>[0]) => between(of).orderBy('seq', 'asc')),
  };
}

function toMessage(row: MessageRow): Message {
  return {
    id: row.id,
    scope: row.scope,
    seq: row.seq,
    tenantId: row.tenant_id,
    userId: row.user_id,
    body: row.body,
    attachments: JSON.parse(row.attachments) as string[],
    redacted: row.redacted === 1,
    deletedAt: row.deleted_at,
    editedAt: row.edited_at,
    createdAt: row.created_at,
  };
}

function toRow(message: Message): MessageRow {
  return {
    id: message.id,
    scope: message.scope,
    seq: message.seq,
    tenant_id: message.tenantId,
    user_id: message.userId,
    body: message.body,
    attachments: JSON.stringify(message.attachments),
    redacted: message.redacted ? 1 : 0,
    deleted_at: message.deletedAt,
    edited_at: message.editedAt,
    created_at: message.createdAt,
  };
}
