import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor, JoinPolicy, Visibility } from '../../domain/entities.js';
import { createOperations } from '../create-operations.js';
import type { NetworkOperations } from '../operations.js';
import { createNetworkStage } from '../testing/network-stage.js';
import { outcome } from '../testing/outcome.js';
import type { World } from '../testing/world.js';

const MOST = 3;
const REFUSED = 'ERR_FORBIDDEN too_many_networks';

let world: World;
let networks: NetworkOperations;
let owner: Actor;
/** In as many networks as there may be. */
let full: Actor;
let own: readonly string[];

beforeEach(async () => {
  const stage = await createNetworkStage();
  ({ world, owner, guest: full } = stage);
  const settings = { ...world.deps.settings, maxNetworksPerUser: MOST };
  ({ networks } = createOperations({ ...world.deps, settings }));
  own = await Promise.all(Array.from({ length: MOST }, () => make(full)));
});
afterEach(() => world.close());

const facts = (visibility: Visibility, joinPolicy: JoinPolicy) => ({ name: 'Net', visibility, joinPolicy });
const make = async (actor: Actor, visibility: Visibility = 'public', joinPolicy: JoinPolicy = 'open') =>
  (await networks.create(actor, facts(visibility, joinPolicy))).id;

it('refuses one more network of their own, and makes none', async () => {
  const before = await networks.list(full, 'mine', { limit: 10 });
  expect(await outcome(make(full))).toBe(REFUSED);
  expect(await networks.list(full, 'mine', { limit: 10 })).toEqual(before);
});

it('refuses to join one, in the midst of a crowd of joins as well', async () => {
  const others = [await make(owner), await make(owner)];
  await networks.delete(full, own[0] ?? '');
  const came = await Promise.all(others.map((id) => outcome(networks.join(full, id))));
  expect(came).toEqual(['ok', REFUSED]);
  // Who is in is in.
  expect(await outcome(networks.join(full, others[0] ?? ''))).toBe('ok');
});

it('uses up no invite for who may not enter', async () => {
  const id = await make(owner, 'private', 'invite');
  const { token } = await networks.invite(owner, id, {});
  expect(await outcome(networks.join(full, id, token))).toBe(REFUSED);
  await networks.delete(full, own[0] ?? '');
  expect(await outcome(networks.join(full, id, token))).toBe('ok');
});

it('tells who approves that it is the other one, and keeps the request', async () => {
  const id = await make(owner, 'public', 'approval');
  await networks.join(full, id);
  await expect(networks.approve(owner, id, full.userId)).rejects.toMatchObject({
    code: 'ERR_FORBIDDEN',
    details: { reason: 'too_many_networks' },
    message: 'This user is in 3 networks, which is the most there may be, and must leave one first.',
  });
  expect((await networks.requests(owner, id)).requests).toHaveLength(1);
  await networks.delete(full, own[0] ?? '');
  expect(await outcome(networks.approve(owner, id, full.userId))).toBe('ok');
});

it('counts nothing that is of another tenant (A3.3)', async () => {
  const namesake = { userId: full.userId, tenantId: 'elsewhere' };
  expect(await outcome(make(namesake))).toBe('ok');
});
