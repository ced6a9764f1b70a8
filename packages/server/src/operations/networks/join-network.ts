import type { Actor, JoinRequest, Network } from '../../domain/entities.js';
import { isVisible, type Person } from '../../domain/rights.js';
import type { Transaction } from '../../ports/store.js';
import { networkRoom, personIn } from '../access.js';
import type { Dependencies } from '../dependencies.js';
import type { NetworkOperations } from '../operations.js';
import { forbidden, notFound } from '../refusals.js';
import { sha256 } from '../sha256.js';
import { enrol } from './membership.js';
import { mustHaveRoom } from './room-for-one-more.js';

type Joined = Awaited<ReturnType<NetworkOperations['join']>>;
/** What a join came to, and who is to be told of a new request. */
type Outcome = Joined & { readonly tell?: readonly string[] };

/**
 * `POST …/join`. A member gets their membership again, without an event; a banned user is refused; an invite opens every
 * door, also that of a private network, which is not there for anybody else.
 */
export function joinNetwork(deps: Dependencies): NetworkOperations['join'] {
  const { store, bus, clock } = deps;
  return async (actor, networkId, inviteToken) => {
    const { tell, ...joined } = await store.write((tx) => join(deps, tx, actor, networkId, inviteToken));
    if (joined.kind === 'pending' && tell !== undefined) {
      const { id, userId } = joined.request;
      const data = { network_id: networkId, user_id: userId, request_id: id };
      const event = { type: 'request.join.pending' as const, data };
      bus.publish([
        { kind: 'transient', audience: { kind: 'users', tenantId: actor.tenantId, userIds: tell }, event },
      ]);
    }
    return joined;
  };

  async function join(
    { ids, settings }: Pick<Dependencies, 'ids' | 'settings'>,
    tx: Transaction,
    actor: Actor,
    networkId: string,
    inviteToken: string | undefined,
  ): Promise<Outcome> {
    await tx.log.lock(networkRoom(networkId));
    const network = await tx.networks.get(networkId);
    if (network === undefined || network.tenantId !== actor.tenantId) throw notFound('Network');
    const { userId } = actor;
    const member = await tx.members.get(networkId, userId);
    if (member !== undefined) return { kind: 'member', membership: member };
    if (await tx.members.bans.has(networkId, userId)) {
      throw forbidden('banned', 'You are banned from this network.');
    }

    const now = clock.now();
    const person = await personIn(tx, network, actor);
    if (await mayEnter(tx, network, person, inviteToken, now)) {
      await mustHaveRoom(tx, actor, actor, settings);
      const membership = await enrol(tx, { networkId, userId, role: 'member', joinedAt: now });
      return { kind: 'member', membership };
    }
    const pending = await tx.members.requests.get(networkId, userId);
    if (pending !== undefined) return { kind: 'pending', request: pending };
    const request: JoinRequest = { id: ids.next('req'), networkId, userId, createdAt: now };
    await tx.members.requests.insert(request);
    return { kind: 'pending', request, tell: await tx.members.staff(networkId) };
  }
}

/** True: may enter at once. False: may ask. Throws when neither. */
async function mayEnter(
  tx: Transaction,
  network: Network,
  person: Person,
  inviteToken: string | undefined,
  now: number,
): Promise<boolean> {
  const visible = isVisible(network, person);
  // An invite that is not needed is not used up.
  if (visible && network.joinPolicy === 'open') return true;
  const invite = inviteToken && (await tx.members.invites.use(sha256(inviteToken), network.id, now));
  if (invite) return true;
  if (!visible) throw notFound('Network');
  if (network.joinPolicy === 'invite') {
    throw forbidden('invite_needed', 'This network needs an invite that is still valid.');
  }
  return false;
}
