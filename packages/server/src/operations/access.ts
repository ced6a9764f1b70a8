import { type Room, roomName } from '@goconnect/protocol';
import type { Actor, Network } from '../domain/entities.js';
import { isVisible, mayInNetwork, type NetworkOperation, type Person } from '../domain/rights.js';
import type { Transaction } from '../ports/store.js';
import { forbidden, notFound } from './refusals.js';

/** A network and the one who asks, as it sees them. */
export interface Access {
  readonly network: Network;
  readonly person: Person;
}

/**
 * Reads a network for an actor. What is of another tenant (A3.3), and a private network for those who are not in it,
 * is not there.
 */
export async function findNetwork(tx: Transaction, actor: Actor, networkId: string): Promise<Access> {
  const standing = await tx.networks.standing(networkId, actor.userId);
  if (standing === undefined || standing.network.tenantId !== actor.tenantId) throw notFound('Network');
  const { network, role, isAdmin, isModerator } = standing;
  const person = { userId: actor.userId, role, isAdmin, isModerator };
  if (!isVisible(network, person)) throw notFound('Network');
  return { network, person };
}

/** The same, for an operation that needs a right. */
export async function enterNetwork(
  tx: Transaction,
  actor: Actor,
  networkId: string,
  operation: NetworkOperation,
): Promise<Access> {
  const access = await findNetwork(tx, actor, networkId);
  permit(access.person, operation);
  return access;
}

/** The same, for an operation that will append to the network's log: nobody else does so until it is committed. */
export async function holdNetwork(
  tx: Transaction,
  actor: Actor,
  networkId: string,
  operation: NetworkOperation,
): Promise<Access> {
  await tx.log.lock(networkRoom(networkId));
  return await enterNetwork(tx, actor, networkId, operation);
}

/** Throws `ERR_FORBIDDEN` unless the person may do it. */
export function permit(person: Person, operation: NetworkOperation): void {
  if (mayInNetwork(person, operation)) return;
  throw person.role === undefined
    ? forbidden('not_a_member', 'Only members of this network may do this.')
    : forbidden('role', 'Your role in this network does not allow this.');
}

/** Someone else, as a network of the actor's tenant sees them. */
export async function personIn(tx: Transaction, network: Network, userId: string): Promise<Person> {
  const standing = await tx.networks.standing(network.id, userId);
  return {
    userId,
    role: standing?.role,
    isAdmin: standing?.isAdmin ?? false,
    isModerator: standing?.isModerator ?? false,
  };
}

/** Someone in `host`, where only deployment-wide flags count: those of the user's own tenant, for others have such ids, too. */
export async function personInHost(tx: Transaction, { userId, tenantId }: Actor): Promise<Person> {
  const user = await tx.users.get(userId);
  const flags = user?.tenantId === tenantId ? user : { isAdmin: false, isModerator: false };
  return {
    userId,
    tenantId,
    role: undefined,
    isAdmin: flags.isAdmin,
    isModerator: flags.isModerator,
  };
}

export function networkRoom(networkId: string): string {
  return roomName({ kind: 'network', id: networkId } satisfies Room);
}
