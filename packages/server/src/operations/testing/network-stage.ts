import type { Actor, JoinPolicy, Visibility } from '../../domain/entities.js';
import { createWorld, type World } from './world.js';

/** A world with somebody of each kind, and networks in which they have their roles. */
export interface NetworkStage {
  readonly world: World;
  readonly owner: Actor;
  readonly admin: Actor;
  readonly moderator: Actor;
  readonly member: Actor;
  /** Of the same tenant, in no network. */
  readonly guest: Actor;
  /** Of another tenant. */
  readonly foreigner: Actor;
  /** Makes a network in which owner, admin, moderator and member are; returns its id. */
  network(visibility?: Visibility, joinPolicy?: JoinPolicy): Promise<string>;
}

export async function createNetworkStage(): Promise<NetworkStage> {
  const world = await createWorld('sqlite::memory:');
  const { user } = world;
  const [owner, admin, moderator, member] = [
    await user('o'),
    await user('a'),
    await user('mod'),
    await user('m'),
  ];
  const [guest, foreigner] = [await user('g'), await user('f', { tenantId: 'elsewhere' })];
  return {
    world,
    owner,
    admin,
    moderator,
    member,
    guest,
    foreigner,
    async network(visibility = 'public', joinPolicy = 'open') {
      const { id } = await world.operations.networks.create(owner, { name: 'Net', visibility, joinPolicy });
      await world.enrol(id, admin, 'admin');
      await world.enrol(id, moderator, 'moderator');
      await world.enrol(id, member, 'member');
      return id;
    },
  };
}
