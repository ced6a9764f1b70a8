import { describe, expect, it } from 'vitest';
import { welcome } from '../testing/fake-network.js';
import { answer, base, codeOf, harness, message, v1, within } from '../testing/harness.js';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { TokenKeeper, type TokenReason } from './token-keeper.js';
import { renewalPoint, tokenLife } from './token-life.js';

const never = new AbortController().signal;

/** A JWT as far as a client reads it. */
function jwt(iat: number, exp: number): string {
  return `x.${btoa(JSON.stringify({ iat, exp })).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '')}.y`;
}

const pair = { access_token: 'a2', refresh_token: 'r2', expires_in: 900, status: 'refreshed' };

describe('the life of a token', () => {
  it('is exp - iat, whatever the local clock says', () => {
    expect(tokenLife({ accessToken: jwt(100, 1_000) })).toBe(900_000);
    expect(tokenLife({ accessToken: jwt(4e9, 4e9 + 60) })).toBe(60_000);
  });
  it('is expiresIn where the application gives it, and unknown for opaque tokens', () => {
    expect(tokenLife({ accessToken: jwt(100, 1_000), expiresIn: 5 })).toBe(5_000);
    for (const accessToken of ['opaque', 'a.b.c', '', jwt(Number.NaN, 1)])
      expect(tokenLife({ accessToken })).toBeUndefined();
  });
  it('is renewed at 70-90 % of it', () => {
    expect(renewalPoint(100_000, 0)).toBe(70_000);
    expect(renewalPoint(100_000, 0.999)).toBeLessThan(90_000);
    expect(renewalPoint(1_100, 0)).toBe(1_000);
    expect(renewalPoint(10, 0.5)).toBe(10_000);
  });
});

describe('the token keeper', () => {
  it('reuses a fresh token, and never gives a stale one', async () => {
    const clock = createVirtualClock();
    const reasons: TokenReason[] = [];
    const keeper = new TokenKeeper(({ reason }) => {
      reasons.push(reason);
      return { accessToken: `t${reasons.length}`, expiresIn: 100 };
    }, clock);
    expect(await keeper.get('connect', never)).toBe('t1');
    await clock.advance(50_000);
    expect(await keeper.get('connect', never)).toBe('t1');
    await clock.advance(45_000);
    expect(await keeper.get('connect', never)).toBe('t2');
    expect(reasons).toEqual(['connect', 'expired']);
  });

  it('asks once for callers that come together', async () => {
    let calls = 0;
    const keeper = new TokenKeeper(async () => `t${++calls}`, createVirtualClock());
    expect(await Promise.all([keeper.get('connect', never), keeper.get('rejected', never)])).toEqual([
      't1',
      't1',
    ]);
  });

  it('fails when the only token there is was rejected or has run out', async () => {
    const clock = createVirtualClock();
    const fixed = new TokenKeeper('opaque', clock);
    expect(await fixed.get('connect', never)).toBe('opaque');
    expect(await fixed.get('retry', never)).toBe('opaque');
    await expect(fixed.get('rejected', never)).rejects.toMatchObject({ code: 'auth_failed' });
    const dying = new TokenKeeper(jwt(0, 10), clock);
    await dying.get('connect', never);
    await clock.advance(10_000);
    await expect(dying.get('connect', never)).rejects.toMatchObject({ code: 'auth_failed' });
  });

  it('dials with the same token again until it has run out, where the application keeps giving it', async () => {
    const clock = createVirtualClock();
    const reasons: TokenReason[] = [];
    const keeper = new TokenKeeper(({ reason }) => {
      reasons.push(reason);
      return { accessToken: 'cached', expiresIn: 100 };
    }, clock);
    await keeper.get('connect', never);
    await clock.advance(95_000);
    expect(await keeper.get('connect', never)).toBe('cached');
    expect(reasons).toEqual(['connect', 'expired']);
    await clock.advance(5_000);
    await expect(keeper.get('connect', never)).rejects.toMatchObject({ code: 'auth_failed' });
  });

  it('keeps what came later when an answer comes that nobody waits for any more', async () => {
    const clock = createVirtualClock();
    let late: (token: string) => void = () => {};
    const answers = [new Promise<string>((resolve) => (late = resolve)), jwt(0, 900)];
    const keeper = new TokenKeeper(() => answers.shift() ?? 'none', clock);
    const gaveUp = new AbortController();
    const first = keeper.get('connect', gaveUp.signal);
    gaveUp.abort();
    expect(await keeper.get('connect', never)).toBe(jwt(0, 900));
    late('somebody-elses');
    await first;
    expect(await keeper.get('connect', never)).toBe(jwt(0, 900));
  });

  it('takes an answer that is late, but the newest, for the next attempt', async () => {
    const { client, clock, network } = harness({
      token: () =>
        new Promise(
          (resolve) =>
            void clock.setTimeout(() => resolve({ accessToken: 'slow', expiresIn: 3_600 }), 12_000),
        ),
    });
    base(network);
    await within(clock, 40_000, client.connect());
    await client.close();
  });

  it.each(['a\nb', 'two words', 'ä', '\u0000'])(
    'fails with %j, which no header carries, and says so',
    async (token) => {
      for (const source of [token, () => ({ accessToken: token })]) {
        const { client, clock, network } = harness({ token: source });
        await expect(within(clock, 1_000, client.connect())).rejects.toMatchObject({
          code: 'auth_failed',
          message: expect.stringContaining('ASCII'),
        });
        expect([client.state.status, network.sockets.length]).toEqual(['failed', 0]);
        await client.close();
      }
    },
  );

  it('says that token() threw, and what, in the error and in explain()', async () => {
    const cause = new TypeError('fetch failed');
    const { client, clock, told } = harness({ token: () => Promise.reject(cause) });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    client.connect().catch(() => {});
    await clock.settle();
    expect(told).toEqual(['state:connecting', 'state:waiting', 'error:ERR_HANDLER_FAILED']);
    expect(errors).toMatchObject([
      { message: 'fetch failed', cause, remedy: expect.stringContaining('cause') },
    ]);
    expect(client.explain().why).toContain('token() threw: fetch failed');
    await client.close();
    expect(client.explain().why).not.toContain('token()');
  });

  it('says that token() did not answer in the time of an attempt', async () => {
    const { client, clock, told } = harness({ connectTimeoutMs: 1_000, token: () => new Promise(() => {}) });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    client.connect().catch(() => {});
    await clock.advance(1_000);
    expect(told).toEqual(['state:connecting', 'state:waiting', 'error:timeout']);
    expect(errors).toMatchObject([{ message: 'token() did not answer within 1000 ms' }]);
    expect(client.explain().why).toContain('token() did not answer');
    await client.close();
    expect(clock.pending).toBe(0);
  });

  it('blames the network where the token was there', async () => {
    const { client, clock, told } = harness({ connectTimeoutMs: 1_000 });
    client.connect().catch(() => {});
    await clock.advance(1_000);
    expect(told).toEqual(['state:connecting', 'state:waiting']);
    expect(client.explain().why).not.toContain('token()');
    await client.close();
  });

  it('takes an empty answer for "signed out"', async () => {
    const keeper = new TokenKeeper(() => '', createVirtualClock());
    await expect(keeper.get('connect', never)).rejects.toMatchObject({ code: 'auth_failed' });
  });
});

describe('authentication of a client', () => {
  it('gets one fresh token after 4401 and comes back; a second refusal is final (A7)', async () => {
    const reasons: string[] = [];
    const { client, clock, network } = harness({
      token: ({ reason }) => {
        reasons.push(reason);
        return `t${reasons.length}`;
      },
    });
    v1(network);
    await within(clock, 100, client.connect());
    network.last.end(4401);
    await clock.advance(100);
    expect(client.state.status).toBe('connected');
    expect(reasons).toEqual(['connect', 'rejected']);
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      socket.end(4401);
    };
    network.last.end(4401);
    await clock.advance(5_000);
    expect(client.state).toMatchObject({ status: 'failed', error: { code: 'auth_failed' } });
    expect(clock.pending).toBe(0);
  });

  it('awaits nothing any more of an attempt that was refused, while the next token is under way', async () => {
    const { client, clock, network, told } = harness({
      token: ({ reason }) => (reason === 'rejected' ? new Promise(() => {}) : Promise.resolve('t1')),
    });
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      socket.end(4401);
    };
    void client.connect().catch(() => {});
    await clock.advance(60_000);
    expect(told).not.toContain('state:connected');
    expect(told).not.toContain('state:suspended');
    await client.close();
  });

  it('fails at once when a fixed token is rejected', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.last.end(4401);
    await clock.settle();
    expect(client.state).toMatchObject({ status: 'failed', error: { code: 'auth_failed' } });
  });

  it('goes on trying while the token endpoint is down', async () => {
    let calls = 0;
    const { client, clock, network, told } = harness({
      token: async () => {
        if (++calls < 4) throw new TypeError('fetch failed');
        return 't';
      },
    });
    base(network);
    await within(clock, 10_000, client.connect());
    expect(calls).toBe(4);
    expect(told.filter((line) => line.startsWith('error'))).toEqual(
      Array(3).fill('error:ERR_HANDLER_FAILED'),
    );
    expect(client.explain().lastErrors[0]).toMatchObject({ message: 'fetch failed' });
    await client.close();
  });

  it('asks for another token now and then where a browser hides why it fails', async () => {
    const reasons: string[] = [];
    const { client, clock, network } = harness({
      token: ({ reason }) => {
        reasons.push(reason);
        return { accessToken: `t${reasons.length}`, expiresIn: 900 };
      },
    });
    network.onDial = (socket) => socket.fail();
    client.connect().catch(() => {});
    await clock.advance(20_000);
    expect(reasons.slice(0, 2)).toEqual(['connect', 'retry']);
    await client.close();
  });

  it('renews over the socket with a refresh token at 70-90 % of its life, and tells onTokens (A5.3)', async () => {
    const told: unknown[] = [];
    const { client, clock, network } = harness({
      token: () => ({ accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 }),
      onTokens: (pair) => told.push(pair),
    });
    base(network);
    let exchanges = 1;
    network.onSent = (socket, envelope) => {
      if (envelope.type !== 'auth.refresh') return answer(socket, envelope);
      exchanges++;
      const data = {
        access_token: `a${exchanges}`,
        refresh_token: `r${exchanges}`,
        expires_in: 900,
        status: 'refreshed',
      };
      queueMicrotask(() => socket.ack(envelope, data));
    };
    await within(clock, 100, client.connect());
    await clock.advance(629_000);
    expect(network.last.requests('auth.refresh')).toHaveLength(0);
    await clock.advance(182_000);
    expect(network.last.requests('auth.refresh')).toMatchObject([{ data: { refresh_token: 'r1' } }]);
    expect(told).toEqual([{ accessToken: 'a2', refreshToken: 'r2', expiresIn: 900 }]);
    await clock.advance(815_000);
    expect(network.last.requests('auth.refresh')).toHaveLength(2);
    expect(network.sockets).toHaveLength(1);
    await client.close();
  });

  it('is not renewed where that cannot be, and only a connection without a refresh token says to sign in again', async () => {
    const { client, clock, network } = harness();
    expect(await codeOf(client.auth.refresh())).toBe('not_connected');
    const connecting = client.connect();
    expect(await codeOf(client.auth.refresh())).toBe('not_connected');
    base(network);
    network.last?.open('');
    await within(clock, 30_000, connecting);
    expect(await codeOf(client.auth.refresh())).toBe('auth_failed');
    await client.close();
    expect(await codeOf(client.auth.refresh())).toBe('closed');
  });

  it('repeats an exchange whose answer was lost under the same op_id within 10 s (A5.3)', async () => {
    const { client, clock, network } = harness({
      token: () => ({ accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 }),
    });
    v1(network);
    await within(clock, 100, client.connect());
    network.onSent = () => {};
    const first = client.auth.refresh().catch((error: unknown) => error);
    const [request] = network.last.requests('auth.refresh');
    network.last.end(1006);
    expect(await first).toMatchObject({ code: 'unknown_outcome' });
    await clock.advance(1_000);
    expect(network.last.requests('auth.refresh')).toMatchObject([
      { op_id: request?.op_id, data: { refresh_token: 'r1' } },
    ]);
    await client.close();
  });

  it.each(['passed', 'slept'])(
    'does not use a refresh token that may be spent after these 10 s, %s',
    async (how) => {
      const reasons: string[] = [];
      const { client, clock, network } = harness({
        token: ({ reason }) => {
          reasons.push(reason);
          return { accessToken: `a${reasons.length}`, refreshToken: 'r1', expiresIn: 900 };
        },
      });
      v1(network);
      await within(clock, 100, client.connect());
      network.onSent = () => {};
      client.auth.refresh().catch(() => {});
      network.onDial = (socket) => socket.fail();
      network.last.end(1006);
      if (how === 'passed') await clock.advance(30_000);
      else clock.doze(30_000);
      reasons.length = 0;
      v1(network);
      await clock.advance(30_000);
      expect(network.sockets.flatMap((socket) => socket.requests('auth.refresh'))).toHaveLength(1);
      await client.close();
    },
  );

  it('repeats it as well where a drain took the connection from under it, and not while that may still answer', async () => {
    for (const answers of ['no', 'yes']) {
      const renewed: string[] = [];
      const { client, clock, network } = harness({
        token: () => ({ accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 }),
        onTokens: ({ accessToken }) => void renewed.push(accessToken),
      });
      v1(network);
      await within(clock, 100, client.connect());
      network.onSent = () => {};
      const old = network.last;
      network.onDial = (socket) => {
        socket.open('goconnect.v1');
        if (answers === 'yes') old.ack(old.requests('auth.refresh')[0], pair);
        socket.push(welcome());
      };
      old.push({
        type: 'session.draining',
        data: { reconnect_after_ms: 500, deadline_ms: 9_000, reason: 'restart' },
      });
      await clock.advance(400);
      client.auth.refresh().catch(() => {});
      await clock.advance(2_000);
      const [asked] = old.requests('auth.refresh');
      const again = network.last.requests('auth.refresh');
      expect(again).toMatchObject(answers === 'yes' ? [] : [{ op_id: asked?.op_id }]);
      network.last.ack(again[0], pair);
      await clock.settle();
      expect(renewed).toEqual(['a2']);
      await client.close();
    }
  });

  it('moves to a connection with a new token on v1 when there is no refresh token, without a break', async () => {
    const reasons: string[] = [];
    const { client, clock, network, told } = harness({
      token: ({ reason }) => {
        reasons.push(reason);
        return `t${reasons.length}`;
      },
    });
    v1(network, [], { token_expires_in: 100 });
    await within(clock, 100, client.connect());
    await clock.advance(92_000);
    expect(reasons).toEqual(['connect', 'expiring']);
    expect(network.sockets).toHaveLength(2);
    expect(network.sockets.filter((socket) => socket.live)).toHaveLength(1);
    expect(told.filter((one) => one.startsWith('state'))).toEqual(['state:connecting', 'state:connected']);
    await client.close();
  });

  it('does not spin when the application gives the same dying token again and again', async () => {
    let calls = 0;
    const { client, clock, network } = harness({
      token: () => {
        calls++;
        return 'same';
      },
    });
    v1(network, [], { token_expires_in: 2 });
    await within(clock, 100, client.connect());
    await clock.advance(20_000);
    expect(calls).toBeLessThan(25);
    await client.close();
  });

  it.each(['close', 'failed'] as const)(
    'asks for a token anew after %s: it may be somebody else now',
    async (how) => {
      const asked: string[] = [];
      const users = ['alice', 'bob'];
      const { client, clock, network } = harness({
        token: ({ reason }) => {
          asked.push(reason);
          return { accessToken: users.shift() ?? 'nobody', expiresIn: 900 };
        },
        tokenTransport: 'query',
      });
      v1(network);
      await within(clock, 100, client.connect());
      if (how === 'close') await client.close();
      else network.last.end(4503);
      await clock.settle();
      await within(clock, 100, client.connect());
      expect(network.last.url).toContain('token=bob');
      expect(asked).toEqual(['connect', 'connect']);
      await client.close();
    },
  );

  it('does not take in a pair that comes when it was closed meanwhile', async () => {
    const users = ['alice', 'bob'];
    const { client, clock, network } = harness({
      token: () => ({ accessToken: users.shift() ?? 'nobody', refreshToken: 'r1', expiresIn: 900 }),
      tokenTransport: 'query',
    });
    v1(network);
    await within(clock, 100, client.connect());
    client.auth.refresh().catch(() => {});
    client.on('chat.message', () => void client.close());
    const [asked] = network.last.requests('auth.refresh');
    const data = { access_token: 'alice-2', refresh_token: 'r2', expires_in: 900, status: 'refreshed' };
    const frame = [{ type: 'ack', op_id: asked?.op_id, data }, message('m1')];
    network.last.text(frame.map((one) => JSON.stringify(one)).join('\n'));
    await clock.settle();
    await within(clock, 100, client.connect());
    expect(network.last.url).toContain('token=bob');
    await client.close();
  });

  it('has no token that could run out once it is closed', async () => {
    const { client, clock, network } = harness();
    v1(network);
    await within(clock, 100, client.connect());
    expect(client.explain().tokenExpiresAt).toBe(clock.now() + 900_000);
    await client.close();
    expect(client.explain().tokenExpiresAt).toBeUndefined();
  });

  it('shows no refresh token again that may be spent, also when the application asks', async () => {
    const { client, clock, network } = harness({
      token: () => ({ accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 }),
    });
    v1(network);
    await within(clock, 100, client.connect());
    const first = codeOf(client.auth.refresh());
    await clock.advance(10_100);
    expect(await first).toBe('timeout');
    expect(await codeOf(client.auth.refresh())).toBe('auth_failed');
    expect(network.last.requests('auth.refresh')).toHaveLength(1);
    await client.close();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('disk full');
      },
    ],
  ] as const)('survives an onTokens that %s', async (_, onTokens) => {
    const { client, clock, network, told } = harness({
      token: () => ({ accessToken: 'a1', refreshToken: 'r1', expiresIn: 900 }),
      onTokens,
    });
    base(network);
    network.onSent = (socket, envelope) =>
      socket.ack(envelope, { access_token: 'a2', refresh_token: 'r2', expires_in: 900, status: 'refreshed' });
    await within(clock, 100, client.connect());
    await within(clock, 10, client.auth.refresh());
    expect(told).toContain('error:ERR_HANDLER_FAILED');
    await client.close();
  });
});
