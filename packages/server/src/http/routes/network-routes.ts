import { z } from 'zod';
import { networkJson } from '../representations.js';
import { bearerRoute, type Route } from '../route.js';
import { networkId } from '../schemas/fields.js';
import { outcome } from '../schemas/members.js';
import { network, networkChanges, networkList, newNetwork } from '../schemas/networks.js';

/** Items of a page when the caller does not say. */
const PAGE = 50;
const params = z.object({ id: networkId });

/** Networks themselves. */
export const networkRoutes: readonly Route[] = [
  bearerRoute({
    method: 'post',
    path: '/v1/networks',
    name: 'createNetwork',
    summary: 'Make a network; the creator is its owner.',
    body: newNetwork,
    replies: { 201: network },
    repeat: 'remembered',
    handle: async ({ body }, { operations, identity }) => {
      const { name, visibility, join_policy: joinPolicy } = body;
      return {
        status: 201,
        data: networkJson(await operations.networks.create(identity, { name, visibility, joinPolicy })),
      };
    },
  }),
  bearerRoute({
    method: 'get',
    path: '/v1/networks',
    name: 'listNetworks',
    summary: 'Networks that one may see.',
    query: networkList,
    replies: { 200: network },
    list: true,
    handle: async ({ query: { visibility = 'public', limit = PAGE, cursor } }, { operations, identity }) => {
      const page = { limit, ...(cursor !== undefined && { cursor }) };
      const { networks, nextCursor } = await operations.networks.list(identity, visibility, page);
      return { status: 200, data: networks.map(networkJson), nextCursor };
    },
  }),
  bearerRoute({
    method: 'get',
    path: '/v1/networks/:id',
    name: 'getNetwork',
    summary: 'One network.',
    params,
    replies: { 200: network },
    handle: async ({ params: { id } }, { operations, identity }) => ({
      status: 200,
      data: networkJson(await operations.networks.get(identity, id)),
    }),
  }),
  bearerRoute({
    method: 'patch',
    path: '/v1/networks/:id',
    name: 'updateNetwork',
    summary: 'Change a network (owner, admin); causes net.updated.',
    params,
    body: networkChanges,
    replies: { 200: network },
    repeat: 'remembered',
    handle: async (
      { params: { id }, body: { name, visibility, join_policy: joinPolicy } },
      { operations, identity },
    ) => {
      const changes = {
        ...(name !== undefined && { name }),
        ...(visibility !== undefined && { visibility }),
        ...(joinPolicy !== undefined && { joinPolicy }),
      };
      return { status: 200, data: networkJson(await operations.networks.update(identity, id, changes)) };
    },
  }),
  bearerRoute({
    method: 'delete',
    path: '/v1/networks/:id',
    name: 'deleteNetwork',
    summary: 'Remove a network with its members (owner).',
    params,
    replies: { 200: outcome('deleted') },
    repeat: 'remembered',
    handle: async ({ params: { id } }, { operations, identity }) => {
      await operations.networks.delete(identity, id);
      return { status: 200, data: { status: 'deleted' } };
    },
  }),
];
