import type { EventData, EventType, Meta } from '@goconnect/protocol/validators';

/** Roles of a network, weakest first (A3.7). */
export const ROLES = ['member', 'moderator', 'admin', 'owner'] as const;
export type Role = (typeof ROLES)[number];

/** A user of the fake server. */
export interface FakeUser {
  readonly id: string;
  /** Default: `demo`. */
  readonly tenantId?: string;
  readonly isAdmin?: boolean;
  readonly isModerator?: boolean;
}

/** A network of the fake server, and who is in it. */
export interface FakeNetworkInfo {
  readonly id: string;
  /** Default: `demo`. */
  readonly tenantId?: string;
  /** Default: `public`. */
  readonly visibility?: 'public' | 'private';
  /** User -> role. */
  readonly members?: Readonly<Record<string, Role>>;
}

export interface StoredUser {
  readonly id: string;
  readonly tenantId: string;
  readonly isAdmin: boolean;
  readonly isModerator: boolean;
}

export interface StoredNetwork {
  readonly id: string;
  readonly tenantId: string;
  readonly visibility: 'public' | 'private';
  readonly members: Map<string, Role>;
  readonly banned: Set<string>;
}

export interface StoredMessage {
  readonly id: string;
  readonly scope: string;
  readonly tenantId: string;
  readonly userId: string;
  readonly createdAt: number;
  readonly seq: number;
  body: string;
  attachments: readonly string[];
  redacted: boolean;
  deletedAt: number | null;
  editedAt: number | null;
}

/** What an event says, without its place. */
export type EventBody = { [K in EventType]: { readonly type: K; readonly data: EventData<K> } }[EventType];

/** An entry of a room's log (B3.1). */
export type Entry = EventBody & { readonly room: string; readonly seq: number; readonly meta?: Meta };
