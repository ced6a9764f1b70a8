import { isOpaqueId } from '@goconnect/protocol/validators';
import {
  checkFields,
  flag,
  oneOf,
  optional,
  type Rule,
  type Rules,
  record,
  roomId,
} from '../support/rules.js';
import { type FakeNetworkInfo, type FakeUser, ROLES, type Role } from './entities.js';

export const role: Rule<Role> = oneOf(...ROLES);

const userId: Rule<string> = (value) =>
  typeof value === 'string' && isOpaqueId(value) ? undefined : 'an id of 1-128 characters';

const USER = {
  id: userId,
  tenantId: optional(roomId),
  isAdmin: optional(flag),
  isModerator: optional(flag),
};

const NETWORK = {
  id: roomId,
  tenantId: optional(roomId),
  visibility: optional(oneOf('public', 'private')),
  members: optional(record),
};

/**
 * Checks a user before there is one: what the contract has no room for would only show when a client chokes on it.
 *
 * @throws `TestkitError` with code `bad_argument`, which names the field and says what it takes
 */
export function checkUser(value: unknown, at = 'user'): FakeUser {
  return checkFields(value, USER, at) as FakeUser;
}

/** Checks a network, but not that its members exist; as {@link checkUser}. */
export function checkNetwork(value: unknown, at = 'network'): FakeNetworkInfo {
  const { members = {} } = checkFields(value, NETWORK, at);
  const rules: Rules = Object.fromEntries(Object.keys(members).map((id) => [id, role]));
  checkFields(members, rules, `${at}.members`);
  return value as FakeNetworkInfo;
}
