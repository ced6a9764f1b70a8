import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { connectRaw, type Heard, type RawClient } from './testing/raw-client.js';
import { startTestServer, type TestServer } from './testing/test-server.js';

// Written from the published page of v0.1.0 and nothing else: raw WebSocket, its message types, fields and codes.
// HTTP is used only to make happen what the page says happens ("Recipients: Network admins/owners").

const text = expect.any(String);
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);

describe('the published WebSocket API', () => {
  let server: TestServer;
  let tokens: Record<'ada' | 'grace' | 'linus', string>;
  let network: string;
  let ada: RawClient;
  let grace: RawClient;
  let linus: RawClient;

  const http = async (who: keyof typeof tokens, method: string, path: string, body?: unknown) => {
    const answer = await server.call(method, `/v1/networks${path}`, {
      token: tokens[who],
      ...(body !== undefined && { body }),
    });
    expect(answer.status).toBeLessThan(300);
    return answer.data;
  };

  beforeAll(async () => {
    server = await startTestServer();
    tokens = {
      ada: await server.tokenOf('ada'),
      grace: await server.tokenOf('grace'),
      linus: await server.tokenOf('linus'),
    };
    const made = await http('ada', 'POST', '', {
      name: 'Published',
      visibility: 'public',
      join_policy: 'open',
    });
    network = made.id ?? '';
    for (const who of ['grace', 'linus'] as const) await http(who, 'POST', `/${network}/join`);
    await http('ada', 'PUT', `/${network}/members/grace/role`, { role: 'moderator' });
    [ada, grace, linus] = await Promise.all([
      server.connect(tokens.ada),
      server.connect(tokens.grace),
      server.connect(tokens.linus),
    ]);
    for (const client of [ada, grace, linus]) await client.ask('room.join', 'ready', { room: 'host' });
  });

  afterAll(async () => {
    for (const client of [ada, grace, linus]) client.socket.terminate();
    await server.end();
  });

  const inNetwork = () => `network:${network}`;
  let said = 0;
  const say = async (client: RawClient, body: string, scope = inNetwork()) => {
    const opId = `say-${++said}`;
    const ack = await client.ask('chat.send', opId, { scope, body });
    expect(ack).toEqual({ type: 'ack', op_id: opId, data: { message_id: text, status: 'sent' } });
    return String(ack.data?.message_id);
  };
  const isMessage = (id: unknown) => (heard: Heard) => heard.data?.id === id;
  const everyone = () => [ada, grace, linus];
  /** The event as each client heard it: type and data, whatever else stands beside them. */
  const heardBy = async (
    clients: readonly RawClient[],
    type: string,
    matches: (heard: Heard) => boolean = () => true,
  ) => {
    const events = await Promise.all(
      clients.map((client) => client.next((heard) => heard.type === type && matches(heard))),
    );
    for (const event of events) expect(event).not.toHaveProperty('op_id');
    const [first] = events;
    for (const event of events) expect(event.data).toEqual(first?.data);
    return first?.data;
  };

  describe('Connection', () => {
    const upgrade = (query: string, headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(`${server.url.replace('http', 'ws')}/v1/ws${query}`, { headers });
        socket.on('open', () => {
          socket.close();
          resolve(101);
        });
        socket.on('unexpected-response', (_request, response) => {
          resolve(response.statusCode ?? 0);
          response.resume();
        });
        socket.on('error', reject);
      });

    it('takes the token as Authorization header or as query parameter', async () => {
      expect(await upgrade('', { Authorization: `Bearer ${tokens.ada}` })).toBe(101);
      expect(await upgrade(`?token=${tokens.ada}`, {})).toBe(101);
    });

    it('is refused without a token and with a wrong one', async () => {
      expect(await upgrade('', {})).toBe(401);
      expect(await upgrade('?token=wrong', {})).toBe(401);
    });
  });

  describe('Inbound messages', () => {
    it('1. auth.refresh', async () => {
      const login = await server.call('POST', '/v1/auth/login', {
        body: { email: 'linus@goconnect.example', password: 'goconnect' },
      });
      const own = await connectRaw(`${server.url.replace('http', 'ws')}/v1/ws`, {
        headers: { Authorization: `Bearer ${login.data.access_token}` },
      });
      const reply = await own.ask('auth.refresh', 'op-1', { refresh_token: login.data.refresh_token });
      expect(reply).toEqual({
        type: 'ack',
        op_id: 'op-1',
        data: { access_token: text, refresh_token: text, expires_in: 900, status: 'refreshed' },
      });
      expect(reply.data?.refresh_token).not.toBe(login.data.refresh_token);
      const next = await server.connect(String(reply.data?.access_token));
      await next.close();
      await own.close();
    });

    it('2. chat.send, and chat.message for all clients in the same scope', async () => {
      const ack = await linus.ask('chat.send', 'op-2', {
        scope: inNetwork(),
        body: 'Message text',
        attachments: ['https://files.example/1', 'https://files.example/2'],
      });
      expect(ack).toEqual({ type: 'ack', op_id: 'op-2', data: { message_id: text, status: 'sent' } });
      expect(await heardBy(everyone(), 'chat.message', isMessage(ack.data?.message_id))).toMatchObject({
        scope: inNetwork(),
        user_id: 'linus',
        body: 'Message text',
        redacted: false,
        deleted_at: null,
        attachments: ['https://files.example/1', 'https://files.example/2'],
        created_at: time,
      });
    });

    it('2. chat.send to host, which everyone hears', async () => {
      const id = await say(grace, 'Hello everyone!', 'host');
      expect(await heardBy(everyone(), 'chat.message', isMessage(id))).toMatchObject({
        scope: 'host',
        user_id: 'grace',
        attachments: [],
      });
    });

    it('3. chat.edit, and chat.edited', async () => {
      const id = await say(linus, 'Hello world!');
      const reply = await linus.ask('chat.edit', 'op-3', {
        message_id: id,
        new_body: 'Updated message text',
      });
      expect(reply).toMatchObject({ type: 'ack', op_id: 'op-3', data: { message_id: id, status: 'edited' } });
      expect(await heardBy(everyone(), 'chat.edited')).toEqual({
        message_id: id,
        new_body: 'Updated message text',
        edited_at: time,
      });
    });

    it.each(['soft', 'hard'])('4. chat.delete %s, and chat.deleted', async (mode) => {
      const id = await say(linus, 'to be deleted');
      const reply = await linus.ask('chat.delete', `op-4-${mode}`, { message_id: id, mode });
      expect(reply).toMatchObject({
        type: 'ack',
        op_id: `op-4-${mode}`,
        data: { message_id: id, status: 'deleted', mode },
      });
      expect(await heardBy(everyone(), 'chat.deleted')).toEqual({ message_id: id, mode, deleted_at: time });
    });

    it('5. chat.redact by a moderator, and chat.redacted', async () => {
      const id = await say(linus, 'rude');
      const refused = await linus.ask('chat.redact', 'op-5', { message_id: id, mask: '***' });
      expect(refused).toMatchObject({ type: 'error', op_id: 'op-5', error: { code: 'ERR_FORBIDDEN' } });
      const reply = await grace.ask('chat.redact', 'op-5', { message_id: id, mask: '***' });
      expect(reply).toMatchObject({
        type: 'ack',
        op_id: 'op-5',
        data: { message_id: id, status: 'redacted' },
      });
      expect(await heardBy(everyone(), 'chat.redacted')).toEqual({
        message_id: id,
        redaction_mask: '***',
        redacted_by: 'grace',
      });
    });

    it('6. and 7. room.leave and room.join: who has left hears nothing', async () => {
      expect(await linus.ask('room.leave', 'op-7', { room: inNetwork() })).toMatchObject({
        type: 'ack',
        op_id: 'op-7',
        data: { room: inNetwork() },
      });
      const missed = await say(ada, 'linus is away');
      await heardBy([ada, grace], 'chat.message', isMessage(missed));
      expect(await linus.ask('room.join', 'op-6', { room: inNetwork() })).toMatchObject({
        type: 'ack',
        op_id: 'op-6',
        data: { room: inNetwork(), status: 'joined' },
      });
      const id = await say(ada, 'linus is back');
      await heardBy(everyone(), 'chat.message', isMessage(id));
      expect(linus.heard.some(({ data }) => data?.id === missed)).toBe(false);
      for (const room of ['host', inNetwork()])
        expect((await linus.ask('room.join', 'op-6', { room })).type).toBe('ack');
    });

    it('8. presence.ping', async () => {
      expect(await ada.ask('presence.ping', 'op-8')).toEqual({
        type: 'presence.pong',
        op_id: 'op-8',
        data: { timestamp: time },
      });
    });
  });

  describe('Outbound messages besides those above', () => {
    it('5. presence.update when a user comes and goes', async () => {
      const newcomer = await server.newUser('newcomer');
      const isTheirs = (heard: Heard) => heard.data?.user_id === newcomer.id;
      const client = await server.connect(newcomer.token);
      expect(await heardBy(everyone(), 'presence.update', isTheirs)).toEqual({
        user_id: newcomer.id,
        status: 'online',
        since: time,
      });
      await client.close();
      expect(await heardBy(everyone(), 'presence.update', isTheirs)).toEqual({
        user_id: newcomer.id,
        status: 'offline',
        since: time,
      });
    });

    it('5. member.joined and 6. member.left', async () => {
      const guest = await server.newUser('guest');
      const isTheirs = (heard: Heard) => heard.data?.user_id === guest.id;
      const path = `/v1/networks/${network}`;
      await server.call('POST', `${path}/join`, { token: guest.token });
      expect(await heardBy(everyone(), 'member.joined', isTheirs)).toEqual({
        network_id: network,
        user_id: guest.id,
        role: 'member',
      });
      await server.call('POST', `${path}/leave`, { token: guest.token });
      expect(await heardBy(everyone(), 'member.left', isTheirs)).toEqual({
        network_id: network,
        user_id: guest.id,
      });
    });

    it('7. request.join.pending for owner and admins only', async () => {
      const request = await http('grace', 'POST', '/attic/join');
      expect(await heardBy([ada], 'request.join.pending')).toEqual({
        network_id: 'attic',
        user_id: 'grace',
        request_id: request.id,
      });
      await http('ada', 'POST', '/attic/deny', { user_id: 'grace' });
      for (const client of [grace, linus]) {
        await client.ask('room.join', 'after', { room: 'host' });
        expect(client.heard.map(({ type }) => type)).not.toContain('request.join.pending');
      }
    });

    it('10. net.updated', async () => {
      await http('ada', 'PATCH', `/${network}`, { name: 'New Network Name', visibility: 'private' });
      expect(await heardBy(everyone(), 'net.updated')).toEqual({
        network_id: network,
        changes: ['name', 'visibility'],
        updated_by: 'ada',
        properties: { name: 'New Network Name', visibility: 'private' },
      });
      await http('ada', 'PATCH', `/${network}`, { visibility: 'public' });
    });

    it('8. admin.kick and 9. admin.ban, to the network and to the one concerned', async () => {
      const { id = '' } = await http('ada', 'POST', '', {
        name: 'Strict',
        visibility: 'public',
        join_policy: 'open',
      });
      for (const who of ['grace', 'linus'] as const) await http(who, 'POST', `/${id}/join`);
      const isHere = (heard: Heard) => heard.data?.network_id === id;
      await http('ada', 'POST', `/${id}/kick`, { user_id: 'linus', reason: 'Violation of rules' });
      expect(await heardBy(everyone(), 'admin.kick', isHere)).toEqual({
        network_id: id,
        user_id: 'linus',
        reason: 'Violation of rules',
      });
      await http('ada', 'POST', `/${id}/ban`, { user_id: 'grace', reason: 'Permanent ban' });
      expect(await heardBy([ada, grace], 'admin.ban', isHere)).toEqual({
        network_id: id,
        user_id: 'grace',
        reason: 'Permanent ban',
      });
    });
  });

  describe('11. error', () => {
    it.each([
      ['ERR_INVALID_MESSAGE', 'chat.send', { scope: 'host' }, { field: 'data.body' }],
      ['ERR_INVALID_MESSAGE', 'no.such.type', {}, { reason: 'unknown_type' }],
      ['ERR_FORBIDDEN', 'room.join', { room: 'network:attic' }, {}],
      ['ERR_NOT_FOUND', 'room.join', { room: 'network:nowhere' }, {}],
      ['ERR_NOT_FOUND', 'chat.edit', { message_id: 'msg-nowhere', new_body: 'x' }, {}],
      ['ERR_UNAUTHORIZED', 'auth.refresh', { refresh_token: 'wrong' }, {}],
    ])('%s for %s %j', async (code, type, data, details) => {
      expect(await grace.ask(type, 'op-1', data)).toMatchObject({
        type: 'error',
        op_id: 'op-1',
        error: { code, message: text, details },
      });
    });

    it('for what is no message at all, and the connection stays open', async () => {
      grace.socket.send('not json');
      expect(await grace.event('error')).toMatchObject({
        error: { code: 'ERR_INVALID_MESSAGE', message: text },
      });
      expect((await grace.ask('presence.ping', 'alive')).type).toBe('presence.pong');
    });

    it('ERR_RATE_LIMIT past 100 messages a minute', async () => {
      const { token } = await server.newUser('hasty');
      const hasty = await server.connect(token);
      const replies = await Promise.all(
        Array.from({ length: 101 }, (_, index) => hasty.ask('room.join', `op-${index}`, { room: 'host' })),
      );
      const refused = replies.filter(({ type }) => type === 'error');
      expect(refused).toHaveLength(1);
      expect(refused[0]?.error).toMatchObject({
        code: 'ERR_RATE_LIMIT',
        details: { retry_after_ms: expect.any(Number) },
      });
      await hasty.close();
    });
  });

  describe('Monitoring', () => {
    it('/health tells connections and rooms', async () => {
      const { status, body } = await server.call('GET', '/health');
      expect([status, body]).toEqual([
        200,
        { ok: true, websocket: { connections: expect.any(Number), rooms: expect.any(Number) } },
      ]);
    });

    it('/metrics has the five published names', async () => {
      await say(ada, 'to be counted');
      const { body } = await server.call('GET', '/metrics');
      for (const sample of [
        'websocket_connections_total 3',
        'websocket_messages_sent_total{type="ack"}',
        'websocket_messages_received_total{type="chat.send"}',
        'websocket_errors_total{type="ERR_INVALID_MESSAGE"}',
        'websocket_rooms_total ',
      ]) {
        expect(body).toContain(sample);
      }
    });
  });
});
