import { afterEach, describe, expect, it } from 'vitest';
import type { Operations } from '../operations/operations.js';
import { StoreError } from '../ports/store-error.js';
import { TestServer } from './testing/test-server.js';

let server: TestServer;
afterEach(() => server.stop());

const secret = 'the password of the database';

function failing(real: Operations): Operations {
  const fail = () => Promise.reject(new Error(secret));
  return {
    ...real,
    chat: {
      ...real.chat,
      send: fail,
      history: () => {
        throw new TypeError(secret);
      },
    },
  };
}

it('tells a fault of ours as a fixed text with a correlation id that the log has too (A2.4)', async () => {
  server = await TestServer.start({ operations: failing });
  const client = await server.v1(await server.person('ada'));
  for (const [type, data] of [
    ['chat.send', { scope: 'host', body: 'x' }],
    ['chat.history', { scope: 'host' }],
  ] as const) {
    const { error } = await client.ask(type, data);
    expect(error?.code).toBe('ERR_HANDLER_FAILED');
    expect(Object.keys(error?.details ?? {})).toEqual(['correlation_id']);
    const id = String(error?.details.correlation_id);
    const line = server.logged.find((logged) => logged.includes(id));
    expect(line).toContain(secret);
  }
  expect(JSON.stringify(client.received)).not.toContain(secret);
  expect((await client.ask('presence.ping')).type).toBe('presence.pong');
});

it('says no more than a word at debug level of what the store has told already', async () => {
  const full = () => Promise.reject(new StoreError('failed', secret, { fault: 'disk_full' }));
  server = await TestServer.start({
    operations: (real) => ({ ...real, chat: { ...real.chat, send: full } }),
  });
  const client = await server.v1(await server.person('ada'));
  const { error } = await client.ask('chat.send', { scope: 'host', body: 'x' });
  expect(error?.code).toBe('ERR_HANDLER_FAILED');
  const lines = server.logged.filter((line) => line.includes(String(error?.details.correlation_id)));
  expect(lines).toEqual([expect.stringMatching(/^debug a request failed/)]);
  expect(JSON.stringify(client.received)).not.toMatch(/disk|password/);
});

describe('a commit of which nobody knows what came', () => {
  const lost = () => Promise.reject(new StoreError('unknown_outcome', secret, { fault: 'unreachable' }));
  const start = () =>
    TestServer.start({
      operations: (real) => ({
        ...real,
        chat: {
          ...real.chat,
          send: (context, data) => (data.body === 'lost' ? lost() : real.chat.send(context, data)),
        },
        sessions: { ...real.sessions, refresh: lost },
      }),
    });

  it.each(['v1', 'base'] as const)(
    'A2.5 B4.1 is no refusal: the connection ends without an answer, so that the client comes back and asks again (%s)',
    async (dialect) => {
      server = await start();
      const client = await server[dialect](await server.person('ada'));
      const before = client.ask('chat.send', { scope: 'host', body: 'good' });
      const opId = client.post('chat.send', { scope: 'host', body: 'lost' });
      expect(await client.closed).toEqual({ code: 1011, reason: 'internal_error' });
      expect((await before).type).toBe('ack');
      expect(client.received.filter(({ op_id }) => op_id === opId)).toEqual([]);
      expect(server.logged.join()).not.toMatch(/^(error|warn).*a request failed/m);
    },
  );

  it('B4.1 stays without an answer as long as nobody knows, whoever asks again; the others are told what is', async () => {
    let knows: 'nobody' | 'still nobody' | 'the store' = 'nobody';
    server = await TestServer.start({
      operations: (real) => ({
        ...real,
        chat: {
          ...real.chat,
          send: (context, data) => {
            if (knows === 'nobody') return lost();
            if (knows === 'the store') return real.chat.send(context, data);
            return Promise.reject(new StoreError('failed', secret, { fault: 'io_error' }));
          },
        },
      }),
    });
    const ada = await server.person('ada');
    const say = { scope: 'host', body: 'x' };
    const first = await server.v1(ada);
    first.post('chat.send', say, 'in doubt');
    await first.closed;
    knows = 'still nobody';
    const second = await server.v1(ada);
    expect((await second.ask('chat.send', say, 'new')).error?.code).toBe('ERR_HANDLER_FAILED');
    second.post('chat.send', say, 'in doubt');
    expect((await second.closed).code).toBe(1011);
    expect(second.received.filter(({ op_id }) => op_id === 'in doubt')).toEqual([]);
    const grace = await server.v1(await server.person('grace'));
    expect((await grace.ask('chat.send', say, 'in doubt')).error?.code).toBe('ERR_HANDLER_FAILED');
    knows = 'the store';
    const third = await server.v1(ada);
    expect((await third.ask('chat.send', say, 'in doubt')).type).toBe('ack');
  });

  it('A5.3 also of a rotation: a refusal would have the client spend the token twice', async () => {
    server = await start();
    const ada = await server.person('ada');
    const client = await server.v1(ada);
    client.post('auth.refresh', { refresh_token: 'x' });
    expect((await client.closed).code).toBe(1011);
    expect(client.received.filter(({ type }) => type === 'error')).toEqual([]);
  });

  it('ends nobody else', async () => {
    server = await start();
    const ada = await server.v1(await server.person('ada'));
    const grace = await server.v1(await server.person('grace'));
    ada.post('chat.send', { scope: 'host', body: 'lost' });
    await ada.closed;
    expect((await grace.ask('chat.send', { scope: 'host', body: 'good' })).type).toBe('ack');
  });
});

it('closes a connection whose rooms cannot be read, so that it comes back', async () => {
  server = await TestServer.start({
    operations: (real) => ({
      ...real,
      rooms: { ...real.rooms, roomsOf: () => Promise.reject(new Error(secret)) },
    }),
  });
  const client = await server.base(await server.person('ada'));
  expect(await client.closed).toEqual({ code: 1011, reason: 'internal_error' });
});

it('answers what came before the rooms were read, in order', async () => {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  server = await TestServer.start({
    operations: (real) => ({
      ...real,
      rooms: { ...real.rooms, roomsOf: async (actor) => opened.then(() => real.rooms.roomsOf(actor)) },
    }),
  });
  const client = await server.base(await server.person('ada'));
  for (const opId of ['a', 'b', 'c']) client.post('room.leave', { room: 'tenant:x' }, opId);
  await server.clock.advance(100);
  expect(client.received).toEqual([]);
  open();
  await client.next((envelope) => envelope.op_id === 'c');
  expect(client.received.flatMap(({ op_id }) => op_id ?? [])).toEqual(['a', 'b', 'c']);
});

it('does not read from who sends without end before its rooms are read, nor takes it for dead, as long as its token lives', async () => {
  server = await TestServer.start({
    operations: (real) => ({ ...real, rooms: { ...real.rooms, roomsOf: () => new Promise(() => {}) } }),
  });
  const client = await server.base(await server.person('ada', { tokenMs: 120_000 }));
  const filling = { type: 'presence.ping', op_id: 'x', data: {}, pad: 'x'.repeat(400_000) };
  for (let count = 0; count < 30; count++) client.send(filling);
  for (let second = 0; second < 119; second++) await server.clock.advance(1_000);
  expect(client.ws.readyState).toBe(client.ws.OPEN);
  await server.clock.advance(1_000);
  expect((await client.closed).code).toBe(4401);
});

it('never logs a token (A5.5)', async () => {
  server = await TestServer.start();
  const ada = await server.person('ada');
  const client = await server.v1(ada, `?token=${ada.token}`);
  await client.ask('auth.refresh', { refresh_token: `${ada.token}x` });
  await expect(server.client(`/v1/ws?token=${ada.token}x`)).rejects.toThrow();
  await client.close();
  const text = server.logged.join('\n');
  expect(text).not.toContain(ada.token.split('.')[2]);
});
