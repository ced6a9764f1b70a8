import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../domain/entities.js';
import { outcome } from './testing/outcome.js';
import { createWorld, type World } from './testing/world.js';

let world: World;
let actor: Actor;
let owner: Actor;
beforeEach(async () => {
  world = await createWorld('sqlite::memory:');
  [actor, owner] = [await world.user('u'), await world.user('o')];
});
afterEach(() => world.close());

const rooms = () => world.operations.rooms;
const create = async (visibility: 'public' | 'private') =>
  (await world.operations.networks.create(owner, { name: 'n', visibility, joinPolicy: 'open' })).id;

describe('the rooms of a user', () => {
  it('A3.2 are host, the tenant, and the networks in which they are a member', async () => {
    const [one] = [await create('private'), await create('public')];
    await world.enrol(one, actor, 'member');
    const found = await rooms().roomsOf(actor);
    expect(found.map(({ room, seq }) => [room, seq])).toEqual([
      ['host', 0],
      ['tenant:default', 0],
      [`network:${one}`, 1],
    ]);
  });

  it('B3.2 have the same epoch at the next look', async () => {
    const first = await rooms().roomsOf(actor);
    expect(await rooms().roomsOf(actor)).toEqual(first);
    expect(await rooms().join(actor, 'host')).toEqual(first[0]);
    expect(new Set(first.map(({ epoch }) => epoch)).size).toBe(2);
  });

  it('A3.3 are those of the token’s tenant, whatever memberships there are', async () => {
    const foreigner = await world.user('f', { tenantId: 'elsewhere' });
    await world.enrol(await create('public'), foreigner, 'member');
    expect((await rooms().roomsOf(foreigner)).map(({ room }) => room)).toEqual(['host', 'tenant:elsewhere']);
  });
});

describe('room.join', () => {
  it('A3.4 of a network one is no member of is forbidden, or there is none', async () => {
    const [open, hidden] = [await create('public'), await create('private')];
    const foreigner = await world.user('f', { tenantId: 'elsewhere' });
    const root = await world.user('root', { isAdmin: true });
    expect(await outcome(rooms().join(actor, `network:${open}`))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(rooms().join(actor, `network:${hidden}`))).toBe('ERR_NOT_FOUND');
    expect(await outcome(rooms().join(actor, 'network:none'))).toBe('ERR_NOT_FOUND');
    expect(await outcome(rooms().join(foreigner, `network:${open}`))).toBe('ERR_NOT_FOUND');
    expect(await outcome(rooms().join(root, `network:${hidden}`))).toBe('ERR_NOT_FOUND');
    expect(await outcome(rooms().join(owner, `network:${hidden}`))).toBe('ok');
  });

  it('A3.3 of a tenant is for its own users', async () => {
    expect(await outcome(rooms().join(actor, 'tenant:default'))).toBe('ok');
    expect(await outcome(rooms().join(actor, 'tenant:elsewhere'))).toBe('ERR_NOT_FOUND');
    expect(await outcome(rooms().join(actor, 'nonsense'))).toBe('ERR_NOT_FOUND');
  });

  it('A3.4 asks nothing of a user who only asks: no room of a stranger is made', async () => {
    await outcome(rooms().join(actor, 'tenant:elsewhere'));
    await outcome(rooms().join(actor, 'network:none'));
    const found = await world.store.read((tx) => tx.log.positions(['tenant:elsewhere', 'network:none']));
    expect(found).toEqual([]);
  });
});

describe('entries after a position', () => {
  it('B3.4 come with the oldest place that can be had', async () => {
    for (const body of ['a', 'b', 'c']) await world.operations.chat.send({ actor }, { scope: 'host', body });
    const page = await rooms().entriesAfter('host', 1, 1);
    expect(page.entries.map(({ seq }) => seq)).toEqual([2]);
    expect(page.oldest).toBe(1);
    expect(await rooms().entriesAfter('never', 0, 10)).toEqual({ entries: [], oldest: 1 });
  });

  it('B3.4 name the next place as the oldest when the whole log is gone', async () => {
    for (const body of ['a', 'b', 'c']) await world.operations.chat.send({ actor }, { scope: 'host', body });
    await world.store.write((tx) => tx.log.trim(Number.MAX_SAFE_INTEGER, 100));
    expect(await rooms().entriesAfter('host', 1, 10)).toEqual({ entries: [], oldest: 4 });
  });
});
