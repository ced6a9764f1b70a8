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

/** Rank within the room; what an account may do everywhere counts like a role of it. */
function rank(viewer: Viewer): number {
  const role = viewer.role === undefined ? -1 : ROLES.indexOf(viewer.role);
  const everywhere = viewer.isAdmin
    ? ROLES.indexOf('admin')
    : viewer.isModerator
      ? ROLES.indexOf('moderator')
      : -1;
  return Math.max(role, everywhere);
}

const atLeast = (viewer: Viewer, role: Role) => rank(viewer) >= ROLES.indexOf(role);

/** Nobody acts on a peer or a superior. A person without a role, someone who left for example, is below everyone. */
const outranks = (viewer: Viewer, other: Role | undefined) =>
  rank(viewer) > (other === undefined ? -1 : ROLES.indexOf(other));

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

export interface MemberRights {
  readonly kick: boolean;
  readonly ban: boolean;
}

/** What may be offered on a member of a network. */
export function memberRights(
  viewer: Viewer,
  member: { readonly userId: string; readonly role: Role },
): MemberRights {
  // A network always has its owner.
  const below = member.userId !== viewer.userId && member.role !== 'owner' && outranks(viewer, member.role);
  return { kick: below && atLeast(viewer, 'moderator'), ban: below && atLeast(viewer, 'admin') };
}

/** Join requests go to owner and admins. */
export const mayApprove = (viewer: Viewer) => atLeast(viewer, 'admin');
