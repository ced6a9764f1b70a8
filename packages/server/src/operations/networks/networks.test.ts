import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, JoinPolicy, Visibility } from '../../domain/entities.js';
import { createWorld, type World } from '../testing/world.js';

let world: World;
let owner: Actor;
let admin: Actor;
let moderator: Actor;
let member: Actor;
let guest: Actor;
let foreigner: Actor;

beforeEach(async () => {
  world = await createWorld('sqlite::memory:');
  const user = world.user;
  [owner, admin, moderator] = [await user('o'), await user('a'), await user('mod')];
  [member, guest] = [await user('m'), await user('g')];
  foreigner = await user('f', { tenantId: 'elsewhere' });
});
afterEach(() => world.close());

const networks = () => world.operations.networks;
const create = async (visibility: Visibility = 'public', joinPolicy: JoinPolicy = 'open') => {
  const { id } = await networks().create(owner, { name: 'Net', visibility, joinPolicy });
  await world.enrol(id, admin, 'admin');
  await world.enrol(id, moderator, 'moderator');
  await world.enrol(id, member, 'member');
  return id;
};
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: { code?: string; details?: { reason?: string } }) =>
      [error.code, error.details?.reason].filter(Boolean).join(' '),
  );
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

describe('joining', () => {
  it('an open network happens at once, and once', async () => {
    const id = await create();
    const first = await networks().join(guest, id);
    expect(first).toEqual({
      kind: 'member',
      membership: { networkId: id, userId: guest.userId, role: 'member', joinedAt: world.clock.time },
    });
    world.clock.advance(1000);
    expect(await networks().join(guest, id)).toEqual(first);
    expect(await told(id)).toEqual([`member.joined ${guest.userId}`]);
  });

  it('A4.2 with approval tells the owner and the admins, once, and nobody else', async () => {
    const id = await create('public', 'approval');
    const pending = await networks().join(guest, id);
    expect(pending).toMatchObject({ kind: 'pending', request: { networkId: id, userId: guest.userId } });
    expect(await networks().join(guest, id)).toEqual(pending);
    const requestId = pending.kind === 'pending' ? pending.request.id : '';
    expect(world.messages).toEqual([
      {
        kind: 'transient',
        audience: { kind: 'users', userIds: [owner.userId, admin.userId].sort() },
        event: {
          type: 'request.join.pending',
          data: { network_id: id, user_id: guest.userId, request_id: requestId },
        },
      },
    ]);
    expect(await told(id)).toEqual([]);
    expect(await networks().requests(admin, id)).toMatchObject([{ id: requestId }]);
    expect(await code(networks().requests(moderator, id))).toBe('ERR_FORBIDDEN role');

    expect(await code(networks().approve(moderator, id, guest.userId))).toBe('ERR_FORBIDDEN role');
    const membership = await networks().approve(admin, id, guest.userId);
    expect(membership).toMatchObject({ userId: guest.userId, role: 'member' });
    expect(await networks().approve(owner, id, guest.userId)).toEqual(membership);
    expect(await networks().requests(owner, id)).toEqual([]);
    expect(await told(id)).toEqual([`member.joined ${guest.userId}`]);
  });

  it('may be denied, and asked for again', async () => {
    const id = await create('public', 'approval');
    await networks().join(guest, id);
    await networks().deny(owner, id, guest.userId);
    expect(await code(networks().deny(owner, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await code(networks().approve(owner, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await networks().join(guest, id)).toMatchObject({ kind: 'pending' });
  });

  it('by invite needs one that is known, in time, not used up, and for this network', async () => {
    const id = await create('public', 'invite');
    const other = await create('public', 'invite');
    expect(await code(networks().join(guest, id))).toBe('ERR_FORBIDDEN invite_needed');
    expect(await code(networks().join(guest, id, 'guess'))).toBe('ERR_FORBIDDEN invite_needed');
    expect(await code(networks().invite(moderator, id, {}))).toBe('ERR_FORBIDDEN role');
    const { token, expiresAt, usesLeft } = await networks().invite(admin, id, { expiresInSeconds: 60 });
    expect([expiresAt - world.clock.time, usesLeft]).toEqual([60_000, 1]);
    expect(await code(networks().join(guest, other, token))).toBe('ERR_FORBIDDEN invite_needed');
    expect(await networks().join(guest, id, token)).toMatchObject({ kind: 'member' });
    const another = await world.user('another');
    expect(await code(networks().join(another, id, token))).toBe('ERR_FORBIDDEN invite_needed');
    const late = await networks().invite(owner, id, { expiresInSeconds: 60, uses: 5 });
    world.clock.advance(60_000);
    expect(await code(networks().join(another, id, late.token))).toBe('ERR_FORBIDDEN invite_needed');
  });

  it('A3.4 a private network works by invite only: for everyone else it is not there', async () => {
    const id = await create('private', 'open');
    expect(await code(networks().join(guest, id))).toBe('ERR_NOT_FOUND');
    expect(await code(networks().join(guest, id, 'guess'))).toBe('ERR_NOT_FOUND');
    const { token } = await networks().invite(owner, id, {});
    expect(await networks().join(guest, id, token)).toMatchObject({ kind: 'member' });
  });

  it('does not use up an invite that was not needed', async () => {
    const id = await create('public', 'open');
    const { token } = await networks().invite(owner, id, { uses: 1 });
    await networks().join(guest, id, token);
    await networks().update(owner, id, { joinPolicy: 'invite' });
    expect(await networks().join(await world.user('x'), id, token)).toMatchObject({ kind: 'member' });
  });

  it('stores no token that would let anybody in', async () => {
    const id = await create('private', 'invite');
    const { token } = await networks().invite(owner, id, {});
    expect(await world.store.write((tx) => tx.members.invites.use(token, id, 0))).toBeUndefined();
  });
});

describe('leaving', () => {
  it('is told once, and is no fault when one has left already', async () => {
    const id = await create();
    await networks().leave(member, id);
    await networks().leave(member, id);
    expect(await told(id)).toEqual([`member.left ${member.userId}`]);
    expect(await roleOf(id, member)).toBeUndefined();
  });

  it('is not for the owner', async () => {
    const id = await create();
    expect(await code(networks().leave(owner, id))).toBe('ERR_FORBIDDEN owner');
  });

  it('takes back a request to join', async () => {
    const id = await create('public', 'approval');
    await networks().join(guest, id);
    await networks().leave(guest, id);
    expect(await networks().requests(owner, id)).toEqual([]);
  });
});

describe('kick and ban', () => {
  it('A4.2 tell first why, then that the member left', async () => {
    const id = await create();
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
    const id = await create('public', 'approval');
    const { token } = await networks().invite(owner, id, { uses: 5 });
    await networks().ban(owner, id, member.userId);
    expect(await code(networks().join(member, id))).toBe('ERR_FORBIDDEN banned');
    expect(await code(networks().join(member, id, token))).toBe('ERR_FORBIDDEN banned');
    expect(await code(networks().unban(moderator, id, member.userId))).toBe('ERR_FORBIDDEN role');
    await networks().unban(admin, id, member.userId);
    expect(await roleOf(id, member)).toBeUndefined();
    expect(await networks().join(member, id)).toMatchObject({ kind: 'pending' });
  });

  it('a ban drops a pending request, and works on those who never were members', async () => {
    const id = await create('public', 'approval');
    await networks().join(guest, id);
    await networks().ban(admin, id, guest.userId);
    await networks().ban(admin, id, guest.userId, 'again');
    expect(await networks().requests(owner, id)).toEqual([]);
    expect(await told(id)).toEqual([`admin.ban ${guest.userId}`]);
    expect(await code(networks().approve(owner, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await code(networks().ban(admin, id, 'nobody'))).toBe('ERR_NOT_FOUND');
    expect(await code(networks().ban(admin, id, foreigner.userId))).toBe('ERR_NOT_FOUND');
  });

  it('A3.7 nobody acts on a peer or a superior', async () => {
    const id = await create();
    const second = await world.user('second');
    await world.enrol(id, second, 'admin');
    for (const act of ['kick', 'ban'] as const) {
      const on = (actor: Actor, target: Actor) => code(networks()[act](actor, id, target.userId));
      expect(await on(admin, second)).toBe('ERR_FORBIDDEN role');
      expect(await on(admin, owner)).toBe('ERR_FORBIDDEN role');
      expect(await on(moderator, admin)).toBe('ERR_FORBIDDEN role');
      expect(await on(member, moderator)).toBe('ERR_FORBIDDEN role');
      expect(await on(admin, admin)).toBe('ERR_FORBIDDEN role');
      expect(await on(guest, member)).toBe('ERR_FORBIDDEN role');
      expect(await on(foreigner, member)).toBe('ERR_NOT_FOUND');
    }
    expect(await code(networks().ban(moderator, id, member.userId))).toBe('ERR_FORBIDDEN role');
    expect(await code(networks().kick(moderator, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await told(id)).toEqual([]);
  });

  it('A3.7 a deployment admin acts in every network of the tenant, but leaves it its owner', async () => {
    const id = await create('private', 'invite');
    const root = await world.user('root', { isAdmin: true });
    const rootElsewhere = await world.user('root', { isAdmin: true, tenantId: 'elsewhere' });
    expect(await code(networks().kick(root, id, admin.userId))).toBe('ok');
    expect(await code(networks().kick(root, id, owner.userId))).toBe('ERR_FORBIDDEN role');
    expect(await code(networks().kick(rootElsewhere, id, member.userId))).toBe('ERR_NOT_FOUND');
  });
});

describe('roles', () => {
  it('A3.7 the owner gives any, an admin those below admin to those below admin', async () => {
    const id = await create();
    const set = (actor: Actor, target: Actor, role: 'admin' | 'moderator' | 'member') =>
      code(networks().setRole(actor, id, target.userId, role));
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

describe('changing a network', () => {
  it('tells what really changed, by the names of the wire', async () => {
    const id = await create();
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
    const id = await create();
    for (const actor of [moderator, member]) {
      expect(await code(networks().update(actor, id, { name: 'x' }))).toBe('ERR_FORBIDDEN role');
    }
    expect(await code(networks().update(guest, id, { name: 'x' }))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await code(networks().update(foreigner, id, { name: 'x' }))).toBe('ERR_NOT_FOUND');
    expect(await code(networks().delete(admin, id))).toBe('ERR_FORBIDDEN role');
  });

  it('A3.2 deleting it lets everybody leave, live', async () => {
    const id = await create();
    await networks().delete(owner, id);
    const left = [owner, admin, moderator, member].map(({ userId }) => `member.left ${userId}`);
    expect((await told(id)).sort()).toEqual(left.sort());
    expect(await code(networks().get(owner, id))).toBe('ERR_NOT_FOUND');
    expect(await world.operations.rooms.roomsOf(owner)).toHaveLength(2);
  });
});

describe('reading', () => {
  it('A3.3 a network is there for its tenant; a private one for its members', async () => {
    const [open, hidden] = [await create('public'), await create('private')];
    const root = await world.user('root', { isAdmin: true });
    expect(await code(networks().get(guest, open))).toBe('ok');
    expect(await code(networks().get(foreigner, open))).toBe('ERR_NOT_FOUND');
    expect(await code(networks().get(guest, hidden))).toBe('ERR_NOT_FOUND');
    for (const actor of [member, root]) expect(await code(networks().get(actor, hidden))).toBe('ok');
  });

  it('members are listed for members', async () => {
    const id = await create();
    expect((await networks().members(member, id)).map(({ name, role }) => [name, role]).sort()).toEqual([
      ['a', 'admin'],
      ['m', 'member'],
      ['mod', 'moderator'],
      ['o', 'owner'],
    ]);
    expect(await code(networks().members(guest, id))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await code(networks().members(foreigner, id))).toBe('ERR_NOT_FOUND');
  });

  it('lists page by page; all of them only for admins of the deployment', async () => {
    const ids = [await create('public'), await create('private'), await create('public')].sort();
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
    expect(await code(list(owner, 'all'))).toBe('ERR_FORBIDDEN role');
    expect(await list(await world.user('root', { isAdmin: true }), 'all')).toEqual(ids);
    // A flag of another tenant, with a token that claims this one.
    const stray = {
      ...(await world.user('root', { isAdmin: true, tenantId: 'elsewhere' })),
      tenantId: 'default',
    };
    expect(await code(list(stray, 'all'))).toBe('ERR_FORBIDDEN role');
  });
});
