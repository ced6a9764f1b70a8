import type { Kysely } from 'kysely';
import type { RefreshToken } from '../../../domain/entities.js';
import type { RefreshTokenTable } from '../../../ports/store.js';
import type { RefreshTokenRow, Schema } from '../schema.js';
import { statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';

type Spent = Pick<RefreshTokenRow, 'token_hash' | 'spent_at' | 'spent_by' | 'sealed_successor'>;

export function prepareRefreshTokens(db: Kysely<Schema>): (unit: UnitOfWork) => RefreshTokenTable {
  const byHash = statement((of: { tokenHash: string }) =>
    db.selectFrom('refresh_tokens').selectAll().where('token_hash', '=', of.tokenHash),
  );
  const insert = statement((of: RefreshTokenRow) =>
    db.insertInto('refresh_tokens').values({
      token_hash: of.token_hash,
      family_id: of.family_id,
      user_id: of.user_id,
      expires_at: of.expires_at,
      spent_at: of.spent_at,
      spent_by: of.spent_by,
      sealed_successor: of.sealed_successor,
    }),
  );
  const spend = statement((of: Spent) =>
    db
      .updateTable('refresh_tokens')
      .set({ spent_at: of.spent_at, spent_by: of.spent_by, sealed_successor: of.sealed_successor })
      .where('token_hash', '=', of.token_hash)
      .where('spent_at', 'is', null),
  );
  const anyOfFamily = statement((of: { familyId: string }) =>
    db.selectFrom('refresh_tokens').select('token_hash').where('family_id', '=', of.familyId).limit(1),
  );
  const removeFamily = statement((of: { familyId: string }) =>
    db.deleteFrom('refresh_tokens').where('family_id', '=', of.familyId),
  );
  const { forgetSuccessors, trim } = prepareCleaning(db);

  return (unit) => ({
    async get(tokenHash) {
      const row = await unit.first(byHash, { tokenHash });
      return row && toRefreshToken(row);
    },
    insert: async (token) => void (await unit.change(insert, toRow(token))),
    async spend(tokenHash, { at, opId, sealedSuccessor }) {
      const row: Spent = {
        token_hash: tokenHash,
        spent_at: at,
        spent_by: opId,
        sealed_successor: sealedSuccessor,
      };
      return (await unit.change(spend, row)) === 1;
    },
    hasFamily: async (familyId) => (await unit.first(anyOfFamily, { familyId })) !== undefined,
    async deleteFamily(familyId) {
      // Until nothing is left: for one that another node was just spending this waits, and then it has a successor.
      while ((await unit.change(removeFamily, { familyId })) > 0);
    },
    forgetSuccessors: (before, limit) => unit.change(forgetSuccessors, { before, limit }),
    trim: (before, limit) => unit.change(trim, { before, limit }),
  });
}

function prepareCleaning(db: Kysely<Schema>) {
  return {
    forgetSuccessors: statement((of: { before: number; limit: number }) =>
      db
        .updateTable('refresh_tokens')
        .set({ sealed_successor: null })
        .where('token_hash', 'in', (from) =>
          from
            .selectFrom('refresh_tokens')
            .select('token_hash')
            .where('sealed_successor', 'is not', null)
            .where('spent_at', '<', of.before)
            .limit(of.limit),
        ),
    ),
    trim: statement((of: { before: number; limit: number }) =>
      db
        .deleteFrom('refresh_tokens')
        .where('token_hash', 'in', (from) =>
          from
            .selectFrom('refresh_tokens')
            .select('token_hash')
            .where('expires_at', '<', of.before)
            .orderBy('expires_at')
            .limit(of.limit),
        ),
    ),
  };
}

function toRefreshToken(row: RefreshTokenRow): RefreshToken {
  return {
    tokenHash: row.token_hash,
    familyId: row.family_id,
    userId: row.user_id,
    expiresAt: row.expires_at,
    spentAt: row.spent_at,
    spentBy: row.spent_by,
    sealedSuccessor: row.sealed_successor,
  };
}

function toRow(token: RefreshToken): RefreshTokenRow {
  return {
    token_hash: token.tokenHash,
    family_id: token.familyId,
    user_id: token.userId,
    expires_at: token.expiresAt,
    spent_at: token.spentAt,
    spent_by: token.spentBy,
    sealed_successor: token.sealedSuccessor,
  };
}
