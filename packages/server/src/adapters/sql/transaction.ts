import type { Kysely } from 'kysely';
import type { Transaction } from '../../ports/store.js';
import type { Schema } from './schema.js';
import { prepareLog } from './tables/log.js';
import { prepareMembers } from './tables/members.js';
import { prepareMessages } from './tables/messages.js';
import { prepareNetworks } from './tables/networks.js';
import { prepareOperations } from './tables/operations.js';
import { prepareRefreshTokens } from './tables/refresh-tokens.js';
import { prepareUsers } from './tables/users.js';
import type { UnitOfWork } from './unit-of-work.js';

/** Compiles every query of the store; what it returns opens the tables for one unit of work, each when first used. */
export function prepareTransaction(db: Kysely<Schema>, shared: boolean): (unit: UnitOfWork) => Transaction {
  const prepared = {
    users: prepareUsers(db),
    networks: prepareNetworks(db),
    members: prepareMembers(db, shared),
    messages: prepareMessages(db),
    log: prepareLog(db, shared),
    operations: prepareOperations(db),
    refreshTokens: prepareRefreshTokens(db),
  };
  return (unit) => {
    const opened: { -readonly [K in keyof Transaction]?: Transaction[K] } = {};
    return {
      get users() {
        opened.users ??= prepared.users(unit);
        return opened.users;
      },
      get networks() {
        opened.networks ??= prepared.networks(unit);
        return opened.networks;
      },
      get members() {
        opened.members ??= prepared.members(unit);
        return opened.members;
      },
      get messages() {
        opened.messages ??= prepared.messages(unit);
        return opened.messages;
      },
      get log() {
        opened.log ??= prepared.log(unit);
        return opened.log;
      },
      get operations() {
        opened.operations ??= prepared.operations(unit);
        return opened.operations;
      },
      get refreshTokens() {
        opened.refreshTokens ??= prepared.refreshTokens(unit);
        return opened.refreshTokens;
      },
    };
  };
}
