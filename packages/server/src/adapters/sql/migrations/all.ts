import type { Kysely } from 'kysely';
import type { Schema } from '../schema.js';
import { firstTables } from './0001-first-tables.js';
import { peopleInOrder } from './0002-people-in-order.js';
import { tenantsOfRooms } from './0003-tenants-of-rooms.js';
import { ownersOfOtherTenants } from './0004-owners-of-other-tenants.js';
import { whoServes } from './0005-who-serves.js';
import { livesOfTheDatabase } from './0006-lives-of-the-database.js';

export interface Migration {
  /** From 1 on, without holes. A number that was released never changes its meaning. */
  readonly version: number;
  readonly name: string;
  readonly up: (db: Kysely<Schema>) => Promise<void>;
}

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'first tables', up: firstTables },
  { version: 2, name: 'people in order', up: peopleInOrder },
  { version: 3, name: 'tenants of rooms', up: tenantsOfRooms },
  { version: 4, name: 'owners of other tenants', up: ownersOfOtherTenants },
  { version: 5, name: 'who serves', up: whoServes },
  { version: 6, name: 'lives of the database', up: livesOfTheDatabase },
];
