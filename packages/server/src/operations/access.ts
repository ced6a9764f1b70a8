import { type Room, roomName } from '@goconnect/protocol';
import type { Actor, DeploymentFlags, Network } from '../domain/entities.js';
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
  const { network, role } = standing;
  const person = { userId: actor.userId, role, ...flagsOf(actor, standing) };
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

/** Someone, as a network of their tenant sees them. Of others than the actor it is not known what their tokens say. */
export async function personIn(
  tx: Transaction,
  network: Network,
  someone: Pick<Actor, 'userId' | 'vouched'>,
): Promise<Person> {
  const { userId } = someone;
  const standing = await tx.networks.standing(network.id, userId);
  return { userId, role: standing?.role, ...flagsOf(someone, standing) };
}

/** Someone in `host`, where only deployment-wide flags count: those of the user's own tenant, for others have such ids, too. */
export async function personInHost(tx: Transaction, someone: Actor): Promise<Person> {
  const { userId, tenantId } = someone;
  const user = await tx.users.get(userId);
  const flags = flagsOf(someone, user?.tenantId === tenantId ? user : undefined);
  return { userId, tenantId, role: undefined, ...flags };
}

/** What the user's row says, or who made the token vouches for (A3.7). */
function flagsOf({ vouched }: Pick<Actor, 'vouched'>, row: DeploymentFlags | undefined): DeploymentFlags {
  const says = (flag: keyof DeploymentFlags) => row?.[flag] === true || vouched?.[flag] === true;
  return { isAdmin: says('isAdmin'), isModerator: says('isModerator') };
}

export function networkRoom(networkId: string): string {
  return roomName({ kind: 'network', id: networkId } satisfies Room);
}
