import type { FakeNetworkInfo, FakeUser } from './entities.js';

/** Who is there when a test says nothing: the people of a real server's development mode. */
export const DEMO_USERS: readonly FakeUser[] = [{ id: 'ada' }, { id: 'grace' }, { id: 'linus' }];

export const DEMO_NETWORKS: readonly FakeNetworkInfo[] = [
  { id: 'lobby', members: { ada: 'owner', grace: 'moderator', linus: 'member' } },
  { id: 'attic', members: { ada: 'owner' } },
];
