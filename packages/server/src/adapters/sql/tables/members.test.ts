import { CompiledQuery } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { MemberTable } from '../../../ports/store.js';
import type { Connection } from '../connection.js';
import { migrate } from '../migrate.js';
import type { SqlDatabase } from '../sql-database.js';
import { openSqliteMemory } from '../sqlite/open-sqlite.js';
import { clock, silent } from '../testing/store-contract.js';
import { UnitOfWork } from '../unit-of-work.js';
import { prepareMembers } from './members.js';

let database: SqlDatabase;
let plan: string[];
let members: MemberTable;

beforeEach(async () => {
  database = await openSqliteMemory();
  await migrate(database, { clock, logger: silent });
  plan = [];
  const explaining = {
    async execute({ sql, parameters }: CompiledQuery) {
      const explained = CompiledQuery.raw(`EXPLAIN QUERY PLAN ${sql}`, [...parameters]);
      const { rows } = await database.kysely.executeQuery<{ detail: string }>(explained);
      plan = rows.map(({ detail }) => detail);
      return { rows: [] };
    },
  } as unknown as Connection;
  members = prepareMembers(database.kysely, false)(new UnitOfWork(explaining, 'read'));
});
afterEach(() => database.close());

it.each(['ofUser', 'countOfUser'] as const)(
  '%s starts at the user, however many networks the tenant has',
  async (list) => {
    await members[list]('u', 't');
    expect(plan[0]).toBe('SEARCH members USING INDEX members_by_user_id (user_id=?)');
    expect(plan.join()).not.toContain('networks_by_tenant');
  },
);
