import { describe, expect, it } from 'vitest';
import { type FakeSocket, welcome } from '../testing/fake-network.js';
import { answer, base, harness, message, v1, within } from '../testing/harness.js';

const room = 'network:n';
const event = (seq: number) => message(`m${seq}`, { room, seq });

async function inRoom(seq: number) {
  const h = harness();
  const heard: string[] = [];
  v1(h.network, [{ room, epoch: 'e', seq }]);
  h.client.on('chat.message', ({ id }, { seq: place }) => void heard.push(`${id}@${place}`));
  await within(h.clock, 100, h.client.connect());
  return { ...h, heard };
}

describe('recovery on v1', () => {
  it('asks for all rooms that are behind in one message, before anything queued (B3.3)', async () => {
    const { client, clock, network, heard } = await inRoom(5);
    network.last.push(event(6));
    network.last.end(1006);
    client.request('chat.send', { scope: 'host', body: 'queued' }).catch(() => {});
    v1(network, [
      { room, epoch: 'e', seq: 8 },
      { room: 'host', epoch: 'h', seq: 3 },
    ]);
    await clock.advance(1_000);
    expect(network.last.sent.map(({ type }) => type)).toEqual(['session.resume', 'chat.send']);
    const [resume] = network.last.requests('session.resume');
    expect(resume?.data).toEqual({ positions: [{ room, epoch: 'e', seq: 6 }] });
    for (const seq of [7, 8]) network.last.push(event(seq));
    network.last.ack(resume, { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 8 }] });
    network.last.push(event(9));
    expect(heard).toEqual(['m6@6', 'm7@7', 'm8@8', 'm9@9']);
    await client.close();
  });

  it('resumes at zero events received', async () => {
    const { client, clock, network, heard } = await inRoom(0);
    network.last.end(1006);
    v1(network, [{ room, epoch: 'e', seq: 2 }]);
    await clock.advance(1_000);
    for (const seq of [1, 2]) network.last.push(event(seq));
    network.last.ack(network.last.sent[0], { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 2 }] });
    expect(heard).toEqual(['m1@1', 'm2@2']);
    await client.close();
  });

  it('declares nothing missing when the line goes again in the moment of the welcome', async () => {
    const { client, clock, network, heard, told } = await inRoom(0);
    network.last.end(1006);
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      socket.push(welcome([{ room, epoch: 'e', seq: 2 }]));
      socket.end(1006);
      v1(network, [{ room, epoch: 'e', seq: 2 }]);
    };
    await clock.advance(5_000);
    for (const seq of [1, 2]) network.last.push(event(seq));
    const [resume] = network.last.requests('session.resume');
    network.last.ack(resume, { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 2 }] });
    expect(heard).toEqual(['m1@1', 'm2@2']);
    expect(told.filter((line) => line.startsWith('gap'))).toEqual([]);
    await client.close();
  });

  it('fills a hole in the middle of a connection', async () => {
    const { client, clock, network, heard } = await inRoom(1);
    network.last.push(event(4));
    network.last.push(event(5));
    await clock.settle();
    expect(heard).toEqual([]);
    const resumes = network.last.requests('session.resume');
    expect(resumes).toHaveLength(1);
    for (const seq of [2, 3]) network.last.push(event(seq));
    network.last.ack(resumes[0], { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 5 }] });
    await clock.settle();
    expect(heard).toEqual(['m2@2', 'm3@3', 'm4@4', 'm5@5']);
    await client.close();
  });

  it('tells a gap by room, first and last', async () => {
    const { client, clock, network, told } = await inRoom(1);
    network.last.end(1006);
    v1(network, [{ room, epoch: 'e', seq: 50 }]);
    await clock.advance(1_000);
    network.last.ack(network.last.sent[0], {
      rooms: [{ room, status: 'gap', epoch: 'e', seq: 50, from: 51 }],
    });
    await clock.settle();
    expect(told).toContain(`gap:${room} 2-50 retention`);
    await client.close();
  });

  it('tells of a log that went back, and hears what is said in it from then on', async () => {
    const { client, clock, network, heard, told } = await inRoom(5);
    network.last.push(event(6));
    network.last.end(1006);
    v1(network, [{ room, epoch: 'e', seq: 3 }]);
    await clock.advance(1_000);
    const [resume] = network.last.requests('session.resume');
    expect(resume?.data).toEqual({ positions: [{ room, epoch: 'e', seq: 6 }] });
    network.last.ack(resume, { rooms: [{ room, status: 'gap', epoch: 'e', seq: 3, from: 1 }] });
    await clock.settle();
    expect(told).toContain(`gap:${room} 7-7 epoch`);
    for (const seq of [4, 5]) network.last.push(event(seq));
    expect(heard).toEqual(['m6@6', 'm4@4', 'm5@5']);
    await client.close();
  });

  it('delivers what it has when the server does not answer the resume, asked twice', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    network.last.push(event(3));
    await clock.advance(61_000);
    expect([heard, network.last.requests('session.resume').length]).toEqual([[], 2]);
    await clock.advance(60_000);
    expect(heard).toEqual(['m3@3']);
    expect(told).toContain(`gap:${room} 2-2 unrecovered`);
    await client.close();
  });

  it('gives nothing up because the device slept while it was asked: the next line is', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    network.last.push(event(3));
    await clock.settle();
    // The line dies with the sleep, and nobody is told.
    network.onSent = () => {};
    network.onDial = () => {};
    await clock.sleep(90_000);
    v1(network, [{ room, epoch: 'e', seq: 3 }]);
    await clock.advance(60_000);
    const [resume] = network.last.requests('session.resume');
    for (const seq of [2, 3]) network.last.push(event(seq));
    network.last.ack(resume, { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 3 }] });
    await clock.settle();
    expect(heard).toEqual(['m2@2', 'm3@3']);
    expect(told.filter((line) => line.startsWith('gap'))).toEqual([]);
    await client.close();
  });

  it('has never more than two sockets, also when it moves again before the resume is answered', async () => {
    const { client, clock, network, heard } = await inRoom(1);
    network.last.end(1006);
    v1(network, [{ room, epoch: 'e', seq: 5 }]);
    await clock.advance(3_000);
    let most = 0;
    const dial = network.onDial;
    network.onDial = (socket) => {
      most = Math.max(most, network.sockets.filter(({ live }) => live).length);
      dial(socket);
    };
    const moves = { reconnect_after_ms: 10, deadline_ms: 60_000, reason: 'x' };
    for (let move = 0; move < 3; move++) {
      network.last.push({ type: 'session.draining', data: moves });
      await clock.advance(8_000);
    }
    expect([most, client.state.status]).toEqual([2, 'connected']);
    // What the move before waited for lets go nothing in place of what was let go since: that one is heard until its own time.
    const old = network.sockets.at(-2);
    old?.ack(old.requests('session.resume')[0], { rooms: [] });
    await clock.settle();
    old?.push(event(2));
    expect(heard).toEqual(['m2@2']);
    await client.close();
    expect(network.sockets.some(({ live }) => live)).toBe(false);
  });

  it('comes back to v1 where a browser was let in without it, as it has been greeted before', async () => {
    const { client, clock, network } = await inRoom(1);
    const welcoming = network.onDial;
    const plainOnly: typeof welcoming = (socket) => {
      if (socket.protocols.length === 0) return socket.open('');
      socket.readyState = 3;
      // What browsers say of a failure.
      socket.onerror?.({ message: '' } as never);
    };
    network.onDial = plainOnly;
    network.last.end(1006);
    while (client.state.status !== 'connected') await clock.advance(100);
    expect(client.capabilities.session).toBe(false);
    network.onDial = welcoming;
    await clock.advance(45_000);
    expect(client.capabilities.session).toBe(true);
    // A server that never takes it again is one of the base contract, and is left in peace.
    network.onDial = plainOnly;
    network.last.end(1006);
    while (client.state.status !== 'connected') await clock.advance(100);
    await clock.advance(120_000);
    const dials = network.sockets.length;
    await clock.advance(600_000);
    expect([network.sockets.length, client.state.status]).toEqual([dials, 'connected']);
    await client.close();
  });

  it('is no answer for a room that was left meanwhile, and entered again', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    const answerAll = network.onSent;
    network.onSent = (socket, envelope) => {
      const place = { room, status: 'joined', epoch: 'e', seq: 4 };
      if (envelope.type === 'room.join') socket.ack(envelope, place);
      else answerAll(socket, envelope);
    };
    network.last.push(event(3));
    await clock.settle();
    const [resume] = network.last.requests('session.resume');
    await within(clock, 10, client.room(room).leave());
    await within(clock, 10, client.room(room).join());
    network.last.ack(resume, { rooms: [{ room, status: 'denied' }] });
    await clock.settle();
    network.last.push(event(5));
    network.last.push(event(7));
    await clock.settle();
    const [, again] = network.last.requests('session.resume');
    expect(again?.data).toEqual({ positions: [{ room, epoch: 'e', seq: 5 }] });
    expect(heard).toEqual(['m5@5']);
    expect(told.filter((line) => line.startsWith('gap'))).toEqual([]);
    await client.close();
  });

  it('does not begin with the removal from a room that was not followed: the way back in leaves no gap (A4.2)', async () => {
    const { client, clock, network, told } = await inRoom(1);
    const other = 'network:other';
    const about = { network_id: 'other', user_id: 'u1' };
    const heard: string[] = [];
    for (const type of ['admin.kick', 'member.left', 'member.joined'] as const)
      client.on(type, (_, { seq }) => void heard.push(`${type}@${seq}`));
    network.last.push({ type: 'admin.kick', room: other, seq: 8, data: about });
    network.last.push({ type: 'member.left', room: other, seq: 9, data: about });
    network.last.push({ type: 'member.joined', room: other, seq: 12, data: { ...about, role: 'member' } });
    await clock.settle();
    expect(heard).toEqual(['admin.kick@8', 'member.left@9', 'member.joined@12']);
    expect(told.filter((line) => line.startsWith('gap'))).toEqual([]);
    await client.close();
  });

  it('counts an unreadable entry as seen, and tells it: the ones behind it are not held up', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    network.last.push({ type: 'chat.message', room, seq: 2, data: { id: 7 } });
    network.last.push({ type: 'chat.reacted', room, seq: 3, data: { id: 'm1' } });
    network.last.push(event(4));
    await clock.settle();
    expect(heard).toEqual(['m4@4']);
    expect(told).toEqual(expect.arrayContaining(['unknown:chat.message', 'unknown:chat.reacted']));
    expect(told.filter((one) => one.startsWith('gap'))).toEqual([]);
    await client.close();
  });
});

describe('data that breaks the contract', () => {
  it.each([
    ['strict', [], ['unknown:chat.message']],
    ['report', [7], ['unknown:chat.message']],
    ['off', [7], []],
  ] as const)('under %s', async (validate, delivered, reported) => {
    const { client, clock, network, told } = harness({ validate });
    base(network);
    await within(clock, 100, client.connect());
    const heard: unknown[] = [];
    client.on('chat.message', ({ id }) => heard.push(id));
    network.last.push({ type: 'chat.message', data: { id: 7 } });
    expect(heard).toEqual(delivered);
    expect(told.filter((one) => one.startsWith('unknown'))).toEqual(reported);
    await client.close();
  });
});

describe('a draining server (B5.1)', () => {
  const drain = {
    type: 'session.draining',
    data: { reconnect_after_ms: 2_000, deadline_ms: 10_000, reason: 'deploy' },
  };

  it('is left for a successor first, and only then let go: nothing lost, nothing twice', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    const old = network.last;
    old.push(drain);
    await clock.advance(1_900);
    expect(network.sockets).toHaveLength(1);
    v1(network, [{ room, epoch: 'e', seq: 2 }]);
    network.onSent = (socket, envelope) => {
      if (envelope.type !== 'session.resume') return answer(socket, envelope);
      old.push(event(2));
      socket.push(event(2));
      socket.push(event(3));
      queueMicrotask(() =>
        socket.ack(envelope, { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 3 }] }),
      );
    };
    await clock.advance(200);
    expect(network.sockets).toHaveLength(2);
    expect(heard).toEqual(['m2@2', 'm3@3']);
    // Not 1000: the user goes on, and a server that has not heard so yet would tell others of somebody who left.
    expect(old.closedWith).toBe(4000);
    expect(network.last.live).toBe(true);
    expect(told.filter((one) => one.startsWith('state'))).toEqual(['state:connecting', 'state:connected']);
    await client.close();
  });

  it('is asked no more: a resume that it left unanswered is asked again on the new connection', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    const old = network.last;
    old.push(event(3));
    await clock.settle();
    expect(old.requests('session.resume')).toHaveLength(1);
    old.push(drain);
    v1(network, [{ room, epoch: 'e', seq: 3 }]);
    await clock.advance(2_100);
    const [again] = network.last.requests('session.resume');
    expect(again?.data).toEqual({ positions: [{ room, epoch: 'e', seq: 1 }] });
    network.last.push(event(5));
    // Too late, and true of the old connection only: 4 is still to come on the new one.
    old.ack(old.requests('session.resume')[0], {
      rooms: [{ room, status: 'recovered', epoch: 'e', seq: 4 }],
    });
    for (const seq of [2, 3, 4]) network.last.push(event(seq));
    network.last.ack(again, { rooms: [{ room, status: 'recovered', epoch: 'e', seq: 5 }] });
    await clock.settle();
    expect(heard).toEqual(['m2@2', 'm3@3', 'm4@4', 'm5@5']);
    expect(told.filter((one) => one.startsWith('gap'))).toEqual([]);
    await client.close();
  });

  it('has its word about a room only for the old connection: what it let go is left on the new one too', async () => {
    const { client, clock, network, heard, told } = await inRoom(1);
    const old = network.last;
    network.onSent = () => {};
    const leaving = client.room(room).leave();
    await clock.settle();
    old.push(drain);
    v1(network, [{ room, epoch: 'e', seq: 2 }]);
    await clock.advance(2_100);
    network.onSent = answer;
    old.push(event(2));
    old.ack(old.requests('room.leave')[0], { room, status: 'left' });
    // The new connection was in the room when it was welcomed, and is until it has been asked, too.
    network.last.push(event(2));
    await within(clock, 100, leaving);
    expect(network.last.requests('room.leave')).toHaveLength(1);
    expect(heard).toEqual(['m2@2']);
    expect(told.filter((one) => one.startsWith('gap'))).toEqual([]);
    await client.close();
  });

  it('keeps the old connection in use until the new one is welcomed', async () => {
    const { client, clock, network } = await inRoom(1);
    const old = network.last;
    old.push(drain);
    network.onDial = (socket) => socket.open('goconnect.v1');
    await clock.advance(2_100);
    expect(network.sockets).toHaveLength(2);
    await within(clock, 10, client.request('chat.send', { scope: 'host', body: 'x' }));
    expect(old.requests('chat.send')).toHaveLength(1);
    network.last.push(welcome([{ room, epoch: 'e', seq: 1 }]));
    await within(clock, 10, client.request('chat.send', { scope: 'host', body: 'y' }));
    expect(network.last.requests('chat.send')).toHaveLength(1);
    await client.close();
  });

  it('repeats on the new connection what the old one left unanswered', async () => {
    const { client, clock, network } = await inRoom(1);
    network.onSent = () => {};
    const sent = client.request('chat.send', { scope: 'host', body: 'x' }, { opId: 'same' });
    network.last.push(drain);
    network.onSent = answer;
    await within(clock, 3_000, sent);
    expect(network.last.requests('chat.send')).toMatchObject([{ op_id: 'same' }]);
    expect(network.sockets.filter((socket) => socket.live)).toHaveLength(1);
    await client.close();
  });

  it('survives the old connection being replaced by its twin while the new one is greeted (4409)', async () => {
    const { client, clock, network } = await inRoom(1);
    const old = network.last;
    old.push(drain);
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      old.end(4409);
      queueMicrotask(() => socket.push(welcome([{ room, epoch: 'e', seq: 1 }])));
    };
    await clock.advance(2_100);
    expect(client.state.status).toBe('connected');
    expect(network.sockets).toHaveLength(2);
    await client.close();
  });

  it('comes back at the advised time when the old one closes before', async () => {
    const { client, clock, network } = await inRoom(1);
    network.last.push(drain);
    await clock.advance(500);
    network.last.end(4412);
    await clock.advance(1_400);
    expect(network.sockets).toHaveLength(1);
    await clock.advance(1_000);
    expect(client.state.status).toBe('connected');
    await client.close();
  });

  it('is not held against the server that comes after it: its refusals make nobody wait longer', async () => {
    const { client, clock, network } = await inRoom(1);
    const good = network.onDial;
    network.onDial = (socket) => socket.fail();
    network.last.push(drain);
    // Refused again and again until the deadline; by then a delay may be 16 s.
    await clock.advance(10_000);
    expect(network.sockets.length).toBeGreaterThanOrEqual(4);
    network.onDial = good;
    network.sockets[0]?.end(4412);
    await clock.advance(2_100);
    expect(client.state.status).toBe('connected');
    await client.close();
  });

  it('gives the old connection up when it is dead, also while no successor comes about', async () => {
    const { client, clock, network, told } = await inRoom(1);
    const old = network.last;
    network.onSent = () => {};
    network.onDial = (socket) => socket.fail();
    old.push(drain);
    // Each attempt falls sooner than a probe of the old connection could be answered.
    await clock.advance(36_000);
    expect(old.live).toBe(false);
    expect(told).toContain('state:waiting');
    await client.close();
  });

  it('tries again when the successor falls, while the old one serves on', async () => {
    const { client, clock, network } = await inRoom(1);
    const old = network.last;
    old.push(drain);
    let falls = 0;
    const good = network.onDial;
    network.onDial = (socket) => (falls++ < 3 ? socket.fail() : good(socket));
    await clock.advance(10_000);
    expect(falls).toBe(4);
    expect(old.live).toBe(false);
    expect(network.last.live).toBe(true);
    await client.close();
  });
});

describe('a plain connection, where a browser does not say what became of the offer of v1 (B1.1)', () => {
  const offered = ({ protocols }: FakeSocket) => protocols.includes('goconnect.v1');
  /** A client that was let in without v1 only. */
  async function letInPlain(options: Parameters<typeof harness>[0] = {}) {
    const h = harness(options);
    h.network.onDial = (socket) => (offered(socket) ? socket.fail('') : socket.open(''));
    h.network.onSent = answer;
    await within(h.clock, 100, h.client.connect());
    expect(h.network.sockets.map(offered)).toEqual([true, false, true]);
    expect(h.client.capabilities.session).toBe(false);
    const plain = h.network.sockets[1] as FakeSocket;
    return { ...h, plain };
  }

  it('is left for one with v1 when that is to be had after all, without a moment between', async () => {
    const { client, clock, network, told } = await letInPlain();
    v1(network, [{ room, epoch: 'e', seq: 5 }]);
    const dialled = network.sockets.length;
    await clock.advance(41_000);
    expect(network.sockets.slice(dialled).map(offered)).toEqual([true]);
    expect(client.capabilities.session).toBe(true);
    expect(network.sockets.filter((socket) => socket.live)).toHaveLength(1);
    // Nobody knows what was heard by then: events had no places.
    expect(told).toEqual(['state:connecting', 'state:connected', `gap:${room} 1-5 unrecovered`]);
    network.last.push(event(6));
    network.last.end(1006);
    await clock.advance(1_000);
    expect(told.filter((line) => line.startsWith('gap'))).toHaveLength(1);
    await client.close();
  });

  it('is let go only when what was sent on it is answered, and is nobody’s twin (A6.5)', async () => {
    const { client, clock, network, plain, told } = await letInPlain();
    const clientIdOf = ({ url }: FakeSocket) => new URL(url).searchParams.get('client_id');
    network.onSent = (socket, envelope) => socket !== plain && answer(socket, envelope);
    v1(network);
    const { onDial } = network;
    network.onDial = (socket) => void clock.setTimeout(() => onDial(socket), 300);
    network.onSent = () => {};
    const dialled = network.sockets.length;
    while (network.sockets.length === dialled) await clock.advance(100);
    const sent = client.chat.send({ scope: 'host', body: 'hi' });
    expect(plain.requests('chat.send')).toHaveLength(1);
    await clock.advance(500);
    expect(client.capabilities.session).toBe(true);
    expect(clientIdOf(network.last)).not.toBe(clientIdOf(plain));
    expect(plain.live).toBe(true);
    plain.ack(plain.requests('chat.send')[0], { message_id: 'm1', status: 'sent' });
    await expect(within(clock, 100, sent)).resolves.toMatchObject({ message_id: 'm1' });
    await clock.settle();
    expect(plain.live).toBe(false);
    expect(told.filter((line) => line.startsWith('error'))).toEqual([]);
    await client.close();
  });

  it('is kept for no message that was not sent on it', async () => {
    const { client, clock, network, plain } = await letInPlain();
    v1(network);
    network.onSent = () => {};
    const { onDial } = network;
    network.onDial = (socket) => void clock.setTimeout(() => onDial(socket), 300);
    const dialled = network.sockets.length;
    while (network.sockets.length === dialled) await clock.advance(100);
    const [first, second] = ['first', 'second'].map((body) => client.chat.send({ scope: 'host', body }));
    await clock.advance(500);
    expect([client.capabilities.session, plain.live]).toEqual([true, true]);
    plain.ack(plain.requests('chat.send')[0], { message_id: 'm1', status: 'sent' });
    await first;
    await clock.settle();
    expect(network.last.requests('chat.send')).toMatchObject([{ data: { body: 'second' } }]);
    expect(plain.live).toBe(false);
    network.last.ack(network.last.requests('chat.send')[0], { message_id: 'm2', status: 'sent' });
    await second;
    await client.close();
  });

  it('leaves a gap behind also where the connection that takes over is greeted late', async () => {
    const { client, clock, network, plain, told } = await letInPlain();
    network.onDial = (socket) => socket.open('goconnect.v1');
    const dialled = network.sockets.length;
    while (network.sockets.length === dialled) await clock.advance(100);
    await clock.advance(1_500);
    expect([client.capabilities.session, plain.live]).toEqual([false, false]);
    network.last.push(welcome([{ room, epoch: 'e', seq: 5 }]));
    await clock.settle();
    expect(client.capabilities.session).toBe(true);
    expect(told).toContain(`gap:${room} 1-5 unrecovered`);
    await client.close();
  });

  it('leaves no gap behind in a room that was left', async () => {
    const { client, clock, network, told } = await letInPlain();
    await within(clock, 100, client.room(room).leave());
    v1(network, [
      { room, epoch: 'e', seq: 5 },
      { room: 'host', epoch: 'h', seq: 2 },
    ]);
    await clock.advance(41_000);
    expect(client.capabilities.session).toBe(true);
    expect(told.filter((line) => line.startsWith('gap'))).toEqual(['gap:host 1-2 unrecovered']);
    await client.close();
  });

  it('is let go as well where its successor goes first', async () => {
    const { client, clock, network, plain } = await letInPlain();
    network.onSent = () => {};
    network.onDial = (socket) => {
      clock.setTimeout(() => {
        socket.open('goconnect.v1');
        socket.push(welcome());
        clock.setTimeout(() => socket.end(4503, 'banned'), 100);
      }, 300);
    };
    const dialled = network.sockets.length;
    while (network.sockets.length === dialled) await clock.advance(100);
    const sent = client.chat.send({ scope: 'host', body: 'hi' });
    await clock.advance(1_000);
    expect([client.state.status, plain.live]).toEqual(['failed', true]);
    plain.ack(plain.requests('chat.send')[0], { message_id: 'm1', status: 'sent' });
    await sent;
    await clock.settle();
    expect(plain.live).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('is left later, when the server says on v1 that it has no place yet (4429)', async () => {
    const { client, clock, network } = await letInPlain();
    let refusals = 0;
    network.onDial = (socket) => {
      socket.open('goconnect.v1');
      if (refusals++ < 2) socket.end(4429, JSON.stringify({ retry_after_ms: 20_000 }));
      else socket.push(welcome());
    };
    await clock.advance(39_000);
    expect(refusals).toBe(1);
    await clock.advance(120_000);
    expect([refusals, client.capabilities.session]).toEqual([3, true]);
    await client.close();
  });

  it('is not held up by advice that nobody gave, when it breaks before v1 was asked for', async () => {
    let drawn = 0;
    const { client, clock, plain } = await letInPlain({ random: () => 0.9 + (drawn++ % 100) / 1_000 });
    await clock.advance(10_100);
    plain.end(1006);
    await clock.advance(2_000);
    expect(client.state.status).toBe('connected');
    await client.close();
  });

  it('is not replaced by another of its kind where a server says that it is no v1 server any more', async () => {
    const { client, clock, network } = harness();
    v1(network);
    await within(clock, 100, client.connect());
    network.onDial = (socket) =>
      offered(socket) ? socket.fail('Server sent no subprotocol') : socket.open('');
    network.last.end(1006);
    await clock.advance(3_000);
    expect(client.capabilities.session).toBe(false);
    const dialled = network.sockets.length;
    await clock.advance(120_000);
    expect(network.sockets).toHaveLength(dialled);
    await client.close();
  });

  it('does not make its successor usable by a welcome of its own', async () => {
    const { client, clock, network, plain } = await letInPlain();
    const dialled = network.sockets.length;
    network.onDial = () => {};
    while (network.sockets.length === dialled) await clock.advance(100);
    plain.push(welcome([]));
    await within(clock, 100, client.chat.send({ scope: 'host', body: 'hi' }));
    expect(plain.requests('chat.send')).toHaveLength(1);
    await client.close();
  });

  it('is kept when that is refused, or hangs, and not asked for again', async () => {
    for (const refuse of [(socket: FakeSocket) => socket.fail(''), () => {}]) {
      const { client, clock, network, plain, told } = await letInPlain();
      network.onDial = (socket) => (offered(socket) ? refuse(socket) : socket.open(''));
      const dialled = network.sockets.length;
      await clock.advance(600_000);
      expect(network.sockets.slice(dialled).map(offered)).toEqual([true]);
      expect(network.sockets.filter((socket) => socket.live)).toEqual([plain]);
      expect(told).toEqual(['state:connecting', 'state:connected']);
      await within(clock, 100, client.chat.send({ scope: 'host', body: 'hi' }));
      await client.close();
      expect(clock.pending).toBe(0);
    }
  });

  it('is made anew, with whatever there is, when it is lost while v1 is asked for', async () => {
    const { client, clock, network, plain } = await letInPlain();
    const dialled = network.sockets.length;
    network.onDial = () => {};
    while (network.sockets.length === dialled) await clock.advance(100);
    plain.end(1006);
    network.onDial = (socket) => (offered(socket) ? socket.fail('') : socket.open(''));
    network.last.fail('');
    await clock.advance(5_000);
    expect(client.state.status).toBe('connected');
    expect(client.capabilities.session).toBe(false);
    await client.close();
  });
});

describe('rooms', () => {
  it('are the same handle for the same name, and hear only their own events', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    expect(client.room(room)).toBe(client.room(room));
    const mine: string[] = [];
    const other: string[] = [];
    const off = client.room(room).on('chat.message', ({ id }) => mine.push(id));
    client.room('network:other').on('chat.message', ({ id }) => other.push(id));
    client.room(room).on('member.joined', ({ user_id }) => mine.push(user_id));
    network.last.push(message('m1'));
    network.last.push({ type: 'member.joined', data: { network_id: 'n', user_id: 'ada' } });
    network.last.push({ type: 'member.joined', data: { network_id: 'other', user_id: 'bob' } });
    off();
    network.last.push(message('m2'));
    expect([mine, other]).toEqual([['m1', 'ada'], []]);
    await client.close();
  });

  it('send, read history and list members in their own scope', async () => {
    const { client, clock, network } = harness();
    v1(network);
    await within(clock, 100, client.connect());
    const handle = client.room(room);
    await within(clock, 10, handle.send('hi', { attachments: ['https://a/b'] }));
    handle.history({ limit: 10, before: 'm1' }).catch(() => {});
    handle.members().catch(() => {});
    expect(network.last.sent.map(({ type, data }) => [type, data])).toEqual([
      ['chat.send', { scope: room, body: 'hi', attachments: ['https://a/b'] }],
      ['chat.history', { scope: room, before: 'm1', limit: 10 }],
      ['presence.list', { room }],
    ]);
    await client.close();
  });
});
