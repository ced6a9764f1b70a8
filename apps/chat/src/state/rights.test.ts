import { describe, expect, it } from 'vitest';
import type { Message } from './message.js';
import {
  EDIT_WINDOW_MS,
  memberRights,
  messageRights,
  networkRights,
  ROLES,
  type Role,
  type Viewer,
} from './rights.js';

const viewer = (role: Role | undefined, over: Partial<Viewer> = {}): Viewer => ({
  userId: 'me',
  role,
  isAdmin: false,
  isModerator: false,
  ...over,
});
const NOW = Date.UTC(2026, 0, 1);
const written = (by: string, over: Partial<Message> = {}): Message => ({
  id: 'm',
  scope: 'network:n',
  user_id: by,
  body: 'x',
  redacted: false,
  deleted_at: null,
  attachments: [],
  created_at: new Date(NOW - 1000).toISOString(),
  ...over,
});
const allowed = (who: Viewer, message: Message, author?: Role) =>
  Object.entries(messageRights(who, message, author, NOW))
    .filter(([, may]) => may)
    .map(([right]) => right);

describe('rights on a message (A3.6, A3.7)', () => {
  it('authors edit and delete their own, and edit only within the window', () => {
    expect(allowed(viewer('member'), written('me'), 'member')).toEqual(['edit', 'delete']);
    const old = written('me', { created_at: new Date(NOW - EDIT_WINDOW_MS).toISOString() });
    expect(allowed(viewer('member'), old, 'member')).toEqual(['delete']);
  });

  it('members do nothing to what others wrote', () => {
    expect(allowed(viewer('member'), written('other'), 'member')).toEqual([]);
  });

  it('moderators delete and redact what members wrote; admins edit it too', () => {
    expect(allowed(viewer('moderator'), written('other'), 'member')).toEqual(['delete', 'redact']);
    expect(allowed(viewer('admin'), written('other'), 'member')).toEqual(['edit', 'delete', 'redact']);
  });

  it('nobody acts on a peer or a superior', () => {
    const pairs = ROLES.flatMap((mine, rank) => ROLES.slice(rank).map((theirs) => [mine, theirs] as const));
    for (const [mine, theirs] of pairs)
      expect(allowed(viewer(mine), written('other'), theirs), `${mine} on ${theirs}`).toEqual([]);
  });

  it('what was deleted is left alone, and what was redacted is not edited', () => {
    expect(allowed(viewer('owner'), written('me', { deleted_at: 'x' }), 'owner')).toEqual([]);
    expect(allowed(viewer('owner'), written('me', { redacted: true }), 'owner')).toEqual(['delete']);
  });

  it('deployment-wide rights count where there are no roles', () => {
    expect(allowed(viewer(undefined), written('other'))).toEqual([]);
    expect(allowed(viewer(undefined, { isModerator: true }), written('other'))).toEqual(['delete', 'redact']);
    expect(allowed(viewer(undefined, { isAdmin: true }), written('other'))).toEqual([
      'edit',
      'delete',
      'redact',
    ]);
  });
});

describe('rights on people', () => {
  it('moderators remove members, admins ban too, and nobody oneself', () => {
    const member = { userId: 'other', role: 'member' } as const;
    expect(memberRights(viewer('moderator'), member)).toEqual({ kick: true, ban: false, roles: [] });
    expect(memberRights(viewer('admin'), member)).toEqual({
      kick: true,
      ban: true,
      roles: ['member', 'moderator'],
    });
    expect(memberRights(viewer('owner'), member).roles).toEqual(['member', 'moderator', 'admin']);
    expect(memberRights(viewer(undefined, { isAdmin: true }), { userId: 'other', role: 'owner' })).toEqual({
      kick: false,
      ban: false,
      roles: [],
    });
    expect(memberRights(viewer('owner'), { userId: 'me', role: 'member' })).toEqual({
      kick: false,
      ban: false,
      roles: [],
    });
    expect(memberRights(viewer('moderator'), { userId: 'other', role: 'admin' })).toEqual({
      kick: false,
      ban: false,
      roles: [],
    });
  });

  it('owner and admins manage a network, the owner deletes it, and everyone but the owner may leave', () => {
    const who = (right: 'manage' | 'delete' | 'leave') =>
      ROLES.filter((role) => networkRights(viewer(role))[right]);
    expect(who('manage')).toEqual(['admin', 'owner']);
    expect(who('delete')).toEqual(['owner']);
    expect(who('leave')).toEqual(['member', 'moderator', 'admin']);
    expect(networkRights(viewer(undefined, { isAdmin: true }))).toEqual({
      manage: true,
      delete: true,
      leave: false,
    });
  });
});
