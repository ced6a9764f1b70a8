import { afterEach, beforeEach, expect, it } from 'vitest';
import { createNetworkStage, type NetworkStage } from './testing/network-stage.js';
import { outcome } from './testing/outcome.js';

let stage: NetworkStage;
beforeEach(async () => {
  stage = await createNetworkStage();
});
afterEach(() => stage.world.close());

it('someone of another tenant does not exist (A3.3)', async () => {
  const { world, owner, guest, foreigner } = stage;
  expect((await world.operations.people.get(guest, owner.userId)).id).toBe(owner.userId);
  expect(await outcome(world.operations.people.get(foreigner, owner.userId))).toBe('ERR_NOT_FOUND');
});
