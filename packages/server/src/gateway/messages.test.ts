import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TestClient } from './testing/test-client.js';
import { type Person, TestServer } from './testing/test-server.js';

let server: TestServer;
let ada: Person;
let grace: Person;
let client: TestClient;
let other: TestClient;

beforeEach(async () => {
  server = await TestServer.start();
  [ada, grace] = [await server.person('ada'), await server.person('grace')];
  [client, other] = [await server.base(ada), await server.base(grace)];
  await Promise.all([client.fence(), other.fence()]);
});
afterEach(() => server.stop());

describe('the published messages, to a client that knows no more', () => {
  it('answers chat.send as published and tells everyone in the scope', async () => {
    const ack = await client.ask('chat.send', { scope: 'host', body: 'Hello everyone!' }, 'op-2');
    expect(ack).toEqual({
      type: 'ack',
      op_id: 'op-2',
      data: { message_id: expect.any(String), status: 'sent' },
    });
    const heard = await other.next('chat.message');
    expect(Object.keys(heard)).toEqual(['type', 'data']);
    expect(heard.data).toEqual({
      id: ack.data?.message_id,
      scope: 'host',
      user_id: 'ada',
      body: 'Hello everyone!',
      redacted: false,
      deleted_at: null,
      attachments: [],
      created_at: expect.stringMatching(/^2025-11-21T10:00:00(\.\d+)?Z$/),
    });
    expect(await client.next('chat.message')).toEqual(heard);
  });

  it('answers chat.edit, chat.delete and chat.redact, and tells everyone (A2.6)', async () => {
    const moderator = await server.base(await server.person('mo', { isModerator: true }));
    const { data } = await client.ask('chat.send', { scope: 'host', body: 'one' });
    const message_id = data?.message_id;
    const time = expect.stringMatching(/Z$/);

    const edited = await client.ask('chat.edit', { message_id, new_body: 'two' });
    expect(edited).toMatchObject({ type: 'ack', data: { message_id, status: 'edited', edited_at: time } });
    expect((await other.next('chat.edited')).data).toEqual({ message_id, new_body: 'two', edited_at: time });

    const redacted = await moderator.ask('chat.redact', { message_id, mask: '***' });
    expect(redacted.data).toEqual({ message_id, status: 'redacted', redaction_mask: '***' });
    expect((await other.next('chat.redacted')).data).toEqual({
      message_id,
      redaction_mask: '***',
      redacted_by: 'mo',
    });

    const deleted = await client.ask('chat.delete', { message_id, mode: 'hard' });
    expect(deleted.data).toEqual({ message_id, status: 'deleted', mode: 'hard', deleted_at: time });
    expect((await other.next('chat.deleted')).data).toEqual({ message_id, mode: 'hard', deleted_at: time });
  });

  it('answers room.join and room.leave, without positions (A2.6)', async () => {
    const network = await server.network(ada);
    const room = `network:${network.id}`;
    expect((await client.ask('room.leave', { room })).data).toEqual({ room, status: 'left' });
    expect((await client.ask('room.join', { room })).data).toEqual({ room, status: 'joined' });
  });

  it('answers presence.ping with presence.pong', async () => {
    const pong = await client.ask('presence.ping', {}, 'op-8');
    expect(pong).toEqual({
      type: 'presence.pong',
      op_id: 'op-8',
      data: { timestamp: '2025-11-21T10:00:00.000Z' },
    });
    expect((await client.ask('presence.ping', undefined as never, 'op-9')).error?.code).toBe(
      'ERR_RATE_LIMIT',
    );
  });

  it('sends no welcome and no positions, and takes no trace (B1.1, B6)', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const ack = await client.ask('chat.send', { scope: 'host', body: 'x' }, 'op-3', {
      meta: { traceparent },
    });
    await other.next('chat.message');
    await client.ask('chat.send', {}, 'op-4', { meta: { traceparent } });
    expect(ack).not.toHaveProperty('meta');
    for (const envelope of [...client.received, ...other.received]) {
      expect(envelope.type).not.toMatch(/^session\./);
      expect(envelope).not.toHaveProperty('seq');
      expect(envelope).not.toHaveProperty('meta');
    }
  });
});

describe('what cannot be a message (A1.5)', () => {
  const long = 'x'.repeat(129);
  it.each([
    ['not JSON', '{"type":', 'not_json', undefined],
    ['nothing at all', '', 'not_json', undefined],
    ['an array', '[]', 'envelope', undefined],
    ['null', 'null', 'envelope', undefined],
    ['a number', '7', 'envelope', undefined],
    ['no op_id', '{"type":"presence.ping","data":{}}', 'envelope', 'op_id'],
    ['an empty op_id', '{"type":"presence.ping","op_id":"","data":{}}', 'envelope', 'op_id'],
    ['a long op_id', `{"type":"presence.ping","op_id":"${long}","data":{}}`, 'envelope', 'op_id'],
    ['a numeric op_id', '{"type":"presence.ping","op_id":7,"data":{}}', 'envelope', 'op_id'],
    ['a name of the prototype', '{"type":"constructor","op_id":"o","data":{}}', 'unknown_type', 'type'],
    ['a type of the server', '{"type":"ack","op_id":"o","data":{}}', 'unknown_type', 'type'],
    ['no body', '{"type":"chat.send","op_id":"o","data":{"scope":"host"}}', 'validation', 'data.body'],
    [
      'a bad scope',
      '{"type":"chat.send","op_id":"o","data":{"scope":"x","body":"y"}}',
      'validation',
      'data.scope',
    ],
    ['brackets without end', '['.repeat(20_000), 'envelope', undefined],
    ['deep brackets', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'envelope', undefined],
  ])('refuses %s and goes on', async (_, frame, reason, field) => {
    client.send(frame);
    const { type, error, op_id } = await client.next('error');
    expect(type).toBe('error');
    expect(error?.code).toBe('ERR_INVALID_MESSAGE');
    expect(error?.details.reason).toBe(reason);
    expect(error?.details.field).toBe(field);
    expect(op_id).toBe(frame.includes('"o"') ? 'o' : undefined);
    expect(JSON.stringify(error).length).toBeLessThan(600);
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
    expect((await other.ask('presence.ping')).type).toBe('presence.pong');
  });

  it.each(['chat.history', 'presence.list', 'session.resume'])(
    'does not know %s without the extension (B1.1)',
    async (type) => {
      for (const data of [
        { scope: 'host', room: 'host', positions: [] },
        { scope: 7, room: 7, positions: 7 },
      ]) {
        const { error } = await client.ask(type, data);
        expect(error?.details).toMatchObject({ reason: 'unknown_type', field: 'type' });
      }
    },
  );

  it('closes with 4400 after more than 20 within 10 s, and nobody else notices', async () => {
    for (let count = 0; count < 20; count++) client.send('{');
    await client.fence();
    expect(client.all('error')).toHaveLength(20);
    client.send('{');
    expect((await client.closed).code).toBe(4400);
    expect(client.all('error')).toHaveLength(21);
    expect((await other.ask('presence.ping')).type).toBe('presence.pong');
    expect(server.counts.failed.get('too_many_invalid')).toBe(1);
  });

  it('forgives 20 within each 10 s', async () => {
    for (let round = 0; round < 3; round++) {
      for (let count = 0; count < 20; count++) client.send('{');
      await client.fence();
      await server.clock.advance(10_000);
    }
    expect((await client.ask('presence.ping')).type).toBe('presence.pong');
  });

  it('says at most three faults, whatever is wrong, and does not grow with it', async () => {
    const attachments = Array.from({ length: 10 }, (_, index) => `javascript:${'x'.repeat(index * 100)}`);
    const { error } = await client.ask('chat.send', { scope: '', body: '', attachments });
    expect(error?.details.faults).toHaveLength(3);
    expect(JSON.stringify(error).length).toBeLessThan(1_000);
  });

  it('answers a binary frame with 1003 and one that is too large with 1009 (A1.2)', async () => {
    client.send(Buffer.from('{}'));
    expect((await client.closed).code).toBe(1003);
    other.send(`"${'x'.repeat(524_288)}"`);
    expect((await other.closed).code).toBe(1009);
  });

  it('takes a message of exactly the largest size', async () => {
    const frame = JSON.stringify({ type: 'presence.ping', op_id: 'big', data: {}, more: '' });
    client.send(frame.replace('""', `"${'x'.repeat(524_288 - frame.length)}"`));
    expect((await client.next((envelope) => envelope.op_id === 'big')).type).toBe('presence.pong');
  });
});

describe('requests and replies', () => {
  it('answers every request exactly once (A2.1)', async () => {
    const ids = Array.from({ length: 60 }, (_, index) =>
      client.post(index % 3 === 0 ? 'chat.send' : index % 3 === 1 ? 'room.leave' : 'chat.edit', {
        scope: 'host',
        body: 'x',
        room: 'tenant:x',
        message_id: 'nothing',
        new_body: 'y',
      }),
    );
    await client.fence();
    await expect
      .poll(() => client.received.filter((envelope) => ids.includes(envelope.op_id ?? '')).length)
      .toBe(60);
    expect(new Set(client.received.flatMap((envelope) => envelope.op_id ?? [])).size).toBe(62);
  });

  it('lets the messages of one connection take effect in the order received (A2.2)', async () => {
    const bodies = Array.from({ length: 90 }, (_, index) => `message ${index}`);
    for (const body of bodies) client.post('chat.send', { scope: 'host', body });
    await other.next((envelope) => envelope.data?.body === 'message 89');
    expect(other.all('chat.message').map(({ data }) => data?.body)).toEqual(bodies);
  });

  it('tells what was refused with its code and op_id', async () => {
    const { error, op_id } = await client.ask('chat.edit', { message_id: 'nothing', new_body: 'y' }, 'edit');
    expect([error?.code, op_id]).toEqual(['ERR_NOT_FOUND', 'edit']);
    const sent = await client.ask('chat.send', { scope: 'host', body: 'mine' });
    const redact = await other.ask('chat.redact', { message_id: sent.data?.message_id, mask: '*' });
    expect(redact.error?.code).toBe('ERR_FORBIDDEN');
  });

  it('keeps op_ids within the connection: another may use the same ones (B4.1)', async () => {
    const first = await client.ask('chat.send', { scope: 'host', body: 'a' }, 'op-1');
    const again = await client.ask('chat.send', { scope: 'host', body: 'a' }, 'op-1');
    expect(again.data).toEqual(first.data);
    const reused = await client.ask('chat.send', { scope: 'host', body: 'b' }, 'op-1');
    expect(reused.error).toMatchObject({ code: 'ERR_INVALID_MESSAGE', details: { reason: 'op_id_reused' } });
    const second = await server.base(ada);
    const other = await second.ask('chat.send', { scope: 'host', body: 'b' }, 'op-1');
    expect(other.data?.message_id).not.toBe(first.data?.message_id);
  });
});
