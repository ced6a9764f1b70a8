import type { JoinPolicy, MessageEdit, Role, Visibility } from '../../domain/entities.js';

// Both databases keep times as milliseconds (bigint), booleans as 0 or 1, structures as JSON text.

export type Flag = 0 | 1;

export interface UserRow {
  id: string;
  tenant_id: string;
  email: string;
  /** The e-mail as it is compared: lower case. */
  email_key: string;
  name: string;
  password_hash: string;
  is_admin: Flag;
  is_moderator: Flag;
  created_at: number;
}

export interface NetworkRow {
  id: string;
  tenant_id: string;
  name: string;
  visibility: Visibility;
  join_policy: JoinPolicy;
  created_by: string;
  created_at: number;
  updated_at: number;
}

export interface MemberRow {
  network_id: string;
  user_id: string;
  role: Role;
  joined_at: number;
}

export interface JoinRequestRow {
  id: string;
  network_id: string;
  user_id: string;
  created_at: number;
}

export interface BanRow {
  network_id: string;
  user_id: string;
  banned_by: string;
  reason: string | null;
  banned_at: number;
}

export interface InviteRow {
  token_hash: string;
  network_id: string;
  expires_at: number;
  uses_left: number;
}

export interface MessageRow {
  id: string;
  scope: string;
  seq: number;
  tenant_id: string;
  user_id: string;
  body: string;
  attachments: string;
  redacted: Flag;
  deleted_at: number | null;
  edited_at: number | null;
  created_at: number;
}

export interface MessageEditRow {
  message_id: string;
  seq: number;
  previous_body: string;
  change: MessageEdit['change'];
  changed_by: string;
  changed_at: number;
}

/** Where a removed message stood. */
export interface TombstoneRow {
  id: string;
  scope: string;
  seq: number;
}

export interface RoomRow {
  room: string;
  epoch: string;
  seq: number;
  /** Of a network's room. */
  tenant_id: string | null;
}

export interface RoomEventRow {
  room: string;
  seq: number;
  type: string;
  data: string;
  meta: string | null;
  at: number;
}

export interface OperationRow {
  owner: string;
  op_id: string;
  fingerprint: string;
  reply: string;
  at: number;
}

export interface RefreshTokenRow {
  token_hash: string;
  family_id: string;
  user_id: string;
  expires_at: number;
  spent_at: number | null;
  spent_by: string | null;
  sealed_successor: string | null;
}

export interface MigrationRow {
  version: number;
  name: string;
  applied_at: number;
}

export interface FenceRow {
  id: number;
  /** What the server that has the database calls itself, or the fleet of those that share it, and no other does. */
  server: string;
  /** Those that had it before, the last one first. */
  before: string;
  /** What tells the database that it had from one made from it; null: not asked yet. */
  origin: string | null;
  /** The life of PostgreSQL, from its start on, in which they looked at it last … */
  life: string | null;
  /** … and the one in which every room began a new epoch last. */
  renewed: string | null;
}

export interface Schema {
  users: UserRow;
  networks: NetworkRow;
  members: MemberRow;
  join_requests: JoinRequestRow;
  bans: BanRow;
  invites: InviteRow;
  messages: MessageRow;
  message_edits: MessageEditRow;
  message_tombstones: TombstoneRow;
  rooms: RoomRow;
  room_events: RoomEventRow;
  operations: OperationRow;
  refresh_tokens: RefreshTokenRow;
  migrations: MigrationRow;
  fence: FenceRow;
}
