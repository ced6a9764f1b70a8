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

beforeEach(async () => {
  stage = await createNetworkStage();
  ({ world, owner, admin, moderator, member, guest } = stage);
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

describe('joining', () => {
  it('an open network happens at once, and once', async () => {
    const id = await stage.network();
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
    const id = await stage.network('public', 'approval');
    const pending = await networks().join(guest, id);
    expect(pending).toMatchObject({ kind: 'pending', request: { networkId: id, userId: guest.userId } });
    expect(await networks().join(guest, id)).toEqual(pending);
    const requestId = pending.kind === 'pending' ? pending.request.id : '';
    expect(world.messages).toEqual([
      {
        kind: 'transient',
        audience: { kind: 'users', tenantId: owner.tenantId, userIds: [owner.userId, admin.userId].sort() },
        event: {
          type: 'request.join.pending',
          data: { network_id: id, user_id: guest.userId, request_id: requestId },
        },
      },
    ]);
    expect(await told(id)).toEqual([]);
    expect((await networks().requests(admin, id)).requests).toMatchObject([{ id: requestId }]);
    expect(await outcome(networks().requests(moderator, id))).toBe('ERR_FORBIDDEN role');

    expect(await outcome(networks().approve(moderator, id, guest.userId))).toBe('ERR_FORBIDDEN role');
    const membership = await networks().approve(admin, id, guest.userId);
    expect(membership).toMatchObject({ userId: guest.userId, role: 'member' });
    expect(await networks().approve(owner, id, guest.userId)).toEqual(membership);
    expect((await networks().requests(owner, id)).requests).toEqual([]);
    expect(await told(id)).toEqual([`member.joined ${guest.userId}`]);
  });

  it('may be denied, and asked for again', async () => {
    const id = await stage.network('public', 'approval');
    await networks().join(guest, id);
    await networks().deny(owner, id, guest.userId);
    expect(await outcome(networks().deny(owner, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await outcome(networks().approve(owner, id, guest.userId))).toBe('ERR_NOT_FOUND');
    expect(await networks().join(guest, id)).toMatchObject({ kind: 'pending' });
  });

  it('by invite needs one that is known, in time, not used up, and for this network', async () => {
    const id = await stage.network('public', 'invite');
    const other = await stage.network('public', 'invite');
    expect(await outcome(networks().join(guest, id))).toBe('ERR_FORBIDDEN invite_needed');
    expect(await outcome(networks().join(guest, id, 'guess'))).toBe('ERR_FORBIDDEN invite_needed');
    expect(await outcome(networks().invite(moderator, id, {}))).toBe('ERR_FORBIDDEN role');
    const { token, expiresAt, usesLeft } = await networks().invite(admin, id, { expiresInSeconds: 60 });
    expect([expiresAt - world.clock.time, usesLeft]).toEqual([60_000, 1]);
    expect(await outcome(networks().join(guest, other, token))).toBe('ERR_FORBIDDEN invite_needed');
    expect(await networks().join(guest, id, token)).toMatchObject({ kind: 'member' });
    const another = await world.user('another');
    expect(await outcome(networks().join(another, id, token))).toBe('ERR_FORBIDDEN invite_needed');
    const late = await networks().invite(owner, id, { expiresInSeconds: 60, uses: 5 });
    world.clock.advance(60_000);
    expect(await outcome(networks().join(another, id, late.token))).toBe('ERR_FORBIDDEN invite_needed');
  });

  it('A3.4 a private network works by invite only: for everyone else it is not there', async () => {
    const id = await stage.network('private', 'open');
    expect(await outcome(networks().join(guest, id))).toBe('ERR_NOT_FOUND');
    expect(await outcome(networks().join(guest, id, 'guess'))).toBe('ERR_NOT_FOUND');
    const { token } = await networks().invite(owner, id, {});
    expect(await networks().join(guest, id, token)).toMatchObject({ kind: 'member' });
  });

  it('does not use up an invite that was not needed', async () => {
    const id = await stage.network('public', 'open');
    const { token } = await networks().invite(owner, id, { uses: 1 });
    await networks().join(guest, id, token);
    await networks().update(owner, id, { joinPolicy: 'invite' });
    expect(await networks().join(await world.user('x'), id, token)).toMatchObject({ kind: 'member' });
  });

  it('stores no token that would let anybody in', async () => {
    const id = await stage.network('private', 'invite');
    const { token } = await networks().invite(owner, id, {});
    expect(await world.store.write((tx) => tx.members.invites.use(token, id, 0))).toBeUndefined();
  });
});

describe('leaving', () => {
  it('is told once, and is no fault when one has left already', async () => {
    const id = await stage.network();
    await networks().leave(member, id);
    await networks().leave(member, id);
    expect(await told(id)).toEqual([`member.left ${member.userId}`]);
    expect(await roleOf(id, member)).toBeUndefined();
  });

  it('is not for the owner', async () => {
    const id = await stage.network();
    expect(await outcome(networks().leave(owner, id))).toBe('ERR_FORBIDDEN owner');
  });

  it('takes back a request to join', async () => {
    const id = await stage.network('public', 'approval');
    await networks().join(guest, id);
    await networks().leave(guest, id);
    expect((await networks().requests(owner, id)).requests).toEqual([]);
  });
});
