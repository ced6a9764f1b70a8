import { z } from 'zod';
import type { PeoplePage } from '../../operations/operations.js';
import type { Gateway } from '../../ports/gateway.js';
import {
  banJson,
  joinRequestJson,
  memberJson,
  membershipJson,
  pendingRequestJson,
  personJson,
  toTime,
} from '../representations.js';
import { bearerRoute, type Route } from '../route.js';
import { person } from '../schemas/accounts.js';
import { id, networkId } from '../schemas/fields.js';
import {
  ban,
  invite,
  joining,
  joinRequest,
  member,
  membership,
  newInvite,
  newRole,
  outcome,
  pendingRequest,
  peopleList,
  removal,
  subject,
} from '../schemas/members.js';

const params = z.object({ id: networkId });

/** Who is in a network, who wants in, who has to go. */
export function memberRoutes(presence: Gateway['presence']): readonly Route[] {
  return [...comingAndGoing, ...decisions, ...standing, ...lists(presence)];
}

const comingAndGoing: readonly Route[] = [
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/join',
    name: 'joinNetwork',
    summary: 'Become a member, or ask to (202); a member already: no event.',
    params,
    body: joining,
    replies: { 200: membership, 202: joinRequest },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => {
      const result = await operations.networks.join(identity, params.id, body.invite_token);
      return result.kind === 'member'
        ? { status: 200, data: membershipJson(result.membership) }
        : { status: 202, data: joinRequestJson(result.request) };
    },
  }),
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/leave',
    name: 'leaveNetwork',
    summary: 'Leave a network; the owner cannot.',
    params,
    replies: { 200: outcome('left') },
    repeat: 'remembered',
    handle: async ({ params }, { operations, identity }) => {
      await operations.networks.leave(identity, params.id);
      return { status: 200, data: { status: 'left' } };
    },
  }),
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/invites',
    name: 'createInvite',
    summary: 'Make an invite (owner, admin).',
    params,
    body: newInvite,
    replies: { 201: invite },
    repeat: 'remembered',
    handle: async ({ params, body: { expires_in: expiresInSeconds, uses } }, { operations, identity }) => {
      const options = {
        ...(expiresInSeconds !== undefined && { expiresInSeconds }),
        ...(uses !== undefined && { uses }),
      };
      const made = await operations.networks.invite(identity, params.id, options);
      return {
        status: 201,
        data: { token: made.token, expires_at: toTime(made.expiresAt), uses_left: made.usesLeft },
      };
    },
  }),
];

const decisions: readonly Route[] = [
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/approve',
    name: 'approveJoinRequest',
    summary: 'Let somebody in who asked (owner, admin).',
    params,
    body: subject,
    replies: { 200: membership },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => ({
      status: 200,
      data: membershipJson(await operations.networks.approve(identity, params.id, body.user_id)),
    }),
  }),
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/deny',
    name: 'denyJoinRequest',
    summary: 'Turn somebody away who asked (owner, admin).',
    params,
    body: subject,
    replies: { 200: outcome('denied') },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => {
      await operations.networks.deny(identity, params.id, body.user_id);
      return { status: 200, data: { status: 'denied' } };
    },
  }),
];

const standing: readonly Route[] = [
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/kick',
    name: 'kickMember',
    summary: 'Remove a member (moderator and up).',
    params,
    body: removal,
    replies: { 200: outcome('kicked') },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => {
      await operations.networks.kick(identity, params.id, body.user_id, body.reason);
      return { status: 200, data: { status: 'kicked' } };
    },
  }),
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/ban',
    name: 'banMember',
    summary: 'Remove somebody for good (owner, admin).',
    params,
    body: removal,
    replies: { 200: outcome('banned') },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => {
      await operations.networks.ban(identity, params.id, body.user_id, body.reason);
      return { status: 200, data: { status: 'banned' } };
    },
  }),
  bearerRoute({
    method: 'post',
    path: '/v1/networks/:id/unban',
    name: 'unbanMember',
    summary: 'Let somebody ask to join again (owner, admin).',
    params,
    body: removal,
    replies: { 200: outcome('unbanned') },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => {
      await operations.networks.unban(identity, params.id, body.user_id);
      return { status: 200, data: { status: 'unbanned' } };
    },
  }),
  bearerRoute({
    method: 'put',
    path: '/v1/networks/:id/members/:user_id/role',
    name: 'setRole',
    summary: "Change a member's role (owner; admin below admin).",
    params: z.object({ id: networkId, user_id: id }),
    body: newRole,
    replies: { 200: membership },
    repeat: 'remembered',
    handle: async ({ params, body }, { operations, identity }) => ({
      status: 200,
      data: membershipJson(await operations.networks.setRole(identity, params.id, params.user_id, body.role)),
    }),
  }),
];

function pageOf({ limit, cursor }: z.output<typeof peopleList>): PeoplePage {
  return { ...(limit !== undefined && { limit }), ...(cursor !== undefined && { cursor }) };
}

function lists(presence: Gateway['presence']): readonly Route[] {
  return [
    bearerRoute({
      method: 'get',
      path: '/v1/networks/:id/members',
      name: 'listMembers',
      summary: 'Members with their presence, whoever joined first before the others.',
      params,
      query: peopleList,
      replies: { 200: member },
      list: true,
      handle: async ({ params, query }, { operations, identity }) => {
        const { members, nextCursor } = await operations.networks.members(identity, params.id, pageOf(query));
        const userIds = members.map((one) => one.userId);
        const here = new Map(presence(identity.tenantId, userIds).map((one) => [one.userId, one]));
        return {
          status: 200,
          data: members.map((one) => memberJson(one, here.get(one.userId))),
          nextCursor,
        };
      },
    }),
    bearerRoute({
      method: 'get',
      path: '/v1/networks/:id/requests',
      name: 'listJoinRequests',
      summary: 'Who asked to join, whoever asked first before the others (owner, admin).',
      params,
      query: peopleList,
      replies: { 200: pendingRequest },
      list: true,
      handle: async ({ params, query }, { operations, identity }) => {
        const { requests, nextCursor } = await operations.networks.requests(
          identity,
          params.id,
          pageOf(query),
        );
        return { status: 200, data: requests.map(pendingRequestJson), nextCursor };
      },
    }),
    bearerRoute({
      method: 'get',
      path: '/v1/networks/:id/bans',
      name: 'listBans',
      summary: 'Who may not come back, newest first (owner, admin).',
      params,
      replies: { 200: ban },
      list: true,
      handle: async ({ params }, { operations, identity }) => {
        const bans = await operations.networks.bans(identity, params.id);
        return { status: 200, data: bans.map(banJson), nextCursor: null };
      },
    }),
    bearerRoute({
      method: 'get',
      path: '/v1/users/:user_id',
      name: 'getPerson',
      summary: 'The name of somebody of the same tenant.',
      params: z.object({ user_id: id }),
      replies: { 200: person },
      handle: async ({ params }, { operations, identity }) => ({
        status: 200,
        data: personJson(await operations.people.get(identity, params.user_id)),
      }),
    }),
  ];
}
