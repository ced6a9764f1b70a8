import type { Kysely } from 'kysely';
import type { Invite } from '../../../domain/entities.js';
import type { MemberTable } from '../../../ports/store.js';
import type { InviteRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

export function prepareInvites(db: Kysely<Schema>): (unit: UnitOfWork) => MemberTable['invites'] {
  const insert = statement((of: InviteRow) =>
    db.insertInto('invites').values({
      token_hash: of.token_hash,
      network_id: of.network_id,
      expires_at: of.expires_at,
      uses_left: of.uses_left,
    }),
  );
  // One statement, so that two nodes cannot both take the last use.
  const use = statement((of: { tokenHash: string; networkId: string; now: number }) =>
    db
      .updateTable('invites')
      .set((row) => ({ uses_left: row('uses_left', '-', 1) }))
      .where('token_hash', '=', of.tokenHash)
      .where('network_id', '=', of.networkId)
      .where('expires_at', '>', of.now)
      .where('uses_left', '>', 0)
      .returningAll(),
  );
  const trim = statement((of: { before: number; limit: number }) =>
    db
      .deleteFrom('invites')
      .where('token_hash', 'in', (from) =>
        from
          .selectFrom('invites')
          .select('token_hash')
          .where('expires_at', '<', of.before)
          .orderBy('expires_at')
          .limit(of.limit),
      ),
  );

  return (unit) => ({
    async insert({ tokenHash, networkId, expiresAt, usesLeft }) {
      await unit.change(insert, {
        token_hash: tokenHash,
        network_id: networkId,
        expires_at: expiresAt,
        uses_left: usesLeft,
      });
    },
    async use(tokenHash, networkId, now) {
      const [row] = await unit.changed(use, { tokenHash, networkId, now });
      return row && toInvite(row);
    },
    trim: (before, limit) => unit.change(trim, { before, limit }),
  });
}

function toInvite(row: InviteRow): Invite {
  return {
    tokenHash: row.token_hash,
    networkId: row.network_id,
    expiresAt: row.expires_at,
    usesLeft: row.uses_left,
  };
}
