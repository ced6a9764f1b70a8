import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClientOptions } from './client-options.js';
import { createClient } from './create-client.js';
import { welcome } from './testing/fake-network.js';
import { base, codeOf, harness, message, v1, within } from './testing/harness.js';

const send = { scope: 'network:n', body: 'hi' } as const;

describe('connect()', () => {
  it('resolves when a base server opens the socket', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    expect(client.state.status).toBe('connected');
    expect(client.capabilities.session).toBe(false);
    expect(network.last.protocols).toEqual(['goconnect.v1']);
    expect(network.last.url).toMatch(
      /client_id=[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}/,
    );
    await client.close();
  });

  it('resolves on v1 only when welcomed (B2)', async () => {
    const { client, clock, network } = harness();
    network.onDial = (socket) => socket.open('goconnect.v1');
    const connected = client.connect();
    await clock.advance(500);
    expect(client.state.status).toBe('connecting');
    network.last.push(welcome());
    await connected;
    expect(client.capabilities.session).toBe(true);
    await client.close();
  });

  it('works with a base server that selects whatever is offered and never welcomes, and upgrades on a late welcome', async () => {
    const { client, clock, network } = harness();
    network.onDial = (socket) => socket.open('goconnect.v1');
    await within(clock, 2_000, client.connect());
    expect(client.capabilities.session).toBe(false);
    network.last.push(welcome());
    await clock.settle();
    expect(client.capabilities.session).toBe(true);
    await client.close();
  });

  it('takes a server at its word that speaks without a welcome', async () => {
    const { client, clock, network } = harness();
    const heard: string[] = [];
    client.on('chat.message', ({ id }) => void heard.push(id));
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      socket.push(message('m1'));
    };
    await within(clock, 10, client.connect());
    expect(client.capabilities.session).toBe(false);
    expect(heard).toEqual(['m1']);
    await client.close();
  });

  it('is idempotent: many callers, one socket', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, Promise.all([client.connect(), client.connect(), client.connect()]));
    await client.connect();
    expect(network.sockets).toHaveLength(1);
    await client.close();
  });

  it('ends the wait of the one who aborts, and goes on for the others', async () => {
    const { client, clock, network } = harness();
    const controller = new AbortController();
    const mine = codeOf(client.connect({ signal: controller.signal }));
    const other = client.connect();
    controller.abort();
    expect(await mine).toBe('aborted');
    await clock.settle();
    network.last.open();
    await within(clock, 10, other);
    await client.close();
  });

  it('says that the attempts go on', async () => {
    const { client } = harness();
    const controller = new AbortController();
    const aborted = client.connect({ signal: controller.signal });
    controller.abort();
    await expect(aborted).rejects.toMatchObject({ remedy: expect.stringContaining('close()') });
    await client.close();
  });

  it('does not dial for a signal that is already aborted', async () => {
    const { client, clock, network } = harness();
    expect(await codeOf(client.connect({ signal: AbortSignal.abort() }))).toBe('aborted');
    await clock.settle();
    expect(network.sockets).toHaveLength(0);
    expect(client.state.status).toBe('idle');
  });

  it('tries for ever, counts an error without close as a failure, and never waits longer than the cap', async () => {
    const { client, clock, network } = harness();
    network.onDial = (socket) => socket.fail();
    const connected = client.connect();
    const gaps: number[] = [];
    let before = 0;
    let seen = 0;
    while (gaps.length < 25) {
      await clock.advance(50);
      if (network.sockets.length > seen) {
        seen = network.sockets.length;
        gaps.push(clock.monotonic() - before);
        before = clock.monotonic();
      }
    }
    expect(Math.max(...gaps)).toBeLessThanOrEqual(20_100);
    expect(Math.min(...gaps.slice(1))).toBeGreaterThanOrEqual(250);
    // Full jitter: late delays differ from each other.
    expect(new Set(gaps.slice(10)).size).toBeGreaterThan(8);
    base(network);
    await within(clock, 25_000, connected);
    await client.close();
  });

  it('gives an attempt up that takes longer than connectTimeoutMs, token included', async () => {
    const asked: AbortSignal[] = [];
    const { client, clock, network } = harness({
      connectTimeoutMs: 1_000,
      token: ({ signal }) => {
        asked.push(signal);
        return asked.length === 1 ? new Promise(() => {}) : 'token-2';
      },
    });
    base(network);
    await within(clock, 5_000, client.connect());
    expect(asked).toHaveLength(2);
    expect(asked[0]?.aborted).toBe(true);
    await client.close();
  });

  it('can be opened again after close()', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    await client.close();
    expect(await codeOf(client.request('chat.send', send))).toBe('closed');
    await within(clock, 100, client.connect());
    expect(client.state.status).toBe('connected');
    await client.close();
  });
});

describe('how a connection ends', () => {
  it.each([1001, 1005, 1006, 1011, 1014, 4400, 4408, 4409, 4412, 4429, 4499])(
    'comes back after %i (A7)',
    async (code) => {
      const { client, clock, network } = harness();
      base(network);
      await within(clock, 100, client.connect());
      network.last.end(code);
      expect(client.state.status).toBe('waiting');
      await clock.advance(1_000);
      expect(client.state.status).toBe('connected');
      await client.close();
    },
  );

  it.each([
    [1000, 'closed'],
    [1002, 'closed'],
    [1009, 'closed'],
    [4501, 'auth_failed'],
    [4503, 'ERR_FORBIDDEN'],
    [4999, 'closed'],
  ])('stays away after %i: %s (A7)', async (code, error) => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.last.end(code);
    await clock.advance(300_000);
    expect(client.state).toMatchObject({ status: 'failed', error: { code: error } });
    expect(network.sockets).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('waits as long as a 4429 says', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.last.end(4429, '{"retry_after_ms":30000}');
    await clock.advance(29_000);
    expect(network.sockets).toHaveLength(1);
    await clock.advance(3_000);
    expect(client.state.status).toBe('connected');
    await client.close();
  });

  it('tells lost after 5 s, suspended after 2 min, restored when it is back', async () => {
    const { client, clock, network, told } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.onDial = (socket) => socket.fail();
    network.last.end(1006);
    await clock.advance(4_900);
    expect(told).not.toContain('lost');
    await clock.advance(200);
    expect(told.filter((one) => one === 'lost')).toHaveLength(1);
    await clock.advance(114_000);
    expect(client.state.status).not.toBe('suspended');
    await clock.advance(2_000);
    expect(client.state.status).toBe('suspended');
    base(network);
    await clock.advance(25_000);
    expect(client.state.status).toBe('connected');
    expect(told.filter((one) => one === 'restored')).toHaveLength(1);
    expect(told.filter((one) => one === 'lost')).toHaveLength(1);
    await client.close();
  });

  it.each(['closed', 'failed'])('tells no restored where it is %s after lost', async (how) => {
    const { client, clock, network, told } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.onDial = (socket) => socket.fail();
    network.last.end(1006);
    await clock.advance(6_000);
    expect(told).toContain('lost');
    if (how === 'closed') await client.close();
    else network.onDial = (socket) => socket.end(4503, 'banned');
    await clock.advance(25_000);
    expect(client.state.status).toBe(how);
    expect(told).not.toContain('restored');
    await client.close();
  });

  it('tells nobody of a blip', async () => {
    const { client, clock, network, told } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.last.end(1006);
    await clock.advance(10_000);
    expect(told).not.toContain('lost');
    expect(told).not.toContain('restored');
    await client.close();
  });
});

describe('a dead connection', () => {
  it('is noticed within 35 s of silence and replaced without waiting for a close (promise 6)', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    network.onSent = () => {};
    const first = network.last;
    await clock.advance(36_500);
    expect(first.requests('presence.ping')).toHaveLength(1);
    expect(network.sockets.length).toBe(2);
    expect(first.live).toBe(false);
    expect(client.state.status).toBe('connected');
    await client.close();
  });

  it('that hears us is asked at most once in 25 s however much arrives, and kept', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    for (let i = 0; i < 20; i++) {
      await clock.advance(20_000);
      network.last.push(message(`m${i}`));
    }
    expect(network.last.requests('presence.ping').length).toBeLessThanOrEqual(400 / 25);
    expect(network.sockets).toHaveLength(1);
    await client.close();
  });

  it('keeps one that answers the ping, for hours, with one timer each', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    await clock.advance(3_600_000);
    expect(network.sockets).toHaveLength(1);
    expect(clock.pending).toBeLessThanOrEqual(2);
    await client.close();
  });

  it('is noticed within 5 s after a wake-up (promise 6)', async () => {
    const { client, clock, network } = harness({ lifecycle: 'auto' });
    base(network);
    await within(clock, 100, client.connect());
    network.onSent = () => {};
    const first = network.last;
    await clock.sleep(3_600_000);
    await clock.advance(5_000);
    expect(first.live).toBe(false);
    expect(network.sockets.length).toBeGreaterThan(1);
    await client.close();
  });

  it('is probed when the lifecycle adapter says wake, and kept when it answers', async () => {
    let tell: (signal: 'wake' | 'offline') => void = () => {};
    let subscriptions = 0;
    const { client, clock, network } = harness({
      lifecycle: {
        subscribe(listener) {
          tell = listener;
          subscriptions++;
          return () => subscriptions--;
        },
      },
    });
    base(network);
    expect(subscriptions).toBe(0);
    await within(clock, 100, client.connect());
    expect(subscriptions).toBe(1);
    tell('wake');
    await clock.advance(3_000);
    expect(network.last.requests('presence.ping')).toHaveLength(1);
    expect(network.sockets).toHaveLength(1);
    await client.close();
    expect(subscriptions).toBe(0);
  });
});

/** A connected client whose server says nothing any more. */
async function unanswered(options: Parameters<typeof harness>[0] = {}) {
  const h = harness(options);
  base(h.network);
  await within(h.clock, 100, h.client.connect());
  h.network.onSent = () => {};
  return h;
}

describe('close()', () => {
  const ways: Record<string, (h: ReturnType<typeof harness>) => Promise<void>> = {
    idle: async () => {},
    'connecting: token hangs': async ({ client, clock }) => {
      client.connect().catch(() => {});
      await clock.settle();
    },
    'connecting: socket hangs': async ({ client, clock }) => {
      client.connect().catch(() => {});
      await clock.settle();
    },
    'connecting: no welcome': async ({ client, clock, network }) => {
      network.onDial = (socket) => socket.open('goconnect.v1');
      client.connect().catch(() => {});
      await clock.settle();
    },
    'connected base': async ({ client, clock, network }) => {
      base(network);
      await within(clock, 100, client.connect());
    },
    'connected v1': async ({ client, clock, network }) => {
      v1(network);
      await within(clock, 100, client.connect());
    },
    waiting: async ({ client, clock, network }) => {
      network.onDial = (socket) => socket.fail();
      client.connect().catch(() => {});
      await clock.settle();
      expect(client.state.status).toBe('waiting');
    },
    suspended: async ({ client, clock, network }) => {
      network.onDial = (socket) => socket.fail();
      client.connect().catch(() => {});
      await clock.advance(125_000);
      expect(client.state.status).toBe('suspended');
    },
    'leaving (draining)': async ({ client, clock, network }) => {
      v1(network);
      await within(clock, 100, client.connect());
      network.last.push({
        type: 'session.draining',
        data: { reconnect_after_ms: 5_000, deadline_ms: 9_000, reason: 'x' },
      });
      await clock.settle();
    },
    moving: async ({ client, clock, network }) => {
      v1(network);
      await within(clock, 100, client.connect());
      network.onDial = () => {};
      network.last.push({
        type: 'session.draining',
        data: { reconnect_after_ms: 10, deadline_ms: 9_000, reason: 'x' },
      });
      await clock.advance(20);
      expect(network.sockets).toHaveLength(2);
    },
    failed: async ({ client, clock, network }) => {
      network.onDial = (socket) => {
        socket.open('goconnect.v1');
        socket.end(4503);
      };
      client.connect().catch(() => {});
      await clock.settle();
      expect(client.state.status).toBe('failed');
    },
    closed: async ({ client }) => client.close(),
  };

  it.each(Object.keys(ways))(
    'from "%s" ends everything: no timer, no live socket, no open promise',
    async (way) => {
      const h = harness(way.includes('token') ? { token: () => new Promise(() => {}) } : {});
      const { client, clock, network } = h;
      await ways[way]?.(h);
      network.onSent = () => {};
      const pending = [
        codeOf(client.request('chat.send', send)),
        codeOf(client.request('room.join', { room: 'host' })),
        codeOf(client.request('presence.ping', {})),
        codeOf(client.connect()),
      ];
      const events = client.events('chat.message');
      const next = events.next();
      await client.close();
      const codes = await Promise.all(pending);
      for (const code of codes)
        expect(['closed', 'not_connected', 'resolved', 'ERR_FORBIDDEN']).toContain(code);
      expect((await next).done).toBe(true);
      await clock.settle();
      expect(client.state.status).toBe('closed');
      expect(clock.pending).toBe(0);
      expect(network.sockets.filter((socket) => socket.live)).toEqual([]);
      expect(client.outbox.size).toBe(0);
    },
  );

  it('says goodbye with 1000, so that presence ends at once (A4.1)', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    await client.close();
    expect(network.last.closedWith).toBe(1000);
  });

  it('waits for what is unsettled up to flushMs', async () => {
    const { client, clock, network } = await unanswered();
    const sent = client.request('chat.send', send);
    const closed = client.close({ flushMs: 5_000 });
    await clock.advance(1_000);
    network.last.ack(network.last.sent[0], { message_id: 'm', status: 'sent' });
    await expect(sent).resolves.toMatchObject({ message_id: 'm' });
    await within(clock, 100, closed);
    expect(clock.pending).toBe(0);
  });

  it('waits also for what is asked for during that wait', async () => {
    const { client, clock, network } = await unanswered();
    const answer = (at: number) =>
      network.last.ack(network.last.sent[at], { message_id: 'm', status: 'sent' });
    const first = client.request('chat.send', send);
    const closed = client.close({ flushMs: 5_000 });
    await clock.advance(1_000);
    const second = client.request('chat.send', { ...send, scope: 'network:other' });
    answer(0);
    await first;
    await clock.advance(1_000);
    expect(client.state.status).toBe('connected');
    answer(1);
    await expect(second).resolves.toMatchObject({ message_id: 'm' });
    await within(clock, 100, closed);
  });

  it('waits no longer for who sends again as soon as the last one is settled', async () => {
    const { client, clock, network } = await unanswered();
    network.onSent = (socket, envelope) =>
      clock.setTimeout(() => socket.ack(envelope, { message_id: 'm', status: 'sent' }), 10);
    let sent = 0;
    const sending = (async () => {
      for (;;) {
        await client.chat.send(send);
        sent++;
      }
    })();
    const ended = codeOf(sending);
    await within(clock, 30, client.close({ flushMs: 5_000 }));
    expect([await ended, sent]).toEqual(['closed', 1]);
  });

  it('gives up after flushMs', async () => {
    const { client, clock } = harness();
    client.connect().catch(() => {});
    const sent = codeOf(client.request('chat.send', send));
    await within(clock, 6_000, client.close({ flushMs: 5_000 }));
    expect(await sent).toBe('closed');
  });

  it('is withdrawn by connect() while it waits for what is unsettled: the last call counts', async () => {
    const { client, clock, network, told } = await unanswered();
    const sent = client.request('chat.send', send);
    const closed = client.close({ flushMs: 5_000 });
    await clock.advance(1_000);
    await client.connect();
    network.last.ack(network.last.sent[0], { message_id: 'm', status: 'sent' });
    await expect(sent).resolves.toMatchObject({ message_id: 'm' });
    await within(clock, 5_000, closed);
    await clock.advance(10_000);
    expect([client.state.status, network.sockets.length]).toEqual(['connected', 1]);
    expect(told).not.toContain('state:closed');
    await client.close();
    expect(clock.pending).toBe(0);
  });

  it('that waits does not close what was closed and opened again meanwhile', async () => {
    const { client, clock } = await unanswered();
    const sent = codeOf(client.request('chat.send', send));
    const waiting = client.close({ flushMs: 5_000 });
    await Promise.all([client.close(), within(clock, 1_000, client.connect())]);
    await within(clock, 10, waiting);
    await clock.advance(10_000);
    expect(await sent).toBe('closed');
    expect(client.state.status).toBe('connected');
    await client.close();
  });

  it('counts at once when a listener calls it, for connect() behind it and for requests beside it', async () => {
    const { client, clock, network } = harness();
    base(network);
    const outcomes: Promise<string>[] = [];
    client.once('state', () => {
      outcomes.push(
        codeOf(client.close()),
        codeOf(client.request('chat.send', send)),
        codeOf(client.connect()),
      );
    });
    const first = codeOf(client.connect());
    await clock.advance(1_000);
    expect(await first).toBe('closed');
    expect(await Promise.all(outcomes)).toEqual(['resolved', 'closed', 'resolved']);
    expect(client.state.status).toBe('connected');
    await client.close();
    expect(clock.pending).toBe(0);
  });

  it('with a longer wait behind it keeps its own', async () => {
    const { client, clock } = await unanswered();
    client.request('chat.send', send).catch(() => {});
    const first = client.close({ flushMs: 1_000 });
    const second = client.close({ flushMs: 5_000 });
    await within(clock, 1_100, first);
    expect(client.state.status).toBe('closed');
    await within(clock, 100, second);
  });

  it('lets nothing go to the line that it is about to close, when a listener closes and connects', async () => {
    const { client, clock, network } = harness();
    base(network);
    const outcomes: Promise<string>[] = [];
    const off = client.on('state', ({ status }) => {
      if (status !== 'connected') return;
      off();
      void client.close();
      outcomes.push(
        codeOf(client.connect()),
        codeOf(client.request('chat.send', send)),
        codeOf(client.connect()),
      );
    });
    client.connect().catch(() => {});
    await clock.advance(5_000);
    expect(await Promise.all(outcomes)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(network.sockets.map((socket) => socket.requests('chat.send').length)).toEqual([0, 1]);
    await client.close();
  });

  it('resolves when the socket is gone, also when a listener calls it', async () => {
    const { client, clock, network } = harness();
    base(network);
    const open = network.onDial;
    network.onDial = (socket) => {
      // A peer that does not say goodbye back.
      socket.close = () => {
        socket.readyState = 2;
      };
      Object.assign(socket, { terminate: () => socket.end(1006) });
      open(socket);
    };
    let closed: Promise<boolean> | undefined;
    client.on('state', ({ status }) => {
      if (status === 'connected') closed = client.close().then(() => network.last.readyState === 3);
    });
    client.connect().catch(() => {});
    await clock.advance(5_000);
    expect(await closed).toBe(true);
  });

  it('is not withdrawn by a connect() whose signal is aborted already, which does nothing at all', async () => {
    const calls: string[] = [];
    const storage = { load: () => void calls.push('load'), append() {}, remove() {} };
    const { client, clock } = await unanswered({ outbox: { storage } });
    client.request('chat.send', send).catch(() => {});
    const closed = client.close({ flushMs: 1_000 });
    expect(await codeOf(client.connect({ signal: AbortSignal.abort() }))).toBe('aborted');
    await within(clock, 2_000, closed);
    expect(client.state.status).toBe('closed');
    expect(await codeOf(client.connect({ signal: AbortSignal.abort() }))).toBe('aborted');
    expect(calls).toEqual(['load']);
  });

  it('is what `await using` does', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    await client[Symbol.asyncDispose]();
    expect(client.state.status).toBe('closed');
  });
});

describe('options', () => {
  it.each([
    ['url', { url: 'http://x' }],
    ['url', { url: '/v1/ws' }],
    ['token', { token: '' }],
    ['connectTimeoutMs', { connectTimeoutMs: -1 }],
    ['backoff.minMs', { backoff: { minMs: Number.NaN } }],
    ['outbox.ttlMs', { outbox: { ttlMs: -5 } }],
  ])('refuses a wrong %s before any I/O, by name', (field, wrong) => {
    expect(() => createClient({ url: 'ws://x', token: 't', ...wrong })).toThrow(
      expect.objectContaining({ code: 'invalid_payload', details: { field } }),
    );
  });

  it('takes undefined for absent, also in groups', () => {
    expect(() =>
      createClient({
        ...{ url: 'ws://x', token: 't', clock: undefined, heartbeat: undefined },
        backoff: { minMs: undefined },
        outbox: { storage: undefined, ttlMs: 5 },
      }),
    ).not.toThrow();
  });

  it.each([
    ['heartBeat', { heartBeat: {} }, /one of url, token, onTokens, .*heartbeat/],
    ['toString', { toString: 1 }, /one of url/],
    ['backoff.maxms', { backoff: { maxms: 5 } }, /one of minMs, baseMs, maxMs$/],
    ['heartbeat.idle', { heartbeat: { idle: 5 } }, /one of idleMs, timeoutMs, probeMs$/],
    ['outbox.store', { outbox: { store: {} } }, /one of storage, maxOperations, /],
    ['heartbeat', { heartbeat: false }, /an object/],
    ['backoff', { backoff: null }, /an object/],
    ['clock.monotonic', { clock: Date }, /a function/],
    ['outbox.storage.load', { outbox: { storage: {} } }, /a function/],
    ['outbox.storage.remove', { outbox: { storage: { load() {}, append() {} } } }, /a function/],
    ['logger', { logger: true }, /an object/],
    ['onTokens', { onTokens: 'x' }, /a function/],
    ['random', { random: 0.5 }, /a function/],
  ])('refuses %s and says what is accepted', (field, wrong, accepted) => {
    expect(() => createClient({ url: 'ws://x', token: 't', ...(wrong as object) })).toThrow(
      expect.objectContaining({
        code: 'invalid_payload',
        message: expect.stringMatching(accepted),
        details: { field },
      }),
    );
  });

  it.each([
    [undefined, 'url'],
    [null, 'options'],
    ['ws://x', 'options'],
  ])('refuses %j in place of options', (options, field) => {
    expect(() => createClient(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_payload', details: { field } }),
    );
  });
});

describe('calls that make no sense', () => {
  it('are refused by name: no listener, no signal, no options', async () => {
    const { client, clock, network } = harness();
    const refusal = (field: string) =>
      expect.objectContaining({ name: 'GoConnectError', code: 'invalid_payload', details: { field } });
    for (const how of ['on', 'once'] as const)
      expect(() => client[how]('state', undefined as never)).toThrow(refusal('listener'));
    await expect(client.connect({ signal: {} as never })).rejects.toEqual(refusal('signal'));
    expect([client.state.status, network.sockets.length, clock.pending]).toEqual(['idle', 0, 0]);
    const host = client.room('host');
    await expect(host.send('x', null as never)).rejects.toEqual(refusal('options'));
    await expect(host.history(null as never)).rejects.toEqual(refusal('options'));
    await expect(host.send('x', { signal: {} as never })).rejects.toEqual(refusal('signal'));
    expect(client.outbox.size).toBe(0);
    await client.close();
  });
});

describe('what nobody expects and nobody listens for', () => {
  function silent(options: Partial<ClientOptions> = {}) {
    const { clock, network } = harness();
    const reported: unknown[] = [];
    vi.stubGlobal('reportError', (error: unknown) => void reported.push(error));
    const client = createClient({
      ...{ url: 'ws://fake/v1/ws', token: 't', clock, WebSocket: network.WebSocket },
      lifecycle: { subscribe: () => () => {} },
      ...options,
    });
    return { client, clock, network, reported };
  }
  afterEach(() => void vi.unstubAllGlobals());

  it('is reported, and in explain(): what token() throws', async () => {
    const boom = new Error('boom');
    const { client, clock, reported } = silent({ token: () => Promise.reject(boom) });
    client.connect().catch(() => {});
    await clock.settle();
    expect(reported).toMatchObject([{ cause: boom }]);
    expect(client.explain().lastErrors).toMatchObject([{ cause: boom }]);
    // An outage of whoever gives the tokens is no reason to say it for hours.
    await clock.advance(60_000);
    expect(client.explain().lastErrors.length).toBeGreaterThan(3);
    expect(reported).toHaveLength(1);
    await client.close();
  });

  it('is reported, and in explain(): what a listener throws, also one of `error`, once', async () => {
    const boom = new Error('boom');
    const throwing = () => {
      throw boom;
    };
    const { client, reported } = silent();
    const off = client.on('state', throwing);
    client.connect().catch(() => {});
    expect(reported).toEqual([boom]);
    expect(client.explain().lastErrors).toMatchObject([{ cause: boom }]);
    off();
    client.on('error', throwing);
    client.on('state', () => {
      throw new Error('first');
    });
    await client.close();
    expect(reported).toEqual([boom, boom]);
    expect(client.explain().lastErrors.map(({ message }) => message)).toEqual(['boom', 'first', 'boom']);
  });
});

describe('parts that the application brings', () => {
  it('a logger that throws disturbs nothing', async () => {
    const debug = () => {
      throw new Error('no space left');
    };
    const { client, clock, network } = harness({ logger: { debug } });
    base(network);
    await within(clock, 100, client.connect());
    await client.close();
  });

  it('a logger that rejects disturbs nothing', async () => {
    const debug = async () => {
      throw new Error('no space left');
    };
    const { client, clock, network } = harness({ logger: { debug } });
    base(network);
    await within(clock, 100, client.connect());
    await client.close();
  });

  it('what they throw may be anything: all goes on, and close() ends', async () => {
    const nothing = Object.create(null);
    const throwing = () => {
      throw nothing;
    };
    const { client, clock, network, told } = harness({
      token: throwing,
      outbox: { storage: { load() {}, append: () => Promise.reject(nothing), remove() {} } },
    });
    base(network);
    client.on('state', throwing);
    client.on('lost', async () => throwing());
    const connecting = codeOf(client.connect());
    const sending = codeOf(client.request('chat.send', { scope: 'host', body: 'x' }));
    await clock.advance(10_000);
    expect(await sending).toBe('storage_failed');
    expect(told).toContain('error:ERR_HANDLER_FAILED');
    await client.close();
    expect(await connecting).toBe('closed');
    expect(told).toContain('state:closed');
  });

  it('a lifecycle that throws when it is left keeps nobody waiting, and is told', async () => {
    const leave = () => {
      throw new TypeError('s.remove is not a function');
    };
    const { client, clock, network, told } = harness({ lifecycle: { subscribe: () => leave } });
    network.onDial = (socket) => socket.end(4501);
    expect(await codeOf(within(clock, 5_000, client.connect()))).toBe('auth_failed');
    expect(told).toContain('error:ERR_HANDLER_FAILED');
    await client.close();
    expect(told.at(-1)).toBe('state:closed');
  });

  it('a token function of the other build of this package ends it by its auth_failed', async () => {
    vi.resetModules();
    const { GoConnectError: Other } = await import('./support/goconnect-error.js');
    const foreign = new Other('auth_failed', 'signed out');
    const { client, clock } = harness({ token: () => Promise.reject(foreign) });
    expect(await codeOf(within(clock, 100, client.connect()))).toBe('auth_failed');
    expect(client.state.status).toBe('failed');
    expect(client.state.error).toBe(foreign);
    await client.close();
  });

  it('a TLS failure that speaks of a protocol is none of the server that would be dialled without an offer', async () => {
    const { client, clock, network } = harness();
    network.onDial = (socket) =>
      socket.fail('write EPROTO 80:error:0A00042E:SSL routines:tlsv1 alert protocol version');
    const connecting = codeOf(client.connect());
    await clock.advance(100);
    expect([network.sockets.length, client.state.status]).toEqual([1, 'waiting']);
    await client.close();
    expect(await connecting).toBe('closed');
  });

  it.each(['Server sent no subprotocol', 'Server did not respond with sent protocols.'])(
    'a WebSocket class that fails with "%s" is used without an offer (B1.1)',
    async (message) => {
      const { client, clock, network } = harness();
      base(network);
      network.onDial = (socket) => (socket.protocols.length > 0 ? socket.fail(message) : socket.open(''));
      await within(clock, 1_000, client.connect());
      expect(client.capabilities.session).toBe(false);
      await client.close();
    },
  );

  it('a lifecycle that throws is told; one that gives nothing back is asked once', async () => {
    let asked = 0;
    const throwing = harness({
      lifecycle: {
        subscribe() {
          asked++;
          throw new Error('no such module');
        },
      },
    });
    const silent = harness({ lifecycle: { subscribe: () => void asked++ as never } });
    for (const { client, clock, network } of [throwing, silent]) {
      base(network);
      asked = 0;
      await within(clock, 100, client.connect());
      network.last.end(1006);
      await clock.advance(5_000);
      expect([asked, client.state.status]).toEqual([1, 'connected']);
      await client.close();
    }
    expect(throwing.told).toContain('error:ERR_HANDLER_FAILED');
  });

  it('a token or an address that no socket can be made of is told at each attempt', async () => {
    const { client, clock, told } = harness({
      WebSocket: class {
        constructor() {
          throw new TypeError('Invalid character in header content');
        }
      } as never,
    });
    client.connect().catch(() => {});
    await clock.advance(10_000);
    expect(told.filter((one) => one === 'error:invalid_payload').length).toBeGreaterThan(2);
    const { why, lastErrors } = client.explain();
    expect(why).toContain('refuses the url or the token');
    expect(lastErrors.at(-1)?.remedy).toContain('url');
    await client.close();
  });

  it.each([
    ['url', { url: 'ws://fake/v1/ws#here' }],
    ['url', { url: 'ws://fake/v1/ws#' }],
    ['url', { url: 'ws://exa mple/v1/ws' }],
    ['lifecycle', { lifecycle: null }],
    ['heartbeat.idleMs', { heartbeat: { idleMs: 0 } }],
    ['heartbeat.idleMs', { heartbeat: { idleMs: '1s' } }],
    ['outbox.ttlMs', { outbox: { ttlMs: Number.NaN } }],
    ['validate', { validate: 'none' }],
    ['tokenTransport', { tokenTransport: 'cookie' }],
    ['resend', { resend: 'never' }],
    ['lifecycle', { lifecycle: 'none' }],
  ])('an option %s that makes no sense is refused, and named (%j)', (field, options) => {
    expect(() => harness(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_payload', details: { field } }),
    );
  });
});

describe('explain()', () => {
  it('has an answer and a remedy in every state, and never a token or a body', async () => {
    const { client, clock, network } = harness({ token: 'secret-token' });
    const seen = new Set<string>();
    const look = (): void => {
      const explanation = client.explain();
      seen.add(explanation.status);
      expect(explanation.why).not.toBe('');
      expect(explanation.remedy).not.toBe('');
      expect(JSON.stringify(explanation)).not.toMatch(/secret-token|secret-body/);
    };
    look();
    network.onDial = (socket) => socket.fail();
    client.connect().catch(() => {});
    client.request('chat.send', { scope: 'host', body: 'secret-body' }).catch(() => {});
    look();
    await clock.settle();
    look();
    await clock.advance(125_000);
    look();
    base(network);
    await clock.advance(25_000);
    look();
    network.last.end(4503, 'banned');
    look();
    await client.close();
    look();
    expect([...seen].sort()).toEqual([
      'closed',
      'connected',
      'connecting',
      'failed',
      'idle',
      'suspended',
      'waiting',
    ]);
    expect(client.explain().recent.length).toBeLessThanOrEqual(256);
  });

  it('says how the last connection ended, also while it comes back by itself', async () => {
    const { client, clock, network } = harness();
    base(network);
    await client.connect();
    expect(client.explain().lastEnd).toBeUndefined();
    network.last.end(4429, 'too_many_connections');
    await clock.settle();
    expect(client.state.status).toBe('waiting');
    expect(client.explain().lastEnd).toMatchObject({ code: 4429, reason: 'too_many_connections' });
    network.onDial = (socket) => socket.fail();
    await clock.advance(30_000);
    // Nothing more: a key without a value would be one that somebody shows.
    expect(client.explain().lastEnd).toStrictEqual({ code: 1006, reason: '' });
    base(network);
    await clock.advance(60_000);
    expect([client.state.status, client.explain().lastEnd]).toEqual(['connected', undefined]);
    await client.close();
  });
});
