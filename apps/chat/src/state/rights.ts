import type { Message } from './message.js';
import { createdAt } from './message.js';

/** Roles of a network, weakest first (A3.7). */
export const ROLES = ['member', 'moderator', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** Who looks at a room: a role in it (absent in `host`), and what the account may do everywhere. */
export interface Viewer {
  readonly userId: string;
  readonly role?: Role | undefined;
  readonly isAdmin: boolean;
  readonly isModerator: boolean;
}

/** The server's default edit window (A3.6). If it was set otherwise there, the server's answer tells. */
export const EDIT_WINDOW_MS = 15 * 60_000;

/** The server's ranks: an account's flags count everywhere, and a deployment's admin stands above owners. */
const DEPLOYMENT = ROLES.length;

function rank({ role, isAdmin, isModerator }: Pick<Viewer, 'role' | 'isAdmin' | 'isModerator'>): number {
  if (isAdmin) return DEPLOYMENT;
  const inRoom = rankOf(role);
  return isModerator ? Math.max(inRoom, ROLES.indexOf('moderator')) : inRoom;
}

/** A person without a role, someone who left for example, is below everyone. */
const rankOf = (role: Role | undefined) => (role === undefined ? -1 : ROLES.indexOf(role));

const atLeast = (viewer: Viewer, role: Role) => rank(viewer) >= ROLES.indexOf(role);

/** Nobody acts on a peer or a superior. */
const outranks = (viewer: Viewer, other: Role | undefined) => rank(viewer) > rankOf(other);

export interface MessageRights {
  readonly edit: boolean;
  readonly delete: boolean;
  readonly redact: boolean;
}

/** What may be offered on a message (A3.6). The server checks again; this only spares people buttons that fail. */
export function messageRights(
  viewer: Viewer,
  message: Message,
  author: Role | undefined,
  now: number,
): MessageRights {
  if (message.deleted_at !== null) return { edit: false, delete: false, redact: false };
  const own = message.user_id === viewer.userId;
  const within = now - createdAt(message) < EDIT_WINDOW_MS;
  const mayModerate = own || outranks(viewer, author);
  return {
    edit: !message.redacted && ((own && within) || (atLeast(viewer, 'admin') && mayModerate)),
    delete: own || (atLeast(viewer, 'moderator') && mayModerate),
    redact: !message.redacted && atLeast(viewer, 'moderator') && mayModerate,
  };
}

/** Roles that can be given; a network has one owner, its creator. */
export type GivenRole = Exclude<Role, 'owner'>;
const GIVEN = ['member', 'moderator', 'admin'] as const satisfies readonly GivenRole[];

export interface MemberRights {
  readonly kick: boolean;
  readonly ban: boolean;
  /** Roles that may be given to them, weakest first; none: none. */
  readonly roles: readonly GivenRole[];
}

/** What may be offered on a member of a network. */
export function memberRights(
  viewer: Viewer,
  member: { readonly userId: string; readonly role: Role },
): MemberRights {
  // A network always has its owner.
  const below = member.userId !== viewer.userId && member.role !== 'owner' && outranks(viewer, member.role);
  const admin = below && atLeast(viewer, 'admin');
  return {
    kick: below && atLeast(viewer, 'moderator'),
    ban: admin,
    roles: admin ? GIVEN.filter((role) => outranks(viewer, role)) : [],
  };
}

export interface NetworkRights {
  /** Settings, invitations, join requests and bans. */
  readonly manage: boolean;
  readonly delete: boolean;
  readonly leave: boolean;
}

/** What may be offered on a network as such. */
export function networkRights(viewer: Viewer): NetworkRights {
  return {
    manage: atLeast(viewer, 'admin'),
    delete: atLeast(viewer, 'owner'),
    leave: viewer.role !== undefined && viewer.role !== 'owner',
  };
}
