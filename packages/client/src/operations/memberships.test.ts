import { describe, expect, it } from 'vitest';
import { answer, base, codeOf, type Harness, harness, v1, within } from '../testing/harness.js';

const room = 'network:n';
const rooms = (count: number) => Array.from({ length: count }, (_, index) => `network:${index}`);
const message = { scope: 'host', body: 'hi' } as const;

/** A client whose server refuses the joins that `code` names an error for. */
function refusing({ network }: Harness, code: (room: string) => string | undefined): void {
  network.onSent = (socket, envelope) => {
    const refused = envelope.type === 'room.join' && code(String(envelope.data.room));
    if (!refused) return answer(socket, envelope);
    socket.push({ type: 'error', op_id: envelope.op_id, error: { code: refused, message: 'no' } });
  };
}

/** The rooms that were asked for on the connection in use. */
function joined({ network }: Harness): unknown[] {
  return network.last.requests('room.join').map(({ data }) => data.room);
}

/** A client in the room, or in these, which it entered on its own. */
async function entered(
  server: (network: Harness['network']) => void = base,
  options: Parameters<typeof harness>[0] = {},
  names: readonly string[] = [room],
): Promise<Harness> {
  const h = harness(options);
  server(h.network);
  await within(h.clock, 100, h.client.connect());
  // More of them than a minute takes need longer.
  for (const name of names) await within(h.clock, 200_000, h.client.room(name).join());
  return h;
}

describe('rooms that the application entered', () => {
  it('are joined again after a reconnect, until left', async () => {
    const { client, clock, network } = await entered();
    network.last.end(1006);
    await clock.advance(2_000);
    expect(network.last.requests('room.join')).toMatchObject([{ data: { room } }]);
    await within(clock, 10, client.room(room).leave());
    network.last.end(1006);
    await clock.advance(2_000);
    expect(network.last.requests('room.join')).toEqual([]);
    expect(network.last.requests('room.leave')).toMatchObject([{ data: { room } }]);
    await client.close();
  });

  it.each([{}, { room: 'network:other', status: 'joined' }])(
    'are joined again under the name they were asked for by, whatever the answer was (%j)',
    async (data) => {
      const h = harness({ validate: 'off' });
      base(h.network);
      h.network.onSent = (socket, envelope) => queueMicrotask(() => socket.ack(envelope, data));
      await within(h.clock, 100, h.client.connect());
      await within(h.clock, 100, h.client.room(room).join());
      h.network.last.end(1006);
      await h.clock.advance(2_000);
      expect(joined(h)).toEqual([room]);
      await h.client.close();
    },
  );

  it('are not joined again on v1 where the welcome already names them', async () => {
    const { client, clock, network } = await entered((network) =>
      v1(network, [{ room, epoch: 'e', seq: 0 }]),
    );
    network.last.end(1006);
    await clock.advance(2_000);
    expect(network.last.requests('room.join')).toEqual([]);
    await client.close();
  });

  it('stop being joined when the server says no, which is told', async () => {
    const { client, clock, network, told } = await entered();
    network.onSent = (socket, { op_id }) =>
      socket.push({ type: 'error', op_id, error: { code: 'ERR_FORBIDDEN', message: 'kicked' } });
    network.last.end(1006);
    await clock.advance(2_000);
    expect(told).toContain('error:ERR_FORBIDDEN');
    network.last.end(1006);
    await clock.advance(2_000);
    expect(network.last.requests('room.join')).toEqual([]);
    await client.close();
  });

  it('are joined again first, and although the outbox is full', async () => {
    const h = await entered(v1, { outbox: { maxOperations: 5 } });
    const { client, clock, network } = h;
    network.last.end(1006);
    for (let sent = 0; sent < 5; sent++) client.chat.send(message).catch(() => {});
    expect(await codeOf(client.chat.send(message))).toBe('queue_full');
    await clock.advance(2_000);
    expect(network.last.sent.map(({ type }) => type).slice(0, 2)).toEqual(['room.join', 'chat.send']);
    await client.close();
  });

  it('are joined again as soon as the rate allows, however long that takes', async () => {
    const h = await entered(v1);
    const { client, clock, network, told } = h;
    for (let sent = 0; sent < 120; sent++)
      client.chat.send({ ...message, scope: `network:${sent}` }).catch(() => {});
    await clock.advance(100);
    network.last.end(1006);
    await clock.advance(30_000);
    const paced = () => network.last.sent.filter(({ type }) => type !== 'presence.ping');
    expect(paced()).toEqual([]);
    await clock.advance(32_000);
    expect(paced()[0]).toMatchObject({ type: 'room.join', data: { room } });
    expect(told.filter((line) => line.startsWith('error'))).toEqual([]);
    await client.close();
  });

  it('are all joined again, once each, also when there are more of them than a minute takes', async () => {
    const all = rooms(100);
    const h = await entered(base, {}, all);
    const { client, clock, network, told } = h;
    await clock.advance(60_000);
    network.last.end(1006);
    await clock.advance(30_000);
    expect(joined(h)).toHaveLength(90);
    await clock.advance(60_000);
    expect(joined(h).sort()).toEqual([...all].sort());
    expect(told.filter((line) => line.startsWith('error'))).toEqual([]);
    await client.close();
  });

  it('are joined once when the connection breaks while they are being joined again', async () => {
    const h = await entered();
    const { client, clock, network } = h;
    network.onSent = () => {};
    network.last.end(1006);
    await clock.advance(2_000);
    expect(joined(h)).toEqual([room]);
    base(network);
    network.last.end(1006);
    await clock.advance(5_000);
    expect(joined(h)).toEqual([room]);
    await client.close();
  });

  it('are tried again after a passing failure, which is told, with growing pauses', async () => {
    const h = await entered();
    const { client, clock, network, told } = h;
    refusing(h, () => 'ERR_HANDLER_FAILED');
    network.last.end(1006);
    await clock.advance(120_000);
    const tries = joined(h).length;
    expect(tries).toBeGreaterThan(3);
    expect(tries).toBeLessThan(30);
    expect(told.filter((line) => line === 'error:ERR_HANDLER_FAILED')).toHaveLength(tries);
    network.onSent = answer;
    await clock.advance(60_000);
    expect(joined(h)).toHaveLength(tries + 1);
    await clock.advance(120_000);
    expect(joined(h)).toHaveLength(tries + 1);
    await client.close();
  });

  it('are not tried again after they were left, nor on a connection that is gone, nor after close()', async () => {
    const [mine, other] = ['network:a', 'network:b'];
    const h = await entered(base, {}, [mine, other]);
    const { client, clock, network } = h;
    refusing(h, () => 'ERR_HANDLER_FAILED');
    network.last.end(1006);
    while (network.sockets.length < 2 || joined(h).length < 2) await clock.advance(10);
    await within(clock, 10, client.room(mine).leave());
    network.onSent = answer;
    await clock.advance(60_000);
    expect(joined(h).filter((name) => name === mine)).toHaveLength(1);
    expect(joined(h).filter((name) => name === other)).toHaveLength(2);
    refusing(h, () => 'ERR_HANDLER_FAILED');
    network.last.end(1006);
    await clock.advance(2_000);
    await client.close();
    expect(clock.pending).toBe(0);
  });

  it('stay left when they were left while there was no connection', async () => {
    const h = await entered();
    const { client, clock, network } = h;
    network.last.end(1006);
    const left = client.room(room).leave();
    await within(clock, 5_000, left);
    await clock.settle();
    expect(network.last.sent.at(-1)).toMatchObject({ type: 'room.leave', data: { room } });
    network.last.end(1006);
    await clock.advance(5_000);
    expect(joined(h)).toEqual([]);
    await client.close();
  });

  it('take no place from what is queued, and hold up no close({ flushMs })', async () => {
    const h = await entered(base, { outbox: { maxOperations: 2 } }, rooms(5));
    const { client, clock, network } = h;
    network.onSent = (socket, envelope) => envelope.type !== 'room.join' && answer(socket, envelope);
    network.last.end(1006);
    await clock.advance(3_000);
    expect(joined(h)).toHaveLength(5);
    expect(client.explain().queue.operations).toBe(0);
    await within(clock, 100, client.chat.send(message));
    await within(clock, 100, client.close({ flushMs: 5_000 }));
  });

  it('that cannot be written disturb nothing: what a listener cancels for that is not sent', async () => {
    const { client, clock, network } = harness();
    base(network);
    await within(clock, 100, client.connect());
    await within(clock, 100, client.room('network:n').join());
    network.last.end(1006);
    const sent = codeOf(client.request('chat.send', { scope: 'host', body: 'hi' }, { opId: 'a' }));
    client.on('error', () => client.outbox.cancel('a'));
    network.onSent = (_socket, { type }) => {
      if (type === 'room.join') throw new Error('the socket is broken');
    };
    await clock.advance(3_000);
    expect(await sent).toBe('aborted');
    expect(network.last.requests('chat.send')).toEqual([]);
    expect(client.outbox.size).toBe(0);
    await client.close();
  });

  it('go before what a listener asks for that hears of the connection', async () => {
    const h = await entered();
    const { client, clock, network } = h;
    client.on('state', ({ status }) => status === 'connected' && client.presence.ping().catch(() => {}));
    client.on(
      'state',
      ({ status }) =>
        status === 'connected' &&
        client
          .room('host')
          .join()
          .catch(() => {}),
    );
    network.last.end(1006);
    client.chat.send(message).catch(() => {});
    await clock.advance(3_000);
    const paced = network.last.sent.filter(({ type }) => type !== 'presence.ping');
    expect(paced.map(({ data }) => data.room ?? data.scope)).toEqual([room, 'host', 'host']);
    await client.close();
  });

  it('are not entered again behind a leave, by a join that a rate limit had sent back', async () => {
    const h = await entered();
    const { client, clock, network } = h;
    const limit = { code: 'ERR_RATE_LIMIT', message: '', details: { retry_after_ms: 500 } };
    network.onSent = (socket, envelope) => {
      if (envelope.type !== 'room.join') return answer(socket, envelope);
      network.onSent = answer;
      clock.setTimeout(() => socket.push({ type: 'error', op_id: envelope.op_id, error: limit }), 40);
    };
    network.last.end(1006);
    while (client.state.status !== 'connected') await clock.advance(10);
    await within(clock, 1_000, client.room(room).leave());
    await clock.advance(3_000);
    const types = network.last.sent.map(({ type }) => type);
    expect(types.slice(types.indexOf('room.leave'))).not.toContain('room.join');
    network.last.end(1006);
    await clock.advance(3_000);
    expect(joined(h)).toEqual([]);
    await client.close();
  });

  it('are left, also where a join that was tried again took effect behind the leave', async () => {
    const h = await entered();
    const { client, clock, network } = h;
    refusing(h, () => 'ERR_HANDLER_FAILED');
    network.last.end(1006);
    while (network.sockets.length < 2 || joined(h).length < 1) await clock.advance(10);
    let inside = false;
    network.onSent = (socket, envelope) => {
      // The reply takes longer than the pause before the next try.
      clock.setTimeout(() => {
        if (envelope.type.startsWith('room')) inside = envelope.type === 'room.join';
        answer(socket, envelope);
      }, 3_000);
    };
    await within(clock, 10_000, client.room(room).leave());
    await clock.advance(30_000);
    expect(joined(h).length).toBeGreaterThan(1);
    expect(inside).toBe(false);
    await client.close();
  });

  it('hold up no message, however many they are', async () => {
    const h = await entered(base, {}, rooms(120));
    const { client, clock, network } = h;
    await clock.advance(60_000);
    network.last.end(1006);
    const sent = client.chat.send(message);
    await within(clock, 20_000, sent);
    await client.close();
  });

  it('are entered before the messages for them are sent, which hold up no others', async () => {
    const all = rooms(3);
    const h = await entered(base, {}, all);
    const { client, clock, network } = h;
    const isIn = new Set<unknown>();
    const outside: unknown[] = [];
    network.onSent = (socket, envelope) => {
      const { type, data } = envelope;
      if (type === 'chat.send' && data.scope !== 'host' && !isIn.has(data.scope)) outside.push(data.scope);
      const enter = () => {
        if (type === 'room.join') isIn.add(data.room);
        answer(socket, envelope);
      };
      clock.setTimeout(enter, type === 'room.join' ? 500 : 1);
    };
    network.last.end(1006);
    const sent = [...all].reverse().map((scope) => client.chat.send({ scope, body: 'hi' }));
    const other = client.chat.send(message);
    while (client.state.status !== 'connected') await clock.advance(10);
    await within(clock, 100, other);
    await within(clock, 1_000, Promise.all(sent));
    expect(outside).toEqual([]);
    await client.close();
  });

  it('are waited for by their messages also between two tries, but not on v1, nor when they are given up', async () => {
    for (const [server, code, expected] of [
      [base, 'ERR_HANDLER_FAILED', ['room.join', 'room.join', 'chat.send']],
      [base, 'ERR_FORBIDDEN', ['room.join', 'chat.send']],
      [v1, 'ERR_HANDLER_FAILED', ['room.join', 'chat.send', 'room.join']],
    ] as const) {
      const h = await entered(server);
      const { client, clock, network } = h;
      let refused = 0;
      refusing(h, () => (refused++ < 1 ? code : undefined));
      network.last.end(1006);
      const sent = client.room(room).send('hi');
      await within(clock, 10_000, sent);
      await clock.advance(10_000);
      expect(network.last.sent.map(({ type }) => type)).toEqual(expected);
      await client.close();
    }
  });

  it('stay wanted where only the reply could not be read', async () => {
    const h = await entered();
    const { client, clock, network } = h;
    network.onSent = (socket, envelope) => socket.ack(envelope, { status: 7 });
    network.last.end(1006);
    await clock.advance(3_000);
    expect(joined(h)).toEqual([room]);
    network.last.end(1006);
    await clock.advance(5_000);
    expect(joined(h)).toEqual([room]);
    await client.close();
  });

  it('from which one was removed while away leave a gap, and an error that names the room', async () => {
    const h = await entered((network) => v1(network, [{ room, epoch: 'e', seq: 5 }]));
    const { client, clock, network, told } = h;
    v1(network, []);
    refusing(h, () => 'ERR_NOT_FOUND');
    network.last.end(1006);
    await clock.advance(3_000);
    expect(told.filter((line) => line.startsWith('gap'))).toEqual([`gap:${room} 6-6 denied`]);
    expect(client.explain().lastErrors).toMatchObject([{ code: 'ERR_NOT_FOUND', details: { room } }]);
    await client.close();
  });
});
