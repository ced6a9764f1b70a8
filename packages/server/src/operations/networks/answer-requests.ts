import { holdNetwork } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { notFound } from '../refusals.js';
import { enrol } from './membership.js';
import { mustHaveRoom } from './room-for-one-more.js';

/** `POST …/approve`. Approving somebody who is in already changes nothing. */
export function approveRequest({ store, clock, settings }: Dependencies): NetworkOperations['approve'] {
  return (actor, networkId, userId) =>
    store.write(async (tx) => {
      await holdNetwork(tx, actor, networkId, 'approve');
      const member = await tx.members.get(networkId, userId);
      if (member !== undefined) return member;
      const request = await tx.members.requests.get(networkId, userId);
      if (request === undefined) throw notFound('Join request');
      await mustHaveRoom(tx, { userId, tenantId: actor.tenantId }, actor, settings);
      return await enrol(tx, { networkId, userId, role: 'member', joinedAt: clock.now() });
    });
}

/** `POST …/deny`. The user may ask again. */
export function denyRequest({ store }: Dependencies): NetworkOperations['deny'] {
  return (actor, networkId, userId) =>
    store.write(async (tx) => {
      await holdNetwork(tx, actor, networkId, 'deny');
      if (!(await tx.members.requests.delete(networkId, userId))) throw notFound('Join request');
    });
}
