import type { Clock } from '@goconnect/protocol';
import type { Store, Transaction } from '../ports/store.js';
import type { Passwords } from '../ports/tokens.js';
import { DEMO_NETWORKS, DEMO_PASSWORD, DEMO_USERS, type DemoNetwork } from './demo-data.js';

export interface SeedOptions {
  readonly store: Store;
  readonly passwords: Passwords;
  readonly clock: Pick<Clock, 'now'>;
  /** Tenant of the demo users; the one that registered users get, so that they meet. */
  readonly tenantId: string;
}

/**
 * Puts the demo users and networks into a store that has none of these users. What was changed, left or deleted since
 * stays so: a second start finds the users and touches nothing.
 *
 * @returns true when it seeded
 */
export async function seedDemo({ store, passwords, clock, tenantId }: SeedOptions): Promise<boolean> {
  if (await store.read(isSeeded)) return false;
  // One hash for all: they have one password, and everybody knows it.
  const passwordHash = await passwords.hash(DEMO_PASSWORD);
  return store.write(async (tx) => {
    // Another node may be doing it right now.
    await tx.members.holdUser(DEMO_USERS[0]?.id ?? '', tenantId);
    if (await isSeeded(tx)) return false;
    const now = clock.now();
    for (const user of DEMO_USERS) {
      await tx.users.insert(
        { ...user, tenantId, isAdmin: false, isModerator: false, createdAt: now },
        passwordHash,
      );
    }
    for (const network of DEMO_NETWORKS) await insertNetwork(tx, network, tenantId, now);
    return true;
  });
}

async function insertNetwork(
  tx: Transaction,
  network: DemoNetwork,
  tenantId: string,
  now: number,
): Promise<void> {
  const { members, ...facts } = network;
  if (await tx.networks.get(network.id)) return;
  const [createdBy = ''] = Object.keys(members);
  await tx.networks.insert({ ...facts, tenantId, createdBy, createdAt: now, updatedAt: now });
  for (const [userId, role] of Object.entries(members)) {
    await tx.members.put({ networkId: network.id, userId, role, joinedAt: now });
  }
}

async function isSeeded(tx: Transaction): Promise<boolean> {
  for (const { email } of DEMO_USERS) if (await tx.users.withPassword(email)) return true;
  return false;
}
