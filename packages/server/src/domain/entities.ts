import type { EventData, EventType, Meta } from '@goconnect/protocol';

/** Roles of a network, weakest first (A3.7). */
export const ROLES = ['member', 'moderator', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

export interface User extends DeploymentFlags {
  readonly id: string;
  readonly tenantId: string;
  readonly email: string;
  readonly name: string;
  /** Wall clock, milliseconds; as every `…At` of this file. */
  readonly createdAt: number;
}

export type Visibility = 'public' | 'private';
export type JoinPolicy = 'open' | 'approval' | 'invite';

export interface Network {
  readonly id: string;
  readonly tenantId: string;
  readonly name: string;
  readonly visibility: Visibility;
  readonly joinPolicy: JoinPolicy;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface Membership {
  readonly networkId: string;
  readonly userId: string;
  readonly role: Role;
  readonly joinedAt: number;
}

export interface JoinRequest {
  readonly id: string;
  readonly networkId: string;
  readonly userId: string;
  readonly createdAt: number;
}

export interface Invite {
  /** SHA-256 of the token; the token itself is shown once and never stored. */
  readonly tokenHash: string;
  readonly networkId: string;
  readonly expiresAt: number;
  readonly usesLeft: number;
}

export interface Message {
  readonly id: string;
  readonly scope: string;
  /** Place of the message's `chat.message` entry in the log of its scope. */
  readonly seq: number;
  readonly tenantId: string;
  readonly userId: string;
  /** What readers see: empty once softly deleted, the mask once redacted. */
  readonly body: string;
  readonly attachments: readonly string[];
  readonly redacted: boolean;
  readonly deletedAt: number | null;
  readonly editedAt: number | null;
  readonly createdAt: number;
}

/** A body that a message once had (A3.6); only moderators read it. */
export interface MessageEdit {
  readonly messageId: string;
  /** Place, in the log of the scope, of the entry that told of the change. */
  readonly seq: number;
  readonly previousBody: string;
  readonly change: 'edit' | 'delete' | 'redact';
  readonly changedBy: string;
  readonly changedAt: number;
}

/** A refresh token: a link of the chain ("family") that one login started (A5.3). */
export interface RefreshToken {
  /** SHA-256; the token itself is never stored. */
  readonly tokenHash: string;
  readonly familyId: string;
  readonly userId: string;
  readonly expiresAt: number;
  readonly spentAt: number | null;
  /** `op_id` that spent it: the same one within 10 s gets the same successor again. */
  readonly spentBy: string | null;
  /** The pair it was exchanged for, readable only with the token itself; null once the 10 s are over. */
  readonly sealedSuccessor: string | null;
}

/** What a user's rights in a network are decided on, read in one look. The flags are those of the user's row; false without one. */
export interface Standing extends DeploymentFlags {
  readonly network: Network;
  /** Undefined for someone who is no approved member. */
  readonly role: Role | undefined;
}

/** What an event says, without its place. */
export type EventBody = { [K in EventType]: { readonly type: K; readonly data: EventData<K> } }[EventType];

/** An entry of a room's log (B3.1): durable, ordered, the same for everyone. */
export type LogEntry = EventBody & {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
  readonly at: number;
  readonly meta?: Meta;
  /** Of a network's room. Stays here: the wire does not carry it. */
  readonly tenantId?: string;
};

/** Where a room's log stands. */
export interface RoomPosition {
  readonly room: string;
  readonly epoch: string;
  readonly seq: number;
}

/** Rights in the whole deployment, within one's tenant (A3.7). */
export interface DeploymentFlags {
  readonly isAdmin: boolean;
  readonly isModerator: boolean;
}

/** Who acts, as the access token says. Rights are read from the store at each operation, not from here (A3.7). */
export interface Actor {
  readonly userId: string;
  readonly tenantId: string;
  /** By the word of another issuer, whose users may have no row here. A token that this server made has none: there the row alone counts. */
  readonly vouched?: DeploymentFlags;
}
