import type { DeploymentFlags, Message, Network, Role } from './entities.js';

/** Someone, as a place sees them. A place is a network, or `host`, where nobody has a role. */
export interface Person extends DeploymentFlags {
  readonly userId: string;
  /** Where people of several tenants meet: in `host`. */
  readonly tenantId?: string;
  /** Role in the network; undefined for someone who is no approved member, and everywhere in `host`. */
  readonly role: Role | undefined;
}

/** How high someone stands; the higher one may act on the lower one, never on a peer (A3.7). */
export const RANK = { none: 0, member: 1, moderator: 2, admin: 3, owner: 4, deployment: 5 } as const;
export type Rank = (typeof RANK)[keyof typeof RANK];

/** What one does to a network as such, or to what belongs to nobody in particular. */
export const NETWORK_OPERATIONS = {
  read: RANK.member,
  send: RANK.member,
  readEdits: RANK.moderator,
  patch: RANK.admin,
  invite: RANK.admin,
  readRequests: RANK.admin,
  approve: RANK.admin,
  deny: RANK.admin,
  unban: RANK.admin,
  delete: RANK.owner,
} as const satisfies Record<string, Rank>;
export type NetworkOperation = keyof typeof NETWORK_OPERATIONS;

/** What one does to someone else; one must stand above them as well. */
export const PERSONAL_OPERATIONS = {
  kick: RANK.moderator,
  ban: RANK.admin,
  setRole: RANK.admin,
  editMessage: RANK.admin,
  deleteMessage: RANK.moderator,
  redactMessage: RANK.moderator,
} as const satisfies Record<string, Rank>;
export type PersonalOperation = keyof typeof PERSONAL_OPERATIONS;

/** A deployment moderator is a moderator of every network; a deployment admin stands above its owner. */
export function rankOf(person: Person): Rank {
  if (person.isAdmin) return RANK.deployment;
  const inNetwork = RANK[person.role ?? 'none'];
  return person.isModerator && inNetwork < RANK.moderator ? RANK.moderator : inNetwork;
}

/**
 * May this person do that to the network or in it? Sending is for members alone, whatever their flags:
 * who is not in the room would not hear the answer (A3.5).
 */
export function mayInNetwork(person: Person, operation: NetworkOperation): boolean {
  if (operation === 'send') return person.role !== undefined;
  return rankOf(person) >= NETWORK_OPERATIONS[operation];
}

/** May `actor` do that to `target`? Nobody acts on a peer or a superior (A3.7), so nobody acts on themselves either. */
export function mayActOn(actor: Person, operation: PersonalOperation, target: Person): boolean {
  const rank = rankOf(actor);
  return rank >= PERSONAL_OPERATIONS[operation] && rank > rankOf(target) && !isKept(operation, target);
}

/** A network always has its owner: nobody removes or demotes them. */
function isKept(operation: PersonalOperation, target: Person): boolean {
  return target.role === 'owner' && (operation === 'kick' || operation === 'ban' || operation === 'setRole');
}

/** May `actor` give `target` this role? Only one below their own. */
export function mayGiveRole(actor: Person, target: Person, role: Exclude<Role, 'owner'>): boolean {
  return mayActOn(actor, 'setRole', target) && rankOf(actor) > RANK[role];
}

/** True when the network exists for this person: a private one does so for its members and those who watch over all. */
export function isVisible(network: Pick<Network, 'visibility'>, person: Person): boolean {
  return network.visibility === 'public' || rankOf(person) > RANK.none;
}

function isSame(one: Person, other: Person): boolean {
  return one.userId === other.userId && one.tenantId === other.tenantId;
}

export type MessageVerdict = 'allowed' | 'rank' | 'edit_window' | 'deleted' | 'redacted';

export interface MessageAct {
  readonly actor: Person;
  readonly author: Person;
  readonly message: Pick<Message, 'createdAt' | 'deletedAt' | 'redacted'>;
}

/**
 * `chat.edit` (A3.6): the author within the window, an admin always; never a deleted or redacted message.
 * `now` and `windowMs` in milliseconds.
 */
export function judgeEdit(
  { actor, author, message }: MessageAct,
  now: number,
  windowMs: number,
): MessageVerdict {
  if (message.deletedAt !== null) return 'deleted';
  if (message.redacted) return 'redacted';
  const own = isSame(actor, author);
  if (!own) return mayActOn(actor, 'editMessage', author) ? 'allowed' : 'rank';
  const inTime = now - message.createdAt <= windowMs;
  return inTime || rankOf(actor) >= RANK.admin ? 'allowed' : 'edit_window';
}

/** `chat.delete` (A3.6): the author, or a moderator and up over those below them. */
export function judgeDelete({ actor, author }: Pick<MessageAct, 'actor' | 'author'>): MessageVerdict {
  const own = isSame(actor, author);
  return own || mayActOn(actor, 'deleteMessage', author) ? 'allowed' : 'rank';
}

/** `chat.redact` (A3.6): moderators and up, their own messages included; of a deleted message nothing is left to mask. */
export function judgeRedact({ actor, author, message }: MessageAct): MessageVerdict {
  const own = isSame(actor, author) && rankOf(actor) >= RANK.moderator;
  if (!own && !mayActOn(actor, 'redactMessage', author)) return 'rank';
  return message.deletedAt === null ? 'allowed' : 'deleted';
}
