import type { JoinRequest, Member, Network, User } from '../state/entities.js';
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
    attachments:
      of.attachments === undefined
        ? []
        : list(of.attachments, 'attachments').filter((url) => typeof url === 'string'),
    created_at: text(of, 'created_at'),
  };
}

const nameIn = (of: Fields): string => textOr(of, 'name', '');

/** A word, or an object with the word as its `status`. */
function presenceIn(of: Fields): string {
  if (typeof of.presence === 'string') return of.presence;
  return of.presence === null || typeof of.presence !== 'object'
    ? 'offline'
    : textOr(fields(of.presence), 'status', 'offline');
}
