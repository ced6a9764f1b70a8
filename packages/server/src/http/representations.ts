import type { z } from 'zod';
import type { JoinRequest, Membership, Message, MessageEdit, Network, User } from '../domain/entities.js';
import type { TokenPair } from '../operations/operations.js';
import type { UserPresence } from '../ports/gateway.js';
import type { NamedBan } from '../ports/store.js';
import type * as accounts from './schemas/accounts.js';
import type * as chat from './schemas/chat.js';
import type * as members from './schemas/members.js';
import type * as networks from './schemas/networks.js';

// Domain -> JSON. Each function's result is the type of the schema that the OpenAPI document shows.

export function toTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

export function userJson(user: User): z.output<typeof accounts.user> {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    email: user.email,
    name: user.name,
    is_admin: user.isAdmin,
    is_moderator: user.isModerator,
    created_at: toTime(user.createdAt),
  };
}

export function personJson({ id, name }: User): z.output<typeof accounts.person> {
  return { id, name };
}

export function tokenPairJson(pair: TokenPair): z.output<typeof accounts.tokenPair> {
  return {
    access_token: pair.accessToken,
    refresh_token: pair.refreshToken,
    expires_in: pair.expiresIn,
    token_type: 'Bearer',
  };
}

export function networkJson(network: Network): z.output<typeof networks.network> {
  return {
    id: network.id,
    tenant_id: network.tenantId,
    name: network.name,
    visibility: network.visibility,
    join_policy: network.joinPolicy,
    created_by: network.createdBy,
    created_at: toTime(network.createdAt),
    updated_at: toTime(network.updatedAt),
  };
}

export function membershipJson(membership: Membership): z.output<typeof members.membership> {
  return {
    network_id: membership.networkId,
    user_id: membership.userId,
    role: membership.role,
    status: 'approved',
    joined_at: toTime(membership.joinedAt),
  };
}

export function memberJson(
  member: Membership & { readonly name: string },
  presence: UserPresence | undefined,
): z.output<typeof members.member> {
  const { status, since } = presence ?? { status: 'offline' as const, since: member.joinedAt };
  return { ...membershipJson(member), name: member.name, presence: { status, since: toTime(since) } };
}

export function joinRequestJson(request: JoinRequest): z.output<typeof members.joinRequest> {
  return {
    id: request.id,
    network_id: request.networkId,
    user_id: request.userId,
    status: 'pending',
    created_at: toTime(request.createdAt),
  };
}

export function pendingRequestJson(
  request: JoinRequest & { readonly name: string },
): z.output<typeof members.pendingRequest> {
  return { ...joinRequestJson(request), name: request.name };
}

export function banJson(ban: NamedBan): z.output<typeof members.ban> {
  return {
    network_id: ban.networkId,
    user_id: ban.userId,
    name: ban.name,
    reason: ban.reason,
    status: 'banned',
    banned_at: toTime(ban.bannedAt),
  };
}

export function messageJson(message: Message): z.output<typeof chat.message> {
  return {
    id: message.id,
    scope: message.scope,
    user_id: message.userId,
    body: message.body,
    redacted: message.redacted,
    deleted_at: message.deletedAt === null ? null : toTime(message.deletedAt),
    edited_at: message.editedAt === null ? null : toTime(message.editedAt),
    attachments: [...message.attachments],
    created_at: toTime(message.createdAt),
  };
}

export function messageEditJson(edit: MessageEdit): z.output<typeof chat.messageEdit> {
  return {
    message_id: edit.messageId,
    previous_body: edit.previousBody,
    change: edit.change,
    changed_by: edit.changedBy,
    changed_at: toTime(edit.changedAt),
  };
}
