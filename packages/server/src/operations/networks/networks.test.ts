import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/entities.js';
import { createNetworkStage, type NetworkStage } from '../testing/network-stage.js';
import { outcome } from '../testing/outcome.js';
import type { World } from '../testing/world.js';

let stage: NetworkStage;
let world: World;
let owner: Actor;
let admin: Actor;
let moderator: Actor;
let member: Actor;
let guest: Actor;
let foreigner: Actor;

beforeEach(async () => {
  stage = await createNetworkStage();
  ({ world, owner, admin, moderator, member, guest, foreigner } = stage);
});
afterEach(() => world.close());

const networks = () => world.operations.networks;
/** Events of a network after those of its birth, as `type user`. */
const told = async (id: string) =>
  (await world.log(`network:${id}`))
    .slice(1)
    .map(({ type, data }) => `${type} ${'user_id' in data ? data.user_id : ''}`.trim());
const roleOf = async (id: string, { userId }: Actor) =>
  (await world.store.read((tx) => tx.members.get(id, userId)))?.role;

describe('a new network', () => {
  it('has its creator as owner, who enters the room by its first entry (A3.2)', async () => {
    const network = await networks().create(owner, {
      name: 'Net',
      visibility: 'private',
      joinPolicy: 'invite',
    });
    expect(network).toEqual({
      id: expect.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
      tenantId: 'default',
      name: 'Net',
      visibility: 'private',
      joinPolicy: 'invite',
      createdBy: owner.userId,
      createdAt: world.clock.time,
      updatedAt: world.clock.time,
    });
    expect(await world.log(`network:${network.id}`)).toMatchObject([
      {
        type: 'member.joined',
        seq: 1,
        data: { network_id: network.id, user_id: owner.userId, role: 'owner' },
      },
    ]);
    expect(await networks().get(owner, network.id)).toEqual(network);
  });
});

describe('kick and ban', () => {
  it('A4.2 tell first why, then that the member left', async () => {
    const id = await stage.network();
    await networks().kick(moderator, id, member.userId, 'Violation of rules');
    await networks().join(member, id);
    await networks().ban(admin, id, member.userId);
    expect(await told(id)).toEqual([
      `admin.kick ${member.userId}`,
      `member.left ${member.userId}`,
      `member.joined ${member.userId}`,
      `admin.ban ${member.userId}`,
      `member.left ${member.userId}`,
    ]);
    const [kick, ban] = (await world.log(`network:${id}`)).filter(({ type }) => type.startsWith('admin.'));
    expect(kick?.data).toEqual({ network_id: id, user_id: member.userId, reason: 'Violation of rules' });
    expect(ban?.data).toEqual({ network_id: id, user_id: member.userId });
  });

  it('A4.2 a banned user cannot join or ask again, by no door, until the ban is lifted', async () => {
    const id = await stage.network('public', 'approval');
    const { token } = await networks().invite(owner, id, { uses: 5 });
    await networks().ban(owner, id, member.userId);
    expect(await outcome(networks().join(member, id))).toBe('ERR_FORBIDDEN banned');
    expect(await outcome(networks().join(member, id, token))).toBe('ERR_FORBIDDEN banned');
    expect(await outcome(networks().unban(moderator, id, member.userId))).toBe('ERR_FORBIDDEN role');
    await networks().unban(admin, id, member.userId);
    expect(await roleOf(id, member)).toBeUndefined();
    expect(await networks().join(member, id)).toMatchObject({ kind: 'pending' });
  });

  it('a ban drops a pending request, and works on those who never were members', async () => {
    const id = await stage.network('public', 'approval');
    await networks().join(guest, id);
    await networks().ban(admin, id, guest.userId);
    await networks().ban(admin, id, guest.userId, 'again');
    expect((await networks().requests(owner, id)).requests).toEqual([]);
    expect(await told(id)).toEqual([`admin.ban ${guest.userId}`]);
    expect(await outcome(networks().approve(owner, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await outcome(networks().ban(admin, id, 'nobody'))).toBe('ERR_NOT_FOUND');
    expect(await outcome(networks().ban(admin, id, foreigner.userId))).toBe('ERR_NOT_FOUND');
  });

  it('banning again changes the reason, also for somebody known by a token alone', async () => {
    const id = await stage.network();
    const visitor = { ...guest, userId: 'visitor' };
    await networks().join(visitor, id);
    await networks().ban(admin, id, visitor.userId, 'first');
    await networks().ban(admin, id, visitor.userId, 'second');
    expect(await networks().bans(admin, id)).toMatchObject([{ userId: 'visitor', reason: 'second' }]);
    expect(await told(id)).toEqual(['member.joined visitor', 'admin.ban visitor', 'member.left visitor']);
    await networks().unban(admin, id, visitor.userId);
    expect(await outcome(networks().ban(admin, id, visitor.userId))).toBe('ERR_NOT_FOUND');
  });

  it('A3.7 nobody acts on a peer or a superior', async () => {
    const id = await stage.network();
    const second = await world.user('second');
    await world.enrol(id, second, 'admin');
    for (const act of ['kick', 'ban'] as const) {
      const on = (actor: Actor, target: Actor) => outcome(networks()[act](actor, id, target.userId));
      expect(await on(admin, second)).toBe('ERR_FORBIDDEN role');
      expect(await on(admin, owner)).toBe('ERR_FORBIDDEN role');
      expect(await on(moderator, admin)).toBe('ERR_FORBIDDEN role');
      expect(await on(member, moderator)).toBe('ERR_FORBIDDEN role');
      expect(await on(admin, admin)).toBe('ERR_FORBIDDEN role');
      expect(await on(guest, member)).toBe('ERR_FORBIDDEN role');
      expect(await on(foreigner, member)).toBe('ERR_NOT_FOUND');
    }
    expect(await outcome(networks().ban(moderator, id, member.userId))).toBe('ERR_FORBIDDEN role');
    expect(await outcome(networks().kick(moderator, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await told(id)).toEqual([]);
  });

  it('A3.7 a deployment admin acts in every network of the tenant, but leaves it its owner', async () => {
    const id = await stage.network('private', 'invite');
    const root = await world.user('root', { isAdmin: true });
    const rootElsewhere = await world.user('root', { isAdmin: true, tenantId: 'elsewhere' });
    expect(await outcome(networks().kick(root, id, admin.userId))).toBe('ok');
    expect(await outcome(networks().kick(root, id, owner.userId))).toBe('ERR_FORBIDDEN role');
    expect(await outcome(networks().kick(rootElsewhere, id, member.userId))).toBe('ERR_NOT_FOUND');
  });
});

describe('roles', () => {
  it('A3.7 the owner gives any, an admin those below admin to those below admin', async () => {
    const id = await stage.network();
    const set = (actor: Actor, target: Actor, role: 'admin' | 'moderator' | 'member') =>
      outcome(networks().setRole(actor, id, target.userId, role));
    expect(await set(owner, member, 'admin')).toBe('ok');
    expect(await roleOf(id, member)).toBe('admin');
    expect(await set(admin, member, 'member')).toBe('ERR_FORBIDDEN role');
    expect(await set(owner, member, 'member')).toBe('ok');
    expect(await set(admin, member, 'moderator')).toBe('ok');
    expect(await set(admin, member, 'admin')).toBe('ERR_FORBIDDEN role');
    expect(await set(moderator, member, 'member')).toBe('ERR_FORBIDDEN role');
    expect(await set(admin, owner, 'member')).toBe('ERR_FORBIDDEN role');
    expect(await set(owner, owner, 'member')).toBe('ERR_FORBIDDEN role');
    expect(await set(owner, guest, 'member')).toBe('ERR_NOT_FOUND');
    expect(await set(foreigner, member, 'member')).toBe('ERR_NOT_FOUND');
  });
});

it('a change of role is told to everybody in the network, once, by net.updated', async () => {
  const id = await stage.network();
  for (let time = 0; time < 2; time++) await networks().setRole(owner, id, member.userId, 'moderator');
  expect(await told(id)).toEqual(['net.updated']);
  expect((await world.log(`network:${id}`)).at(-1)?.data).toEqual({
    network_id: id,
    changes: ['roles'],
    updated_by: owner.userId,
    properties: { roles: { [member.userId]: 'moderator' } },
  });
});

describe('changing a network', () => {
  it('tells what really changed, by the names of the wire', async () => {
    const id = await stage.network();
    world.clock.advance(1000);
    const changed = await networks().update(admin, id, {
      name: 'New',
      visibility: 'public',
      joinPolicy: 'approval',
    });
    expect(changed).toMatchObject({ name: 'New', joinPolicy: 'approval', updatedAt: world.clock.time });
    expect((await world.log(`network:${id}`)).at(-1)).toMatchObject({
      type: 'net.updated',
      data: {
        network_id: id,
        changes: ['name', 'join_policy'],
        updated_by: admin.userId,
        properties: { name: 'New', join_policy: 'approval' },
      },
    });
    expect(await networks().update(admin, id, { name: 'New' })).toEqual(changed);
    expect(await told(id)).toHaveLength(1);
    expect(await networks().get(owner, id)).toEqual(changed);
  });

  it('is for admins and the owner; deleting for the owner', async () => {
    const id = await stage.network();
    for (const actor of [moderator, member]) {
      expect(await outcome(networks().update(actor, id, { name: 'x' }))).toBe('ERR_FORBIDDEN role');
    }
    expect(await outcome(networks().update(guest, id, { name: 'x' }))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(networks().update(foreigner, id, { name: 'x' }))).toBe('ERR_NOT_FOUND');
    expect(await outcome(networks().delete(admin, id))).toBe('ERR_FORBIDDEN role');
  });

  it('A3.2 deleting it lets everybody leave, live', async () => {
    const id = await stage.network();
    await networks().delete(owner, id);
    const left = [owner, admin, moderator, member].map(({ userId }) => `member.left ${userId}`);
    expect((await told(id)).sort()).toEqual(left.sort());
    expect(await outcome(networks().get(owner, id))).toBe('ERR_NOT_FOUND');
    expect(await world.operations.rooms.roomsOf(owner)).toHaveLength(2);
  });
});

describe('reading', () => {
  it('A3.3 a network is there for its tenant; a private one for its members', async () => {
    const [open, hidden] = [await stage.network('public'), await stage.network('private')];
    const root = await world.user('root', { isAdmin: true });
    expect(await outcome(networks().get(guest, open))).toBe('ok');
    expect(await outcome(networks().get(foreigner, open))).toBe('ERR_NOT_FOUND');
    expect(await outcome(networks().get(guest, hidden))).toBe('ERR_NOT_FOUND');
    for (const actor of [member, root]) expect(await outcome(networks().get(actor, hidden))).toBe('ok');
  });

  it('members are listed for members', async () => {
    const id = await stage.network();
    const { members } = await networks().members(member, id);
    expect(members.map(({ name, role }) => [name, role]).sort()).toEqual([
      ['a', 'admin'],
      ['m', 'member'],
      ['mod', 'moderator'],
      ['o', 'owner'],
    ]);
    expect(await outcome(networks().members(guest, id))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(networks().members(foreigner, id))).toBe('ERR_NOT_FOUND');
  });

  it('members and requests are listed page by page', async () => {
    const id = await stage.network('public', 'approval');
    const asked: string[] = [];
    for (let number = 0; number < 5; number++) {
      world.clock.advance(1);
      const someone = await world.user(`asks-${number}`);
      asked.push(someone.userId);
      await networks().join(someone, id);
    }
    const walk = async (list: 'members' | 'requests') => {
      const found: string[][] = [];
      for (let cursor: string | null | undefined; cursor !== null; ) {
        const page = { limit: 2, ...(cursor !== undefined && { cursor }) };
        const answer = await networks()[list](owner, id, page);
        found.push(('members' in answer ? answer.members : answer.requests).map(({ userId }) => userId));
        cursor = answer.nextCursor;
      }
      return found;
    };
    expect(await walk('requests')).toEqual([asked.slice(0, 2), asked.slice(2, 4), asked.slice(4)]);
    for (const userId of asked) await networks().approve(owner, id, userId);
    expect((await walk('members')).flat()).toEqual(expect.arrayContaining([owner.userId, ...asked]));
    expect((await walk('members')).map((page) => page.length)).toEqual([2, 2, 2, 2, 1]);
    for (const cursor of ['', 'x', '5', 'x.y', '-1.a', '99999999999999999999.a'])
      expect(await outcome(networks().members(owner, id, { cursor }))).toBe('ERR_INVALID_MESSAGE validation');
  });

  it('lists page by page; all of them only for admins of the deployment', async () => {
    const ids = [
      await stage.network('public'),
      await stage.network('private'),
      await stage.network('public'),
    ].sort();
    await networks().create(foreigner, { name: 'Far', visibility: 'public', joinPolicy: 'open' });
    const list = async (actor: Actor, kind: 'public' | 'mine' | 'all') => {
      const found: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<ReturnType<typeof networks>['list']>> = await networks().list(
          actor,
          kind,
          {
            limit: 2,
            ...(cursor && { cursor }),
          },
        );
        found.push(...page.networks.map(({ id }) => id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      return found;
    };
    expect(await list(member, 'mine')).toEqual(ids);
    expect(await list(guest, 'mine')).toEqual([]);
    expect(await list(guest, 'public')).toHaveLength(2);
    expect(await outcome(list(owner, 'all'))).toBe('ERR_FORBIDDEN role');
    expect(await list(await world.user('root', { isAdmin: true }), 'all')).toEqual(ids);
    // A flag of another tenant, with a token that claims this one.
    const stray = {
      ...(await world.user('root', { isAdmin: true, tenantId: 'elsewhere' })),
      tenantId: 'default',
    };
    expect(await outcome(list(stray, 'all'))).toBe('ERR_FORBIDDEN role');
  });
});
