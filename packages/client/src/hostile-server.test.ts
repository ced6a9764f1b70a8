import { describe, expect, it } from 'vitest';
import { welcome } from './testing/fake-network.js';
import { answer, base, harness, message, v1, within } from './testing/harness.js';

const room = 'network:n';
const event = (seq: unknown, of = room) => message(`m${seq}`, { room: of, seq });
const send = { scope: 'network:n', body: 'hi' } as const;

async function inRoom(seq = 0, rooms = [{ room, epoch: 'e', seq }]) {
  const h = harness();
  const heard: string[] = [];
  v1(h.network, rooms);
  h.client.on('chat.message', ({ id }) => void heard.push(id));
  await within(h.clock, 100, h.client.connect());
  return { ...h, heard };
}

describe('a hostile or broken server', () => {
  const absurd: [string, Record<string, unknown>][] = [
    [
      'negative limits',
      { limits: { max_message_bytes: -1, messages_per_minute: -1, network_messages_per_minute: -1 } },
    ],
    [
      'limits that are text',
      { limits: { max_message_bytes: '1', messages_per_minute: 'many', network_messages_per_minute: null } },
    ],
    ['no limits at all', { limits: undefined }],
    [
      'limits of zero',
      { limits: { max_message_bytes: 0, messages_per_minute: 0, network_messages_per_minute: 0 } },
    ],
    [
      'limits beyond numbers',
      {
        limits: { max_message_bytes: 1e300, messages_per_minute: 1e300, network_messages_per_minute: 1e300 },
      },
    ],
    ['a heartbeat of nothing', { heartbeat: { ping_period_ms: 0, pong_wait_ms: -5 } }],
    ['a heartbeat of years', { heartbeat: { ping_period_ms: 1e15, pong_wait_ms: 1e15 } }],
    ['no resume window', { resume: { window_ms: -1, max_events_per_room: 'all' } }],
    ['no life left in the token', { token_expires_in: 0 }],
    ['a negative life of the token', { token_expires_in: -3_600 }],
    ['an endless life of the token', { token_expires_in: 1e300 }],
    ['a life of the token that is text', { token_expires_in: 'soon' }],
    ['no dedupe window', { dedupe_window_ms: 0 }],
    ['an endless dedupe window', { dedupe_window_ms: 1e300 }],
    ['rooms that are no rooms', { rooms: [{ room: '__proto__', epoch: 'e', seq: 1 }] }],
    ['positions that are none', { rooms: [{ room, epoch: 'e', seq: -4 }] }],
    ['positions of text', { rooms: [{ room, epoch: 7, seq: '4' }] }],
    [
      'more rooms than there may be',
      { rooms: Array.from({ length: 10_001 }, (_, n) => ({ room: `network:r${n}`, epoch: 'e', seq: 0 })) },
    ],
  ];
  it.each(absurd)('that welcomes with %s: usable or told, no loop, no loss', async (_, more) => {
    const { client, clock, network, told } = harness({ token: () => 'token' });
    v1(network, [], more);
    client.connect().catch(() => {});
    await clock.advance(5_000);
    expect(client.state.status).toBe('connected');
    expect(client.capabilities.session || told.some((one) => one.startsWith('unknown:'))).toBe(true);
    const dialled = network.sockets.length;
    const sent = client.request('chat.send', send).then(
      () => 'acked',
      ({ code }: { code: string }) => code,
    );
    await clock.advance(120_000);
    expect(['acked', 'invalid_payload']).toContain(await sent);
    // Renewals of a token without life, at most: one in ten seconds.
    expect(network.sockets.length - dialled).toBeLessThanOrEqual(14);
    expect(network.sockets.filter(({ live }) => live).length).toBeLessThanOrEqual(2);
    expect(client.explain().why).not.toBe('');
    await client.close();
    expect(clock.pending).toBe(0);
  });

  it('that names 10,000 rooms and loses them all gets one question at a time, and nothing grows', async () => {
    const rooms = Array.from({ length: 10_000 }, (_, n) => ({ room: `network:r${n}`, epoch: 'e', seq: 0 }));
    const { client, clock, network, told } = await inRoom(0, rooms);
    network.last.end(1006);
    v1(
      network,
      rooms.map((one) => ({ ...one, seq: 3 })),
    );
    await clock.advance(1_000);
    expect(network.last.requests('session.resume')).toHaveLength(1);
    await clock.advance(120_000);
    expect(told.filter((one) => one.startsWith('gap'))).toHaveLength(10_000);
    expect(network.last.requests('session.resume')).toHaveLength(2);
    await client.close();
  });

  it('that sends events of ever new rooms does not fill the memory: the oldest place is given up, which is told', async () => {
    const { client, network, told, heard } = await inRoom(1);
    for (let n = 0; n < 10_005; n++) network.last.push(event(1, `network:x${n}`));
    expect(heard).toHaveLength(10_005);
    const gaps = told.filter((one) => one.startsWith('gap'));
    expect(gaps).toHaveLength(6);
    expect(gaps[0]).toBe('gap:network:n 2-2 overflow');
    await client.close();
  });

  it('whose holes never fill in many rooms is not held back for without end', async () => {
    const rooms = Array.from({ length: 30 }, (_, n) => ({ room: `network:r${n}`, epoch: 'e', seq: 0 }));
    const { client, network, told, heard } = await inRoom(0, rooms);
    for (let seq = 2; seq <= 402; seq++) for (const one of rooms) network.last.push(event(seq, one.room));
    expect(heard.length).toBeGreaterThanOrEqual(30 * 401 - 10_000);
    expect(told.some((one) => /^gap:network:r\d+ 1-1 overflow$/.test(one))).toBe(true);
    await client.close();
  });

  it('that sends positions which are none, or go backwards, or repeat: nothing twice, nothing thrown', async () => {
    const { client, clock, network, heard, told } = await inRoom(5);
    for (const seq of [-1, 0, 5, 3, 1.5, '6', null, {}, 1e300, [6]])
      network.last.push(message(`junk ${JSON.stringify(seq)}`, { room, seq }));
    network.last.push(event(6));
    network.last.push(event(6));
    network.last.push(event(4));
    await clock.advance(30_000);
    expect(heard.filter((id) => id === 'm6')).toHaveLength(1);
    expect(heard.filter((id) => /^m[345]$|^junk -?[0-5]$/.test(id))).toEqual([]);
    expect(client.state.status).toBe('connected');
    expect(told.filter((one) => one.startsWith('state:'))).toHaveLength(2);
    await client.close();
  });

  it('that answers a resume with lies: rooms left out, never asked, other epochs, places of the past', async () => {
    const rooms = ['a', 'b', 'c', 'd'].map((name) => ({ room: `network:${name}`, epoch: 'e', seq: 5 }));
    const { client, clock, network, told, heard } = await inRoom(0, rooms);
    for (const one of rooms) network.last.push(event(8, one.room));
    await clock.settle();
    network.last.ack(network.last.requests('session.resume')[0], {
      rooms: [
        { room: 'network:b', status: 'recovered', epoch: 'e', seq: 1 },
        { room: 'network:c', status: 'recovered', epoch: 'other', seq: 2 },
        { room: 'network:d', status: 'gap', epoch: 'e', seq: 20, from: 3 },
        { room: 'network:never', status: 'recovered', epoch: 'e', seq: 9 },
      ],
    });
    await clock.settle();
    expect(told.filter((one) => one.startsWith('gap')).sort()).toEqual([
      'gap:network:a 6-7 unrecovered',
      'gap:network:b 6-7 unrecovered',
      'gap:network:c 6-8 epoch',
      'gap:network:d 6-7 retention',
      'gap:network:d 9-20 retention',
    ]);
    expect(heard).toEqual(['m8', 'm8', 'm8']);
    await clock.advance(60_000);
    expect(network.last.requests('session.resume')).toHaveLength(1);
    await client.close();
  });

  it('that never answers a resume: held entries come after the deadline, with the gap, and sending goes on', async () => {
    const { client, clock, network, told, heard } = await inRoom(5);
    network.last.push(event(7));
    const sent = client.request('chat.send', send);
    await within(clock, 1_000, sent);
    await clock.advance(120_000);
    expect(heard).toEqual(['m7']);
    expect(told).toContain('gap:network:n 6-6 unrecovered');
    expect(network.sockets).toHaveLength(1);
    await client.close();
  });

  it('whose epoch flaps with each connection: one gap each time, and no question', async () => {
    const { client, clock, network, told } = await inRoom(5);
    for (let turn = 0; turn < 6; turn++) {
      v1(network, [{ room, epoch: turn % 2 ? 'e' : 'f', seq: 9 }]);
      network.last.end(1006);
      await clock.advance(30_000);
    }
    expect(told.filter((one) => one.startsWith('gap'))).toHaveLength(6);
    expect(network.sockets.flatMap((one) => one.requests('session.resume'))).toEqual([]);
    await client.close();
  });

  it('that acknowledges what nobody asked, or twice, or with rubbish: counted, and nothing else', async () => {
    const { client, clock, network, told } = await inRoom();
    const settled: string[] = [];
    client.on('settled', ({ opId, outcome }) => void settled.push(`${opId} ${outcome}`));
    const ack = { message_id: 'm', status: 'sent' };
    network.last.ack({ type: '', op_id: 'never', data: {} }, ack);
    network.onSent = (socket, envelope) => {
      socket.ack(envelope, ack);
      socket.ack(envelope, { message_id: 'other', status: 'sent' });
      socket.push({ type: 'error', op_id: envelope.op_id, error: { code: 'ERR_FORBIDDEN', message: 'no' } });
    };
    expect(await within(clock, 100, client.request('chat.send', send, { opId: 'a' }))).toMatchObject(ack);
    network.last.push({ type: 'ack', op_id: 7, data: null });
    network.last.push({ type: 'ack' });
    expect(settled).toEqual(['a acked']);
    expect(client.explain().ignoredReplies).toBe(3);
    expect(told.filter((one) => one.startsWith('state:'))).toHaveLength(2);
    await client.close();
  });

  it('that talks before its welcome, then welcomes: nothing lost, and v1 from then on', async () => {
    const { client, clock, network } = harness();
    const heard: string[] = [];
    client.on('chat.message', ({ id }) => void heard.push(id));
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      socket.push(event(3));
      socket.push(welcome([{ room, epoch: 'e', seq: 3 }]));
      socket.push(event(4));
    };
    network.onSent = answer;
    await within(clock, 2_000, client.connect());
    await clock.settle();
    expect(heard).toEqual(['m3', 'm4']);
    expect(client.capabilities.session).toBe(true);
    await client.close();
  });

  it.each([-5, 0, 0.0001, 'now', Number.POSITIVE_INFINITY, 1e18, null])(
    'that limits the rate with retry_after_ms %s: no hot loop, and not for ever',
    async (retry_after_ms) => {
      const { client, clock, network } = harness();
      v1(network);
      network.onSent = (socket, { type, op_id }) => {
        if (type !== 'chat.send') return;
        const text = JSON.stringify({
          type: 'error',
          op_id,
          error: { code: 'ERR_RATE_LIMIT', message: '', details: { retry_after_ms } },
        });
        queueMicrotask(() => socket.text(text));
      };
      await within(clock, 100, client.connect());
      const sent = client.request('chat.send', send);
      await clock.advance(1_000);
      expect(network.last.requests('chat.send').length).toBeLessThanOrEqual(21);
      network.onSent = answer;
      await clock.advance(700_000);
      await sent;
      await client.close();
    },
  );

  it('that drains every connection at once gets fewer and fewer of them', async () => {
    const { client, clock, network } = harness();
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      socket.push(welcome());
      socket.push({
        type: 'session.draining',
        data: { reconnect_after_ms: 0, deadline_ms: 1, reason: 'deploy' },
      });
    };
    client.connect().catch(() => {});
    await clock.advance(60_000);
    expect(network.sockets.length).toBeLessThan(20);
    expect(network.sockets.filter(({ live }) => live).length).toBeLessThanOrEqual(2);
    await client.close();
  });

  it('never sees more than one live socket, two while it drains', async () => {
    for (let seed = 1; seed <= 40; seed++) {
      let state = seed * 7_919;
      const random = () => {
        state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
        return state / 2 ** 31;
      };
      const { client, clock, network } = harness({ token: () => 'token' });
      const speak = random() < 0.8 ? v1 : base;
      speak(network);
      client.connect().catch(() => {});
      for (let turn = 0; turn < 25; turn++) {
        await clock.advance(random() * 4_000);
        const live = network.sockets.filter((socket) => socket.live);
        expect(live.length, `seed ${seed}`).toBeLessThanOrEqual(2);
        if (live.length === 2) expect(client.state.status, `seed ${seed}`).toBe('connected');
        const socket = live[Math.floor(random() * live.length)];
        const dice = random();
        if (dice < 0.3) socket?.end(dice < 0.1 ? 4401 : 1006);
        else if (dice < 0.5)
          socket?.push({
            type: 'session.draining',
            data: { reconnect_after_ms: random() * 3_000, deadline_ms: 5_000, reason: 'x' },
          });
        else if (dice < 0.6) network.onDial = () => {};
        else if (dice < 0.8) speak(network);
      }
      await client.close();
      expect(
        network.sockets.filter((socket) => socket.live),
        `seed ${seed}`,
      ).toEqual([]);
      expect(clock.pending, `seed ${seed}`).toBe(0);
    }
  });
});

describe('what explain() and the logger tell', () => {
  it('never holds a token, not even where the platform quotes the address', async () => {
    const lines: string[] = [];
    class Quoting {
      constructor(url: string) {
        throw new SyntaxError(`The URL '${url}' is invalid`);
      }
    }
    const { client, clock } = harness({
      token: 'canary-token',
      tokenTransport: 'query',
      WebSocket: Quoting as never,
      logger: { debug: (line) => void lines.push(line) },
    });
    client.connect().catch(() => {});
    client.request('chat.send', { scope: 'host', body: 'canary-body' }).catch(() => {});
    await clock.advance(10_000);
    expect(lines.join('\n')).toContain('error: invalid_payload');
    expect(lines.join('\n') + JSON.stringify(client.explain())).not.toContain('canary');
    await client.close();
  });
});
