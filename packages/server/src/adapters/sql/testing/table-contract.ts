import { beforeEach, describe, expect, it } from 'vitest';
import type { Store, Transaction } from '../../../ports/store.js';
import { networkOf } from './network-of.js';

function userOf(id: string, tenantId = 't1', flags: { isAdmin?: boolean; isModerator?: boolean } = {}) {
  const { isAdmin = false, isModerator = false } = flags;
  return {
    id,
    tenantId,
    email: `${id}@X.example`,
    name: id,
    isAdmin,
    isModerator,
    createdAt: 1_767_225_600_000,
  };
}

const messageOf = (id: string, seq: number, scope = 'host') => ({
  id,
  scope,
  seq,
  tenantId: 't1',
  userId: 'u',
  body: `body ${id}`,
  attachments: ['https://x.example/'],
  redacted: false,
  deletedAt: null,
  editedAt: null,
  createdAt: 1_767_225_600_000,
});

/** What every table must do. */
export function describeTables(store: () => Store): void {
  const write = <T>(work: (tx: Transaction) => Promise<T>) => store().write(work);

  describe('users', () => {
    it('are found by id and by e-mail, whatever its case', async () => {
      const user = userOf('Ärne');
      expect(await write((tx) => tx.users.insert(user, 'hash'))).toBe(true);
      expect(await write((tx) => tx.users.get('Ärne'))).toEqual(user);
      expect(await write((tx) => tx.users.withPassword('äRNE@x.EXAMPLE'))).toEqual({
        user,
        passwordHash: 'hash',
      });
      expect(await write((tx) => tx.users.get('nobody'))).toBeUndefined();
      expect(await write((tx) => tx.users.withPassword('nobody'))).toBeUndefined();
    });

    it('have an e-mail of their own', async () => {
      await write((tx) => tx.users.insert(userOf('a'), 'hash'));
      const same = { ...userOf('b'), email: 'A@x.example' };
      expect(await write((tx) => tx.users.insert(same, 'hash'))).toBe(false);
      expect(await write((tx) => tx.users.get('b'))).toBeUndefined();
    });
  });

  describe('networks', () => {
    it('are kept, changed and removed with everything that belongs to them', async () => {
      const network = networkOf('n', 't1');
      await write(async (tx) => {
        await tx.networks.insert(network);
        await tx.members.put({ networkId: 'n', userId: 'u', role: 'owner', joinedAt: 1 });
        await tx.members.requests.insert({ id: 'r', networkId: 'n', userId: 'v', createdAt: 1 });
        await tx.members.bans.put({ networkId: 'n', userId: 'w', bannedBy: 'u', reason: null, bannedAt: 1 });
        await tx.members.invites.insert({ tokenHash: 'h', networkId: 'n', expiresAt: 10, usesLeft: 1 });
      });
      const changed = {
        ...network,
        name: 'New',
        visibility: 'private' as const,
        joinPolicy: 'invite' as const,
        updatedAt: 3,
      };
      await write((tx) => tx.networks.update(changed));
      expect(await write((tx) => tx.networks.get('n'))).toEqual(changed);
      await write((tx) => tx.networks.delete('n'));
      await write(async (tx) => {
        expect(await tx.networks.get('n')).toBeUndefined();
        expect(await tx.members.ofNetwork('n', { limit: 10 })).toEqual([]);
        expect(await tx.members.requests.ofNetwork('n', { limit: 10 })).toEqual([]);
        expect(await tx.members.bans.has('n', 'w')).toBe(false);
        expect(await tx.members.invites.use('h', 'n', 1)).toBeUndefined();
      });
    });

    it('A3.3 are listed page by page within their tenant', async () => {
      await write(async (tx) => {
        for (const id of ['a', 'b', 'c', 'd'])
          await tx.networks.insert(networkOf(id, 't1', id === 'b' ? 'private' : 'public'));
        await tx.networks.insert(networkOf('bb', 't2'));
        for (const id of ['b', 'd'])
          await tx.members.put({ networkId: id, userId: 'u', role: 'member', joinedAt: 1 });
        await tx.members.put({ networkId: 'bb', userId: 'u', role: 'member', joinedAt: 1 });
      });
      const list = async (kind: 'public' | 'mine' | 'all', limit: number, after?: string) =>
        (
          await write((tx) =>
            tx.networks.list({ tenantId: 't1', kind, userId: 'u' }, { limit, ...(after && { after }) }),
          )
        ).map(({ id }) => id);
      expect(await list('all', 3)).toEqual(['a', 'b', 'c']);
      expect(await list('all', 3, 'c')).toEqual(['d']);
      expect(await list('public', 10)).toEqual(['a', 'c', 'd']);
      expect(await list('mine', 10)).toEqual(['b', 'd']);
      expect(await list('mine', 10, 'b')).toEqual(['d']);
      expect((await write((tx) => tx.members.ofUser('u', 't1'))).map(({ networkId }) => networkId)).toEqual([
        'b',
        'd',
      ]);
      expect(await write((tx) => tx.members.countOfUser('u', 't1'))).toBe(2);
      expect(await write((tx) => tx.members.countOfUser('u', 't3'))).toBe(0);
    });

    it('A3.7 tell in one look where a user stands; flags count in the own tenant only', async () => {
      await write(async (tx) => {
        await tx.networks.insert(networkOf('n', 't1'));
        await tx.users.insert(userOf('mod', 't1', { isModerator: true }), 'hash');
        await tx.users.insert(userOf('root2', 't2', { isAdmin: true }), 'hash');
        await tx.members.put({ networkId: 'n', userId: 'mod', role: 'member', joinedAt: 1 });
      });
      const standing = (userId: string) => write((tx) => tx.networks.standing('n', userId));
      expect(await standing('mod')).toEqual({
        network: networkOf('n', 't1'),
        role: 'member',
        isAdmin: false,
        isModerator: true,
      });
      expect(await standing('root2')).toMatchObject({ role: undefined, isAdmin: false });
      expect(await standing('nobody')).toMatchObject({ role: undefined, isAdmin: false, isModerator: false });
      expect(await write((tx) => tx.networks.standing('none', 'mod'))).toBeUndefined();
    });
  });

  describe('members', () => {
    beforeEach(() => write((tx) => tx.networks.insert(networkOf('n', 't1'))));

    it('have one role, which may change; their name comes along', async () => {
      await write(async (tx) => {
        await tx.users.insert({ ...userOf('u'), name: 'Ursula' }, 'hash');
        await tx.members.put({ networkId: 'n', userId: 'u', role: 'member', joinedAt: 5 });
        await tx.members.put({ networkId: 'n', userId: 'u', role: 'admin', joinedAt: 9 });
        await tx.members.put({ networkId: 'n', userId: 'foreign', role: 'owner', joinedAt: 7 });
      });
      expect(await write((tx) => tx.members.ofNetwork('n', { limit: 10 }))).toEqual([
        { networkId: 'n', userId: 'u', role: 'admin', joinedAt: 5, name: 'Ursula' },
        { networkId: 'n', userId: 'foreign', role: 'owner', joinedAt: 7, name: 'foreign' },
      ]);
      expect(await write((tx) => tx.members.staff('n'))).toEqual(['foreign', 'u']);
      expect(await write((tx) => tx.members.delete('n', 'u'))).toBe(true);
      expect(await write((tx) => tx.members.delete('n', 'u'))).toBe(false);
      expect(await write((tx) => tx.members.get('n', 'u'))).toBeUndefined();
    });

    it('A3.3 have no name of somebody in another tenant who has the same id', async () => {
      await write(async (tx) => {
        await tx.users.insert({ ...userOf('u', 't2'), name: 'Ursula' }, 'hash');
        await tx.members.put({ networkId: 'n', userId: 'u', role: 'member', joinedAt: 5 });
        await tx.members.requests.insert({ id: 'r', networkId: 'n', userId: 'u', createdAt: 5 });
        const ban = { networkId: 'n', userId: 'u', bannedBy: 'x', reason: null, bannedAt: 5 };
        await tx.members.bans.put(ban);
      });
      const names = await write(async ({ members }) => [
        ...(await members.ofNetwork('n', { limit: 1 })),
        ...(await members.requests.ofNetwork('n', { limit: 1 })),
        ...(await members.bans.ofNetwork('n', 1)),
      ]);
      expect(names.map(({ name }) => name)).toEqual(['u', 'u', 'u']);
    });

    it('are listed in pages, whoever came first before the others', async () => {
      const came: [string, number][] = [
        ['d', 4],
        ['b', 5],
        ['c', 5],
        ['a', 9],
      ];
      await write(async (tx) => {
        await tx.networks.insert(networkOf('other', 't1'));
        await tx.members.put({ networkId: 'other', userId: 'x', role: 'member', joinedAt: 5 });
        for (const [userId, at] of came) {
          await tx.members.put({ networkId: 'n', userId, role: 'member', joinedAt: at });
          await tx.members.requests.insert({ id: userId, networkId: 'n', userId, createdAt: at });
        }
      });
      const page = (after?: { at: number; id: string }) => ({ limit: 2, ...(after && { after }) });
      for (const list of ['members', 'requests'] as const) {
        const ids = (after?: { at: number; id: string }) =>
          write(async (tx) => {
            const table = list === 'members' ? tx.members : tx.members.requests;
            return (await table.ofNetwork('n', page(after))).map(({ userId }) => userId);
          });
        expect(await ids()).toEqual(['d', 'b']);
        expect(await ids({ at: 5, id: 'b' })).toEqual(['c', 'a']);
        expect(await ids({ at: 9, id: 'a' })).toEqual([]);
      }
      expect(await write((tx) => tx.members.count('n'))).toBe(4);
      expect(await write((tx) => tx.members.count('none'))).toBe(0);
    });

    it('belong to a network that exists', async () => {
      const stray = { networkId: 'none', userId: 'u', role: 'member' as const, joinedAt: 1 };
      await expect(write((tx) => tx.members.put(stray))).rejects.toThrow();
    });

    it('ask to join once', async () => {
      const request = { id: 'r', networkId: 'n', userId: 'u', createdAt: 1 };
      await write((tx) => tx.members.requests.insert(request));
      expect(await write((tx) => tx.members.requests.get('n', 'u'))).toEqual(request);
      expect(await write((tx) => tx.members.requests.ofNetwork('n', { limit: 10 }))).toEqual([
        { ...request, name: 'u' },
      ]);
      await expect(write((tx) => tx.members.requests.insert({ ...request, id: 'r2' }))).rejects.toThrow();
      expect(await write((tx) => tx.members.requests.delete('n', 'u'))).toBe(true);
      expect(await write((tx) => tx.members.requests.delete('n', 'u'))).toBe(false);
    });

    it('are banned until the ban is lifted', async () => {
      const ban = { networkId: 'n', userId: 'u', bannedBy: 'o', reason: 'r', bannedAt: 1 };
      await write((tx) => tx.members.bans.put(ban));
      await write((tx) => tx.members.bans.put({ ...ban, reason: null }));
      expect(await write((tx) => tx.members.bans.has('n', 'u'))).toBe(true);
      await write((tx) => tx.members.bans.put({ ...ban, userId: 'later', bannedAt: 2 }));
      expect(await write((tx) => tx.members.bans.ofNetwork('n', 10))).toEqual([
        { networkId: 'n', userId: 'later', name: 'later', reason: 'r', bannedAt: 2 },
        { networkId: 'n', userId: 'u', name: 'u', reason: null, bannedAt: 1 },
      ]);
      expect(await write((tx) => tx.members.bans.ofNetwork('n', 1))).toHaveLength(1);
      expect(await write((tx) => tx.members.bans.delete('n', 'u'))).toBe(true);
      expect(await write((tx) => tx.members.bans.delete('n', 'u'))).toBe(false);
      expect(await write((tx) => tx.members.bans.has('n', 'u'))).toBe(false);
    });

    it('use an invite as often as it says, in time, for its network', async () => {
      await write(async (tx) => {
        await tx.members.invites.insert({ tokenHash: 'h', networkId: 'n', expiresAt: 100, usesLeft: 2 });
        await tx.members.invites.insert({ tokenHash: 'old', networkId: 'n', expiresAt: 50, usesLeft: 2 });
      });
      const use = (hash: string, networkId = 'n', now = 99) =>
        write((tx) => tx.members.invites.use(hash, networkId, now));
      expect(await use('h', 'other')).toBeUndefined();
      expect(await use('h', 'n', 100)).toBeUndefined();
      expect(await use('h')).toMatchObject({ usesLeft: 1 });
      expect(await use('h')).toMatchObject({ usesLeft: 0 });
      expect(await use('h')).toBeUndefined();
      expect(await write((tx) => tx.members.invites.trim(60, 10))).toBe(1);
      expect(await write((tx) => tx.members.invites.trim(60, 10))).toBe(0);
    });
  });

  describe('messages', () => {
    it('are kept and changed', async () => {
      const message = messageOf('m', 1);
      await write((tx) => tx.messages.insert(message));
      expect(await write((tx) => tx.messages.get('m'))).toEqual(message);
      const changed = { ...message, body: '', attachments: [], redacted: true, deletedAt: 5, editedAt: 6 };
      await write((tx) => tx.messages.update(changed));
      expect(await write((tx) => tx.messages.get('m'))).toEqual(changed);
      expect(await write((tx) => tx.messages.get('x'))).toBeUndefined();
    });

    it('B3.5 are read newest first, or oldest first after one', async () => {
      await write(async (tx) => {
        for (let n = 1; n <= 5; n++) await tx.messages.insert(messageOf(`m${n}`, n * 10));
        await tx.messages.insert(messageOf('other', 30, 'network:n'));
      });
      const page = async (query: object) =>
        (await write((tx) => tx.messages.page({ scope: 'host', limit: 2, ...query }))).map(({ id }) => id);
      expect(await page({})).toEqual(['m5', 'm4']);
      expect(await page({ beforeSeq: 40 })).toEqual(['m3', 'm2']);
      expect(await page({ beforeSeq: 10 })).toEqual([]);
      expect(await page({ afterSeq: 20 })).toEqual(['m3', 'm4']);
      expect(await page({ afterSeq: 20, beforeSeq: 50 })).toEqual(['m4', 'm3']);
    });

    it('A3.6 leave nothing but their place when they are removed', async () => {
      await write(async (tx) => {
        await tx.messages.insert(messageOf('m', 7));
        await tx.messages.edits.insert({
          messageId: 'm',
          seq: 8,
          previousBody: 'x',
          change: 'edit',
          changedBy: 'u',
          changedAt: 1,
        });
      });
      expect(await write((tx) => tx.messages.placeOf('m'))).toEqual({ scope: 'host', seq: 7 });
      await write((tx) => tx.messages.delete('m'));
      expect(await write((tx) => tx.messages.get('m'))).toBeUndefined();
      expect(await write((tx) => tx.messages.edits.of('m'))).toEqual([]);
      expect(await write((tx) => tx.messages.placeOf('m'))).toEqual({ scope: 'host', seq: 7 });
      expect(await write((tx) => tx.messages.placeOf('never'))).toBeUndefined();
      await write((tx) => tx.messages.delete('m'));
    });

    it('A3.6 remember every body they had, in order', async () => {
      const edit = (seq: number, previousBody: string) => ({
        messageId: 'm',
        seq,
        previousBody,
        change: 'edit' as const,
        changedBy: 'u',
        changedAt: 1,
      });
      await write(async (tx) => {
        await tx.messages.insert(messageOf('m', 7));
        await tx.messages.edits.insert(edit(9, 'second'));
        await tx.messages.edits.insert(edit(8, 'first'));
      });
      expect(await write((tx) => tx.messages.edits.of('m'))).toEqual([edit(8, 'first'), edit(9, 'second')]);
    });
  });

  describe('operations', () => {
    const record = { owner: 'o', opId: 'op-1', fingerprint: 'f', reply: '{"a":1}', at: 5 };

    it('B4.1 are remembered once for their key', async () => {
      expect(await write((tx) => tx.operations.insert(record))).toBe(true);
      expect(await write((tx) => tx.operations.insert({ ...record, reply: 'other' }))).toBe(false);
      for (const owner of ['p', 'tenant\u001fo'])
        expect(await write((tx) => tx.operations.insert({ ...record, owner }))).toBe(true);
      expect(await write((tx) => tx.operations.get('o', 'op-1'))).toEqual(record);
      expect(await write((tx) => tx.operations.get('o', 'op-2'))).toBeUndefined();
    });

    it('are trimmed in steps', async () => {
      for (let n = 0; n < 5; n++)
        await write((tx) => tx.operations.insert({ ...record, opId: `${n}`, at: n }));
      expect(await write((tx) => tx.operations.trim(3, 2))).toBe(2);
      expect(await write((tx) => tx.operations.trim(3, 2))).toBe(1);
      expect(await write((tx) => tx.operations.get('o', '3'))).toBeDefined();
    });
  });

  describe('refresh tokens', () => {
    const token = {
      tokenHash: 'h1',
      familyId: 'f',
      userId: 'u',
      expiresAt: 100,
      spentAt: null,
      spentBy: null,
      sealedSuccessor: null,
    };
    const spent = { at: 7, opId: 'op', sealedSuccessor: 'sealed' };

    it('A5.3 are spent once', async () => {
      await write((tx) => tx.refreshTokens.insert(token));
      expect(await write((tx) => tx.refreshTokens.get('h1'))).toEqual(token);
      expect(await write((tx) => tx.refreshTokens.spend('h1', spent))).toBe(true);
      expect(await write((tx) => tx.refreshTokens.spend('h1', { ...spent, at: 8 }))).toBe(false);
      expect(await write((tx) => tx.refreshTokens.get('h1'))).toEqual({
        ...token,
        spentAt: 7,
        spentBy: 'op',
        sealedSuccessor: 'sealed',
      });
    });

    it('forget what they were exchanged for, but not that they were', async () => {
      await write((tx) => tx.refreshTokens.insert(token));
      await write((tx) => tx.refreshTokens.spend('h1', spent));
      expect(await write((tx) => tx.refreshTokens.forgetSuccessors(7, 10))).toBe(0);
      expect(await write((tx) => tx.refreshTokens.forgetSuccessors(8, 10))).toBe(1);
      expect(await write((tx) => tx.refreshTokens.forgetSuccessors(8, 10))).toBe(0);
      expect(await write((tx) => tx.refreshTokens.get('h1'))).toMatchObject({
        spentAt: 7,
        sealedSuccessor: null,
      });
    });

    it('go with their family, or when they expired', async () => {
      await write(async (tx) => {
        await tx.refreshTokens.insert(token);
        await tx.refreshTokens.insert({ ...token, tokenHash: 'h2' });
        await tx.refreshTokens.insert({ ...token, tokenHash: 'h3', familyId: 'g' });
      });
      expect(await write((tx) => tx.refreshTokens.hasFamily('f'))).toBe(true);
      await write((tx) => tx.refreshTokens.deleteFamily('f'));
      expect(await write((tx) => tx.refreshTokens.hasFamily('f'))).toBe(false);
      expect(await write((tx) => tx.refreshTokens.trim(100, 10))).toBe(0);
      expect(await write((tx) => tx.refreshTokens.trim(101, 10))).toBe(1);
      expect(await write((tx) => tx.refreshTokens.hasFamily('g'))).toBe(false);
    });
  });
}
