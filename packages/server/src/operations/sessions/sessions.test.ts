import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, User } from '../../domain/entities.js';
import { StoreError } from '../../ports/store-error.js';
import { createOperations } from '../create-operations.js';
import { maintain } from '../maintenance.js';
import type { TokenPair } from '../operations.js';
import { outcome } from '../testing/outcome.js';
import { createWorld, type World } from '../testing/world.js';
import { openPair, sealPair } from './sealed-pair.js';

const DAY = 24 * 3600 * 1000;
const PASSWORD = 'correct horse';

let world: World;
beforeEach(async () => {
  world = await createWorld('sqlite::memory:');
});
afterEach(() => world.close());

const sessions = () => world.operations.sessions;
const register = (email = 'ada@x.example') => sessions().register({ email, password: PASSWORD });
const login = (email = 'ada@x.example') => sessions().login(email, PASSWORD);
const refresh = (token: string, opId?: string, subject?: Actor) =>
  sessions().refresh(token, { ...(opId && { opId }), ...(subject && { subject }) });
const actorOf = ({ id, tenantId }: User): Actor => ({ userId: id, tenantId });
/** Whoever has the same id with tokens of another issuer (0019). */
const elsewhere = ({ id }: User): Actor => ({ userId: id, tenantId: 'other' });
const family = (pair: TokenPair) => / in (.*)$/.exec(pair.accessToken)?.[1] ?? '';
const disconnects = () => world.messages.filter(({ kind }) => kind === 'disconnect');

describe('register', () => {
  it('makes a user of the default tenant without any power', async () => {
    expect(await register()).toEqual({
      id: expect.any(String),
      tenantId: 'default',
      email: 'ada@x.example',
      name: 'ada',
      isAdmin: false,
      isModerator: false,
      createdAt: world.clock.time,
    });
    expect(await sessions().register({ email: 'g@x', password: PASSWORD, name: 'Grace' })).toMatchObject({
      name: 'Grace',
    });
  });

  it('refuses a taken e-mail, whatever its case', async () => {
    await register();
    await expect(register('ADA@x.example')).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      details: { field: 'email' },
    });
  });

  it('gives a taken e-mail to one of two who come at once', async () => {
    expect((await Promise.all([outcome(register()), outcome(register())])).sort()).toEqual([
      'ERR_CONFLICT',
      'ok',
    ]);
  });
});

describe('login', () => {
  it('gives a pair and the user', async () => {
    const user = await register();
    const { user: found, ...pair } = await login('Ada@X.example');
    expect(found).toEqual(user);
    expect(pair).toEqual({
      accessToken: expect.any(String),
      refreshToken: expect.any(String),
      expiresIn: 900,
    });
    expect(pair.refreshToken).toMatch(/^[\w-]{43}$/);
    expect(await sessions().isLive(family(pair))).toBe(true);
  });

  it('costs an unknown e-mail as much as a wrong password, and tells nothing', async () => {
    await register();
    const verified: string[] = [];
    const { createOperations } = await import('../create-operations.js');
    const { sessions: watched } = createOperations({
      ...world.deps,
      passwords: {
        hash: world.deps.passwords.hash,
        verify: (password, hash) => {
          verified.push(hash);
          return world.deps.passwords.verify(password, hash);
        },
      },
    });
    const errors = [];
    for (const email of ['ada@x.example', 'nobody@x.example']) {
      errors.push(await watched.login(email, 'wrong').catch((error: unknown) => error));
    }
    expect(errors[0]).toMatchObject({ code: 'ERR_UNAUTHORIZED' });
    expect(errors[1]).toEqual(errors[0]);
    expect(verified).toEqual([`hash of ${PASSWORD}`, expect.stringMatching(/^hash of [\w-]{43}$/)]);
  });
});

describe('refresh', () => {
  it('A5.3 rotates: the new pair works, the old token is spent', async () => {
    await register();
    const first = await login();
    const second = await refresh(first.refreshToken);
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect(family(second)).toBe(family(first));
    const third = await refresh(second.refreshToken);
    expect(await outcome(refresh(third.refreshToken))).toBe('ok');
    expect(disconnects()).toEqual([]);
  });

  it('A5.3 a spent token revokes its family and closes its connections, and only its own', async () => {
    const user = await register();
    const [stolen, other] = [await login(), await login()];
    const successor = await refresh(stolen.refreshToken);
    expect(await outcome(refresh(stolen.refreshToken))).toBe('ERR_UNAUTHORIZED');
    expect(disconnects()).toEqual([
      {
        kind: 'disconnect',
        userId: user.id,
        familyId: family(stolen),
        code: 4401,
        reason: expect.any(String),
      },
    ]);
    expect(await outcome(refresh(successor.refreshToken))).toBe('ERR_UNAUTHORIZED');
    expect(await sessions().isLive(family(stolen))).toBe(false);
    expect(await outcome(refresh(other.refreshToken))).toBe('ok');
  });

  it('A5.3 the same op_id within 10 s gets the same pair again: a lost ack is innocent', async () => {
    await register();
    const { refreshToken } = await login();
    const first = await refresh(refreshToken, 'op-1');
    world.clock.advance(10_000);
    expect(await refresh(refreshToken, 'op-1')).toEqual(first);
    expect(await refresh(refreshToken, 'op-1')).toEqual(first);
    expect(disconnects()).toEqual([]);
    expect(await outcome(refresh(first.refreshToken))).toBe('ok');
  });

  it.each([
    ['another op_id', 'op-2', 0],
    ['no op_id', undefined, 0],
    ['the same op_id after 10 s', 'op-1', 10_001],
  ])('A5.3 %s is a second use', async (_, opId, later) => {
    await register();
    const { refreshToken } = await login();
    const { refreshToken: successor } = await refresh(refreshToken, 'op-1');
    world.clock.advance(later);
    expect(await outcome(refresh(refreshToken, opId))).toBe('ERR_UNAUTHORIZED');
    expect(disconnects()).toHaveLength(1);
    expect(await outcome(refresh(successor))).toBe('ERR_UNAUTHORIZED');
  });

  it('A5.3 gives one pair to repeats that arrive at once', async () => {
    await register();
    const { refreshToken } = await login();
    const pairs = await Promise.all(Array.from({ length: 5 }, () => refresh(refreshToken, 'op-1')));
    expect(new Set(pairs.map((pair) => JSON.stringify(pair))).size).toBe(1);
    expect(disconnects()).toEqual([]);
  });

  it('A5.3 of two different requests at once one wins, the other revokes the family', async () => {
    await register();
    const { refreshToken } = await login();
    const results = await Promise.all([
      outcome(refresh(refreshToken, 'a')),
      outcome(refresh(refreshToken, 'b')),
    ]);
    expect(results.sort()).toEqual(['ERR_UNAUTHORIZED', 'ok']);
    expect(disconnects()).toHaveLength(1);
  });

  it('A5.3 is for the connection’s own subject; the token stays good', async () => {
    const ada = await register();
    const grace = await register('grace@x.example');
    const { refreshToken } = await login();
    expect(await outcome(refresh(refreshToken, 'op-1', actorOf(grace)))).toBe('ERR_UNAUTHORIZED');
    expect(disconnects()).toEqual([]);
    const pair = await refresh(refreshToken, 'op-1', actorOf(ada));
    // Not even with the right op_id does somebody else get the pair.
    expect(await outcome(refresh(refreshToken, 'op-1', actorOf(grace)))).toBe('ERR_UNAUTHORIZED');
    expect(await outcome(refresh(pair.refreshToken))).toBe('ERR_UNAUTHORIZED');
  });

  it('A5.3 is not for somebody of the same id in another tenant', async () => {
    const ada = await register();
    const { refreshToken } = await login();
    expect(await outcome(refresh(refreshToken, 'op-1', elsewhere(ada)))).toBe('ERR_UNAUTHORIZED');
    expect(disconnects()).toEqual([]);
    await refresh(refreshToken, 'op-1', actorOf(ada));
    // Nor do they get the pair of a lost ack.
    expect(await outcome(refresh(refreshToken, 'op-1', elsewhere(ada)))).toBe('ERR_UNAUTHORIZED');
  });

  it('ends with the life of the token, which a rotation renews', async () => {
    await register();
    const { refreshToken } = await login();
    world.clock.advance(6 * DAY);
    const second = await refresh(refreshToken);
    world.clock.advance(7 * DAY - 1);
    const third = await refresh(second.refreshToken);
    world.clock.advance(7 * DAY);
    expect(await outcome(refresh(third.refreshToken))).toBe('ERR_UNAUTHORIZED');
    expect(disconnects()).toEqual([]);
  });

  it.each(['', 'x', 'a.b.c', '\u{1F600}'.repeat(1000)])(
    'refuses what never was a token (%#)',
    async (token) => {
      expect(await outcome(refresh(token, 'op'))).toBe('ERR_UNAUTHORIZED');
    },
  );

  it('A5.3 stores tokens hashed, and the successor sealed', async () => {
    await register();
    const first = await login();
    const second = await refresh(first.refreshToken, 'op-1');
    const { sha256 } = await import('../sha256.js');
    const row = await world.store.read((tx) => tx.refreshTokens.get(sha256(first.refreshToken)));
    const stored = JSON.stringify(row);
    for (const secret of [first.refreshToken, second.refreshToken, second.accessToken]) {
      expect(stored).not.toContain(secret);
    }
    const sealed = row?.sealedSuccessor ?? '';
    expect(openPair(sealed, first.refreshToken, 'op-1')).toEqual(second);
    expect(() => openPair(sealed, second.refreshToken, 'op-1')).toThrow();
    expect(() => openPair(sealed, first.refreshToken, 'op-2')).toThrow();
    expect(sealPair(second, first.refreshToken, 'op-1')).not.toBe(sealed);
  });
});

describe('logout', () => {
  it('revokes the family, closes its connections, and may come twice', async () => {
    const user = await register();
    const first = await login();
    const second = await refresh(first.refreshToken);
    const actor = { userId: user.id, tenantId: user.tenantId };
    await sessions().logout(actor, second.refreshToken);
    await sessions().logout(actor, second.refreshToken);
    expect(disconnects()).toEqual([
      { kind: 'disconnect', userId: user.id, familyId: family(first), code: 4401, reason: 'logged out' },
    ]);
    expect(await sessions().isLive(family(first))).toBe(false);
    expect(await outcome(refresh(second.refreshToken))).toBe('ERR_UNAUTHORIZED');
  });

  it('closes them also when nobody knows whether it took effect: who may still come in comes back', async () => {
    const user = await register();
    const first = await login();
    const store = {
      ...world.store,
      read: world.store.read.bind(world.store),
      write: async (work: Parameters<typeof world.store.write>[0]) => {
        await world.store.write(work);
        throw new StoreError('unknown_outcome', 'cut');
      },
    };
    const lost = createOperations({ ...world.deps, store } as never).sessions;
    const actor = { userId: user.id, tenantId: user.tenantId };
    await expect(lost.refresh(first.refreshToken, { opId: 'op' })).rejects.toThrow('cut');
    expect(disconnects()).toEqual([]);
    await expect(lost.refresh(first.refreshToken, { opId: 'another' })).rejects.toThrow('cut');
    await expect(lost.logout(actor, (await login()).refreshToken)).rejects.toThrow('cut');
    expect(disconnects()).toMatchObject([
      { familyId: family(first), reason: 'refresh token used twice' },
      { userId: user.id, reason: 'logged out' },
    ]);
  });

  it('is for the token’s own user, an id within a tenant', async () => {
    const ada = await register();
    const { refreshToken } = await login();
    const grace = await register('grace@x.example');
    for (const somebody of [actorOf(grace), elsewhere(ada)])
      expect(await outcome(sessions().logout(somebody, refreshToken))).toBe('ERR_UNAUTHORIZED');
    expect(await outcome(refresh(refreshToken))).toBe('ok');
  });
});

describe('maintenance', () => {
  const retention = { operationsMs: DAY, eventsMs: DAY };

  it('forgets sealed successors after 10 s, spent tokens when they expire, and no sooner', async () => {
    await register();
    const { refreshToken } = await login();
    await refresh(refreshToken, 'op-1');
    world.clock.advance(10_001);
    expect(await maintain(world.deps, retention)).toMatchObject({ refreshTokens: 0 });
    const { sha256 } = await import('../sha256.js');
    const row = () => world.store.read((tx) => tx.refreshTokens.get(sha256(refreshToken)));
    expect(await row()).toMatchObject({ sealedSuccessor: null, spentBy: 'op-1' });
    world.clock.advance(7 * DAY);
    expect(await maintain(world.deps, retention)).toMatchObject({ refreshTokens: 2 });
    expect(await row()).toBeUndefined();
  });

  it('trims logs in small steps, leaves messages alone, and stops when told to', async () => {
    const actor = await world.user('u');
    await Promise.all(
      Array.from({ length: 1_200 }, (_, n) =>
        world.operations.chat.send({ actor }, { scope: 'host', body: `${n}` }),
      ),
    );
    world.clock.advance(DAY + 1);
    expect(await maintain(world.deps, retention, AbortSignal.abort())).toMatchObject({ events: 0 });
    await world.operations.chat.send({ actor }, { scope: 'host', body: 'new' });
    expect(await maintain(world.deps, retention)).toMatchObject({ events: 1_200 });
    expect((await world.log('host')).map(({ seq }) => seq)).toEqual([1_201]);
    expect((await world.operations.chat.history(actor, { scope: 'host', limit: 100 })).messages).toHaveLength(
      100,
    );
  });
});
