import { describe, expect, it } from 'vitest';
import type { ClientOptions } from '../client-options.js';
import { GoConnectError } from '../support/goconnect-error.js';
import type { FakeNetwork } from '../testing/fake-network.js';
import { answer, base, codeOf, harness, v1, within } from '../testing/harness.js';
import type { OutboxStorage } from './outbox-storage.js';

const send = { scope: 'network:n', body: 'hi' } as const;

async function connected(start: (network: FakeNetwork) => void, options: Partial<ClientOptions> = {}) {
  const h = harness(options);
  start(h.network);
  await within(h.clock, 100, h.client.connect());
  return h;
}

describe('a mutation that expires', () => {
  it('says that connect() was never called, where that is why', async () => {
    const { client, clock, network } = harness();
    const first = client.request('chat.send', { scope: 'host', body: 'x' }, { ttlMs: 100 });
    await expect(within(clock, 200, first)).rejects.toMatchObject({
      code: 'expired',
      message: expect.stringContaining('connect() was never called'),
    });
    network.onDial = (socket) => socket.fail();
    client.connect().catch(() => {});
    const second = client.request('chat.send', { scope: 'host', body: 'x' }, { ttlMs: 100 });
    await expect(within(clock, 200, second)).rejects.toMatchObject({ message: 'No connection in time' });
    await client.close();
  });
});

describe('a request', () => {
  it('resolves with the checked reply', async () => {
    const { client, clock } = await connected(base);
    const ack = await within(
      clock,
      10,
      client.request('chat.send', { ...send, attachments: ['https://a/b'] }),
    );
    expect(ack).toMatchObject({ status: 'sent' });
    await client.close();
  });

  it('is refused before it is sent when its data breaks the contract, naming the field', async () => {
    const { client, network } = await connected(base);
    const error = await client.request('chat.send', { scope: 'nowhere', body: 'x' }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(GoConnectError);
    expect(error).toMatchObject({
      code: 'invalid_payload',
      sent: false,
      details: { field: 'data.scope' },
      retryable: false,
    });
    expect((error as GoConnectError).remedy).not.toBe('');
    const unknownType = 'constructor' as 'chat.send';
    expect(await codeOf(client.request(unknownType, send))).toBe('invalid_payload');
    expect(network.last.sent).toEqual([]);
    await client.close();
  });

  it('rejects with the code, the details and the op_id of the server', async () => {
    const { client, network } = await connected(base);
    network.onSent = (socket, { op_id }) =>
      socket.push({
        type: 'error',
        op_id,
        error: { code: 'ERR_FORBIDDEN', message: 'no', details: { why: 'role' } },
      });
    await expect(client.request('chat.send', send, { opId: 'mine' })).rejects.toMatchObject({
      code: 'ERR_FORBIDDEN',
      opId: 'mine',
      sent: true,
      details: { why: 'role' },
    });
    await client.close();
  });

  it('times out when no reply comes, counted from sending', async () => {
    const { client, clock, network } = harness({ requestTimeoutMs: 3_000 });
    const sent = codeOf(client.request('chat.send', send));
    await clock.advance(60_000);
    expect(client.outbox.size).toBe(1);
    network.onDial = (socket) => socket.open();
    client.connect().catch(() => {});
    await clock.advance(2_000);
    expect(client.outbox.entries()).toMatchObject([{ state: 'sent', type: 'chat.send' }]);
    await clock.advance(2_000);
    expect(await sent).toBe('timeout');
    await client.close();
  });

  it('can be aborted while queued and while sent', async () => {
    const { client, clock, network } = harness();
    const controller = new AbortController();
    const queued = client.request('chat.send', send, { signal: controller.signal }).catch((e: unknown) => e);
    controller.abort();
    expect(await queued).toMatchObject({ code: 'aborted', sent: false });
    base(network);
    network.onSent = () => {};
    await within(clock, 10, client.connect());
    const second = new AbortController();
    const sent = client.request('chat.send', send, { signal: second.signal }).catch((e: unknown) => e);
    second.abort();
    expect(await sent).toMatchObject({ code: 'aborted', sent: true });
    expect(await codeOf(client.request('chat.send', send, { signal: AbortSignal.abort() }))).toBe('aborted');
    await client.close();
  });

  it('expires in the queue, and says that it was never sent', async () => {
    const { client, clock } = harness();
    const queued = client.request('chat.send', send, { ttlMs: 1_000 }).catch((e: unknown) => e);
    await clock.advance(1_001);
    expect(await queued).toMatchObject({ code: 'expired', sent: false, retryable: true });
    expect(clock.pending).toBe(0);
  });

  it('never queues presence.ping, and reads only where somebody asked for a connection', async () => {
    const { client, clock } = harness();
    expect(await codeOf(client.presence.ping())).toBe('not_connected');
    expect(await codeOf(client.request('room.join', { room: 'host' }))).toBe('not_connected');
    client.connect().catch(() => {});
    expect(await codeOf(client.presence.ping())).toBe('not_connected');
    const join = codeOf(client.request('room.join', { room: 'host' }, { timeoutMs: 500 }));
    await clock.advance(600);
    expect(await join).toBe('timeout');
    await client.close();
  });

  it('is refused when its op_id is taken, or none that a server could answer to (A1.5)', async () => {
    const { client } = harness();
    const first = codeOf(client.request('chat.send', send, { opId: 'a' }));
    await expect(client.request('chat.send', send, { opId: 'a' })).rejects.toMatchObject({
      details: { field: 'op_id' },
    });
    for (const opId of ['', 'a'.repeat(129), 'a\0b', 'a\ud800', 7 as never]) {
      await expect(client.request('chat.send', send, { opId })).rejects.toMatchObject({
        code: 'invalid_payload',
        details: { field: 'op_id' },
      });
    }
    const emojis = codeOf(client.request('chat.send', send, { opId: '🎉'.repeat(128) }));
    await client.close();
    expect([await first, await emojis]).toEqual(['closed', 'closed']);
  });

  it('has a 128-bit op_id that does not repeat', async () => {
    const { client, clock, network } = await connected(base);
    for (let i = 0; i < 5; i++) await within(clock, 10, client.request('chat.send', send));
    const ids = network.last.sent.map(({ op_id }) => op_id);
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    await client.close();
  });

  it('of the session extension is refused on a base connection, at once', async () => {
    const { client, network } = await connected(base);
    await expect(client.chat.history({ scope: 'host' })).rejects.toMatchObject({
      ...{ code: 'ERR_INVALID_MESSAGE', sent: false, details: { field: 'type' } },
    });
    expect(network.last.sent).toEqual([]);
    await client.close();
  });

  it('larger than the server takes is refused, not answered with a closed connection (A1.2)', async () => {
    const limits = { max_message_bytes: 300, messages_per_minute: 100, network_messages_per_minute: 1_000 };
    const { client, clock } = await connected((network) => v1(network, [], { limits }));
    expect(await codeOf(client.request('chat.send', { scope: 'host', body: 'é'.repeat(200) }))).toBe(
      'invalid_payload',
    );
    expect(await codeOf(within(clock, 10, client.request('chat.send', send)))).toBe('resolved');
    await client.close();
  });
});

describe('replies', () => {
  it('that come late, twice, or to nothing asked are ignored and counted', async () => {
    const { client, clock, network, told } = await connected(base);
    network.onSent = () => {};
    const first = client.request('chat.send', send, { opId: 'a' });
    const reply = { message_id: 'm', status: 'sent' };
    network.last.push({ type: 'ack', op_id: 'a', data: reply });
    network.last.push({ type: 'ack', op_id: 'a', data: { message_id: 'other', status: 'sent' } });
    network.last.push({ type: 'ack', op_id: 'never-asked', data: {} });
    network.last.push({ type: 'error', op_id: 'a', error: { code: 'ERR_FORBIDDEN', message: '' } });
    expect(await first).toEqual(reply);
    await clock.settle();
    expect(client.explain().ignoredReplies).toBe(3);
    expect(told).not.toContain('error:ERR_FORBIDDEN');
    await client.close();
  });

  it('that break the contract reject under strict, and resolve as they are under off', async () => {
    for (const [validate, expected] of [
      ['strict', ['unknown_outcome', 'invalid_payload']],
      ['off', ['resolved', 'resolved']],
    ] as const) {
      const { client, network } = await connected(v1, { validate });
      network.onSent = (socket, envelope) => socket.ack(envelope, { message_id: 7, members: 8 });
      const sent = codeOf(client.request('chat.send', send));
      const read = codeOf(client.room('host').members());
      expect(await Promise.all([sent, read])).toEqual(expected);
      await client.close();
    }
  });

  it('that only say "done" are no refusal: what was sent is not to be sent again', async () => {
    const { client, network } = await connected(base);
    network.onSent = (socket, envelope) => socket.ack(envelope, { status: 'success' });
    const error = await client.request('chat.send', send).catch((thrown: GoConnectError) => thrown);
    expect(error).toMatchObject({ code: 'unknown_outcome', sent: true, retryable: false });
    await client.close();
  });

  it('may be the bare status of the original server', async () => {
    const { client, network } = await connected(base);
    network.onSent = (socket, envelope) => socket.ack(envelope, { status: 'success' });
    expect(await client.request('room.leave', { room: 'host' })).toEqual({ room: 'host', status: 'success' });
    await client.close();
  });

  it('without an op_id reach the error event (A2.3)', async () => {
    const { client, clock, network, told } = await connected(base);
    network.last.push({ type: 'error', error: { code: 'ERR_INVALID_MESSAGE', message: 'bad' } });
    await clock.settle();
    expect(told).toContain('error:ERR_INVALID_MESSAGE');
    await client.close();
  });
});

describe('the outbox', () => {
  it('keeps the order of mutations through a loss', async () => {
    const { client, clock, network } = harness();
    const all = ['a', 'b', 'c'].map((body) => client.request('chat.send', { scope: 'host', body }));
    expect(client.outbox.size).toBe(3);
    base(network);
    await within(clock, 100, client.connect());
    await within(clock, 1_000, Promise.all(all));
    expect(network.last.requests('chat.send').map(({ data }) => data.body)).toEqual(['a', 'b', 'c']);
    expect(client.outbox.size).toBe(0);
    await client.close();
  });

  it('refuses the newest past its bounds, in operations and in bytes', async () => {
    const few = harness({ outbox: { maxOperations: 2 } });
    const kept = [1, 2].map(() => codeOf(few.client.request('chat.send', send)));
    expect(await codeOf(few.client.request('chat.send', send))).toBe('queue_full');
    expect(few.told).toContain('backpressure:queue_full');
    expect(few.client.outbox.size).toBe(2);
    await few.client.close();
    expect(await Promise.all(kept)).toEqual(['closed', 'closed']);

    const small = harness({ outbox: { maxBytes: 200 } });
    const one = codeOf(small.client.request('chat.send', { scope: 'host', body: 'x'.repeat(100) }));
    expect(await codeOf(small.client.request('chat.send', { scope: 'host', body: 'x'.repeat(100) }))).toBe(
      'queue_full',
    );
    await small.client.close();
    expect(await one).toBe('closed');
  });

  it('can be inspected and cancelled', async () => {
    const { client } = harness();
    const one = codeOf(client.request('chat.send', send, { opId: 'one' }));
    expect(client.outbox.entries()).toMatchObject([{ opId: 'one', type: 'chat.send', state: 'queued' }]);
    expect(client.outbox.cancel('one')).toBe(true);
    expect(client.outbox.cancel('one')).toBe(false);
    expect(await one).toBe('aborted');
  });

  it('does not repeat on a base server what may have had an effect: unknown_outcome (A2.5)', async () => {
    const { client, clock, network } = await connected(base);
    network.onSent = () => {};
    const sent = client.request('chat.send', send).catch((e: unknown) => e);
    network.last.end(1006);
    expect(await sent).toMatchObject({ code: 'unknown_outcome', sent: true, retryable: false });
    await clock.advance(5_000);
    expect(network.last.requests('chat.send')).toEqual([]);
    await client.close();
  });

  it('repeats there if the application says always', async () => {
    const { client, clock, network } = await connected(base, { resend: 'always' });
    network.onSent = () => {};
    const sent = client.request('chat.send', send, { opId: 'same' });
    network.last.end(1006);
    base(network);
    await within(clock, 5_000, sent);
    expect(network.last.requests('chat.send')).toMatchObject([{ op_id: 'same' }]);
    await client.close();
  });

  it('repeats on v1 with the same op_id, in the old order, before what came later (B4.1)', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = () => {};
    const sent = [
      client.request('chat.send', { scope: 'host', body: 'a' }),
      client.request('chat.send', { scope: 'network:n', body: 'b' }),
    ];
    await clock.settle();
    const before = network.last.requests('chat.send');
    network.last.end(1006);
    const later = client.request('chat.send', { scope: 'host', body: 'c' });
    v1(network);
    await within(clock, 5_000, Promise.all([...sent, later]));
    const after = network.last.requests('chat.send');
    expect(after.map(({ data }) => data.body)).toEqual(['a', 'b', 'c']);
    expect(after.slice(0, 2).map(({ op_id }) => op_id)).toEqual(before.map(({ op_id }) => op_id));
    await client.close();
  });

  it('has one message of a scope on its way at a time, so that a repeat never lands behind a later one', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = () => {};
    const bodies = () => network.last.sent.map(({ data }) => data.body ?? data.new_body);
    const say = (scope: 'host' | 'network:n', body: string) =>
      codeOf(client.request('chat.send', { scope, body }));
    const outcomes = [say('host', 'a'), say('host', 'b'), say('network:n', 'c'), say('host', 'd')];
    const edits = ['e', 'f'].map((new_body) =>
      codeOf(client.request('chat.edit', { message_id: 'm', new_body })),
    );
    await clock.settle();
    expect(bodies()).toEqual(['a', 'c', 'e']);
    // The limit had room again for a later one before the first comes back.
    const [a, , e] = network.last.sent;
    const error = { code: 'ERR_RATE_LIMIT', message: '', details: { retry_after_ms: 1_000 } };
    network.last.push({ type: 'error', op_id: a?.op_id, error });
    network.last.ack(e, { message_id: 'm', status: 'edited', edited_at: 't' });
    network.onSent = answer;
    await clock.advance(2_000);
    expect(bodies()).toEqual(['a', 'c', 'e', 'a', 'f', 'b', 'd']);
    expect(await Promise.all([outcomes[0], outcomes[1], outcomes[3], edits[0]])).toEqual(
      Array(4).fill('resolved'),
    );
    await client.close();
  });

  it('does not take a server that fails at a repeat for one that refused it', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = () => {};
    const outcome = codeOf(client.request('chat.send', send));
    await clock.settle();
    const settled: string[] = [];
    client.on('settled', (one) => void settled.push(one.outcome));
    network.last.end(1006);
    network.onSent = (socket, { op_id }) =>
      socket.push({ type: 'error', op_id, error: { code: 'ERR_HANDLER_FAILED', message: 'disk' } });
    await clock.advance(5_000);
    expect(await outcome).toBe('unknown_outcome');
    expect(await codeOf(client.request('chat.send', send))).toBe('ERR_HANDLER_FAILED');
    expect(settled).toEqual(['unknown_outcome', 'rejected']);
    await client.close();
  });

  it('says that it never took effect when a rate limit refused each sending until it expired', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = (socket, { op_id }) =>
      socket.push({
        type: 'error',
        op_id,
        error: { code: 'ERR_RATE_LIMIT', message: '', details: { retry_after_ms: 9_000 } },
      });
    const outcome = codeOf(client.request('chat.send', send, { ttlMs: 5_000 }));
    await clock.advance(6_000);
    expect(await outcome).toBe('expired');
    await client.close();
  });

  it('does not repeat on v1 past the dedupe window', async () => {
    const { client, clock, network } = await connected((n) => v1(n, [], { dedupe_window_ms: 20_000 }), {
      requestTimeoutMs: 60_000,
    });
    network.onSent = () => {};
    const sent = codeOf(client.request('chat.send', send));
    await clock.settle();
    network.onDial = (socket) => socket.fail();
    network.last.end(1006);
    await clock.advance(30_000);
    v1(network, [], { dedupe_window_ms: 20_000 });
    await clock.advance(30_000);
    expect(await sent).toBe('unknown_outcome');
    expect(network.last.requests('chat.send')).toEqual([]);
    await client.close();
  });

  it('does not repeat past it either, nor send what nobody wants any more, where the device slept and its clock with it', async () => {
    const hours = 3_600_000;
    const { client, clock, network } = harness();
    v1(network);
    await within(clock, 100, client.connect());
    network.onSent = () => {};
    const sent = codeOf(client.chat.send({ scope: 'host', body: 'sent' }));
    await clock.settle();
    const { onDial } = network;
    network.onDial = (socket) => socket.fail();
    network.last.end(1006);
    const waits = (body: string, ttlMs: number) => codeOf(client.chat.send({ scope: body, body }, { ttlMs }));
    const [short, long] = [waits('network:short', hours), waits('network:long', 48 * hours)];
    await clock.advance(1_000);
    clock.doze(25 * hours);
    network.onDial = onDial;
    network.onSent = answer;
    await within(clock, 60_000, Promise.all([sent, short, long]));
    expect([await sent, await short, await long]).toEqual(['unknown_outcome', 'expired', 'resolved']);
    expect(network.last.requests('chat.send')).toMatchObject([{ data: { body: 'network:long' } }]);
    await client.close();
  });

  it('counts the time to live from the call, however long the client and its device slept before that', async () => {
    const { client, clock } = harness();
    client.connect().catch(() => {});
    await clock.advance(3_600_000);
    clock.doze(86_400_000);
    const sent = codeOf(client.chat.send(send, { ttlMs: 60_000 }));
    await clock.advance(59_000);
    expect(client.outbox.size).toBe(1);
    await clock.advance(1_100);
    expect(client.outbox.size).toBe(0);
    expect(await sent).toBe('expired');
    await client.close();
  });

  it('has nothing wait that may not wait, and sends it where there is a connection', async () => {
    const { client, clock, network } = await connected(v1, { outbox: { ttlMs: 0 } });
    network.onSent = answer;
    await within(clock, 100, client.request('chat.send', send));
    network.last.end(1006);
    expect(await within(clock, 100, codeOf(client.request('chat.send', send)))).toBe('expired');
    await client.close();
  });

  it('does not repeat on a base server what was sent to a v1 server', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = () => {};
    const sent = codeOf(client.request('chat.send', send));
    await clock.settle();
    network.last.end(1006);
    base(network);
    await clock.advance(5_000);
    expect(await sent).toBe('unknown_outcome');
    expect(network.last.requests('chat.send')).toEqual([]);
    await client.close();
  });

  it('asks reads again after a loss', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = () => {};
    const history = client.chat.history({ scope: 'host' });
    await clock.settle();
    network.last.end(1006);
    v1(network);
    network.onSent = (socket, envelope) => socket.ack(envelope, { messages: [], next: null });
    expect(await within(clock, 5_000, history)).toEqual({ messages: [], next: null });
    await client.close();
  });

  it('is loaded from storage: sent ones only to a v1 server, failures to the error event', async () => {
    const stored = { type: 'chat.send', data: send, expiresAt: 1_700_000_100_000 } as const;
    const removed: string[] = [];
    const storage: OutboxStorage = {
      load: async ({ found }) =>
        found([
          { ...stored, opId: 'fresh' },
          { ...stored, opId: 'doubtful', sentAt: 1_699_999_999_000 },
        ]),
      append: async () => {},
      remove: async (opId: string) => void removed.push(opId),
    };
    const { client, clock, network, told } = harness({ outbox: { storage } });
    base(network);
    await within(clock, 100, client.connect());
    await clock.advance(100);
    expect(network.last.requests('chat.send').map(({ op_id }) => op_id)).toEqual(['fresh']);
    expect(told).toContain('error:unknown_outcome');
    expect(removed.sort()).toEqual(['doubtful', 'fresh']);
    await client.close();
  });
});

describe('pacing', () => {
  it('makes a flood slower, not wrong: no window of 60 s has more than the limit (A6.2)', async () => {
    const { client, clock, network, told } = await connected(v1, { outbox: { ttlMs: 1e9 } });
    const times: number[] = [];
    const answer = network.onSent;
    network.onSent = (socket, envelope) => {
      if (envelope.type === 'chat.send') times.push(clock.monotonic());
      answer(socket, envelope);
    };
    const flood = Array.from({ length: 300 }, () => client.request('chat.send', send));
    await clock.advance(240_000);
    await Promise.all(flood);
    for (const [index, at] of times.entries()) {
      expect(times.slice(index).filter((other) => other < at + 60_000).length).toBeLessThanOrEqual(100);
    }
    expect(told).toContain('backpressure:pacing');
    expect(told.filter((one) => one.startsWith('error'))).toEqual([]);
    await client.close();
  });

  it('is no faster because somebody set the clock of the device', async () => {
    const { client, clock, network } = await connected(v1);
    network.onSent = answer;
    for (let sent = 0; sent < 200; sent++) client.request('chat.send', send).catch(() => {});
    await clock.advance(10_000);
    clock.doze(3_600_000);
    await clock.advance(49_000);
    expect(network.last.requests('chat.send').length).toBeLessThanOrEqual(90);
    await client.close();
  });

  it('stays under the 10 a second that a base server may enforce unannounced', async () => {
    const { client, clock, network } = await connected(base);
    const flood = Array.from({ length: 30 }, () => client.request('chat.send', send));
    await clock.settle();
    expect(network.last.sent).toHaveLength(10);
    await clock.advance(3_000);
    await Promise.all(flood);
    await client.close();
  });

  it('keeps still for retry_after_ms, then sends the same operation again, in its place', async () => {
    const { client, clock, network, told } = await connected(v1);
    const answer = network.onSent;
    let refusals = 0;
    network.onSent = (socket, envelope) => {
      if (envelope.data.body === 'a' && refusals++ === 0) {
        const error = { code: 'ERR_RATE_LIMIT', message: '', details: { retry_after_ms: 4_000 } };
        queueMicrotask(() => socket.push({ type: 'error', op_id: envelope.op_id, error }));
      } else answer(socket, envelope);
    };
    const first = client.request('chat.send', { scope: 'host', body: 'a' });
    await clock.settle();
    const second = client.request('chat.send', { scope: 'host', body: 'b' });
    await clock.advance(3_900);
    expect(network.last.requests('chat.send')).toHaveLength(1);
    await clock.advance(200);
    await Promise.all([first, second]);
    expect(network.last.requests('chat.send').map(({ data }) => data.body)).toEqual(['a', 'a', 'b']);
    expect(told).toContain('backpressure:rate_limit');
    expect(told).not.toContain('error:ERR_RATE_LIMIT');
    await client.close();
  });

  it('makes reads slower too: the deadline is for a connection, and for the reply', async () => {
    const { client, clock } = await connected(v1);
    const joins = Array.from({ length: 200 }, (_, n) => codeOf(client.room(`network:${n}`).join()));
    await clock.advance(200_000);
    expect(new Set(await Promise.all(joins))).toEqual(new Set(['resolved']));
    await client.close();
  });

  it('does so without a storm of timers, however short the deadline is', async () => {
    const { client, clock } = await connected(v1);
    const reads = Array.from({ length: 100 }, () => codeOf(client.room('host').members({ timeoutMs: 0 })));
    let armed = 0;
    const { setTimeout } = clock;
    const counting: typeof setTimeout = (...timer) => {
      armed++;
      return setTimeout(...timer);
    };
    Object.assign(clock, { setTimeout: counting });
    await clock.advance(90_000);
    await Promise.all(reads);
    expect(armed).toBeLessThan(5_000);
    await client.close();
  });

  it('is not held up by a ping that was one too many: pings have a budget of their own', async () => {
    const { client, clock, network } = await connected(v1);
    const answer = network.onSent;
    network.onSent = (socket, envelope) => {
      if (envelope.type !== 'presence.ping') return answer(socket, envelope);
      const error = { code: 'ERR_RATE_LIMIT', message: '', details: { retry_after_ms: 60_000 } };
      socket.push({ type: 'error', op_id: envelope.op_id, error });
    };
    expect(await codeOf(client.presence.ping())).toBe('ERR_RATE_LIMIT');
    await within(clock, 100, client.request('chat.send', send));
    await client.close();
  });

  it('also repeats on a base server what was refused by a rate limit: it had no effect', async () => {
    const { client, clock, network } = await connected(base);
    const answer = network.onSent;
    network.onSent = (socket, { op_id }) => {
      network.onSent = answer;
      socket.push({ type: 'error', op_id, error: { code: 'ERR_RATE_LIMIT', message: '' } });
    };
    await within(clock, 3_000, client.request('chat.send', send));
    await client.close();
  });
});
