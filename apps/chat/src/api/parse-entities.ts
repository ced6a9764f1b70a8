import type { Draft } from '../state/draft.js';
import type { Ban, JoinRequest, Member, Network, User } from '../state/entities.js';
import type { Message } from '../state/message.js';
import { ROLES } from '../state/rights.js';
import { type Fields, fields, list, number, text, textOr, wordOr } from './parse.js';

export interface TokenPair {
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds, from receipt. */
  readonly expiresIn: number;
}

export function parseUser(value: unknown): User {
  const of = fields(value, 'user');
  const email = text(of, 'email');
  return {
    id: text(of, 'id'),
    email,
    name: textOr(of, 'name', '') || email,
    isAdmin: of.is_admin === true,
    isModerator: of.is_moderator === true,
  };
}

export function parseTokens(value: unknown): TokenPair {
  const of = fields(value, 'tokens');
  return {
    accessToken: text(of, 'access_token'),
    refreshToken: text(of, 'refresh_token'),
    expiresIn: number(of, 'expires_in'),
  };
}

export function parseNetwork(value: unknown): Network {
  const of = fields(value, 'network');
  return {
    id: text(of, 'id'),
    name: text(of, 'name'),
    visibility: wordOr(of, 'visibility', ['public', 'private'], 'private'),
    joinPolicy: wordOr(of, 'join_policy', ['open', 'approval', 'invite'], 'invite'),
  };
}

/** What `net.updated` says; words of a newer server are left out. */
export function parseNetworkChanges(of: Fields): Partial<Omit<Network, 'id'>> {
  const visibility = wordOr(of, 'visibility', ['public', 'private'] as const, undefined);
  const joinPolicy = wordOr(of, 'join_policy', ['open', 'approval', 'invite'] as const, undefined);
  return {
    ...(typeof of.name === 'string' && { name: of.name }),
    ...(visibility && { visibility }),
    ...(joinPolicy && { joinPolicy }),
  };
}

export function parseMember(value: unknown): Member {
  const of = fields(value, 'member');
  const userId = text(of, 'user_id');
  return {
    userId,
    name: nameIn(of) || userId,
    role: wordOr(of, 'role', ROLES, 'member'),
    presence: presenceIn(of),
  };
}

export function parseJoinRequest(value: unknown): JoinRequest {
  const of = fields(value, 'request');
  return { id: text(of, 'id'), userId: text(of, 'user_id'), name: nameIn(of) };
}

export function parseBan(value: unknown): Ban {
  const of = fields(value, 'ban');
  return { userId: text(of, 'user_id'), name: nameIn(of), reason: textOr(of, 'reason', '') };
}

export function parseMessage(value: unknown): Message {
  const of = fields(value, 'message');
  return {
    id: text(of, 'id'),
    scope: text(of, 'scope'),
    user_id: text(of, 'user_id'),
    body: textOr(of, 'body', ''),
    redacted: of.redacted === true,
    deleted_at: textOr(of, 'deleted_at', null),
    edited_at: textOr(of, 'edited_at', null),
    attachments: attachmentsIn(of),
    created_at: text(of, 'created_at'),
  };
}

/** A send as the outbox kept it. */
export function parseSend(value: unknown): Draft & { readonly scope: string } {
  const of = fields(value, 'send');
  return { scope: text(of, 'scope'), body: text(of, 'body'), attachments: attachmentsIn(of) };
}

/** The id of the message, in the reply to a send. */
export const parseSent = (value: unknown): string => text(fields(value, 'reply'), 'message_id');

const attachmentsIn = (of: Fields): readonly string[] =>
  of.attachments === undefined
    ? []
    : list(of.attachments, 'attachments').filter((url) => typeof url === 'string');

const nameIn = (of: Fields): string => textOr(of, 'name', '');

/** A word, or an object with the word as its `status`. */
function presenceIn(of: Fields): string {
  if (typeof of.presence === 'string') return of.presence;
  return of.presence === null || typeof of.presence !== 'object'
    ? 'offline'
    : textOr(fields(of.presence), 'status', 'offline');
}
