import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket as TcpSocket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { createClient, type GoConnectClient, type GoConnectError } from '../index.js';

/** A server that knows only the published page, on real sockets. */
class PublishedServer {
  readonly upgrades: IncomingMessage[] = [];
  readonly sockets: WebSocket[] = [];
  readonly #tcp = new Set<TcpSocket>();
  readonly #http: Server = createServer();
  readonly #ws = new WebSocketServer({ noServer: true, handleProtocols: () => false });
  /** Answers an upgrade with an HTTP status instead. */
  refuse: ((request: IncomingMessage) => string | undefined) | undefined;
  /** Of that answer. */
  body = '';
  onMessage: (
    socket: WebSocket,
    envelope: { type: string; op_id: string; data: Record<string, string> },
  ) => void = answer;

  async listen(): Promise<string> {
    this.#http.on('connection', (socket) => {
      this.#tcp.add(socket);
      socket.on('close', () => this.#tcp.delete(socket));
    });
    this.#http.on('upgrade', (request, socket, head) => {
      this.upgrades.push(request);
      const refusal = this.refuse?.(request);
      if (refusal) {
        // Nobody reads a long one to its end.
        socket.on('error', () => {});
        socket.end(
          `HTTP/1.1 ${refusal}\r\nConnection: close\r\nContent-Length: ${this.body.length}\r\n\r\n${this.body}`,
        );
        return;
      }
      this.#ws.handleUpgrade(request, socket, head, (ws) => {
        this.sockets.push(ws);
        ws.on('message', (data) => this.onMessage(ws, JSON.parse(String(data))));
      });
    });
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `ws://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1/ws`;
  }
  get connections(): number {
    return this.#tcp.size;
  }
  async stop(): Promise<void> {
    for (const socket of this.#tcp) socket.destroy();
    await new Promise((resolve) => this.#http.close(resolve));
  }
}

function answer(
  socket: WebSocket,
  { type, op_id, data }: { type: string; op_id: string; data: Record<string, string> },
): void {
  const reply = (more: object) => JSON.stringify({ type: 'ack', op_id, data: more });
  if (type === 'presence.ping') {
    socket.send(
      JSON.stringify({ type: 'presence.pong', op_id, data: { timestamp: '2026-01-01T00:00:00Z' } }),
    );
  } else if (type === 'chat.send') {
    const event = {
      id: 'm1',
      scope: data.scope,
      user_id: 'u',
      body: data.body,
      created_at: '2026-01-01T00:00:00Z',
    };
    // The original server coalesces its queue into one frame (A1.1), and omits what is empty (A1.4).
    socket.send(
      `${reply({ message_id: 'm1', status: 'sent' })}\n${JSON.stringify({ type: 'chat.message', data: event })}`,
    );
  } else socket.send(reply({ room: data.room, status: type === 'room.join' ? 'joined' : 'left' }));
}

const quick = { backoff: { minMs: 1, baseMs: 5, maxMs: 20 } };
const open: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of open.splice(0)) await end();
});

async function start(options: Partial<Parameters<typeof createClient>[0]> = {}) {
  const server = new PublishedServer();
  const url = await server.listen();
  const client = createClient({ url, token: 'the-token', ...quick, ...options });
  open.push(
    () => client.close(),
    () => server.stop(),
  );
  return { server, client, url };
}

async function reached(client: GoConnectClient, status: string): Promise<void> {
  if (client.state.status === status) return;
  await new Promise<void>((resolve) => {
    const off = client.on('state', (state) => {
      if (state.status !== status) return;
      off();
      resolve();
    });
  });
}

describe('against a server of the published page, on real sockets', () => {
  it('sends the token in the Authorization header, never in the URL (A5.1)', async () => {
    const { server, client } = await start();
    await client.connect();
    expect(server.upgrades[0]?.headers.authorization).toBe('Bearer the-token');
    expect(server.upgrades[0]?.url).not.toContain('the-token');
    expect(server.upgrades[0]?.headers['sec-websocket-extensions']).toBeUndefined();
  });

  it.each(['query', 'subprotocol'] as const)('sends it as %s where asked', async (tokenTransport) => {
    const { server, client } = await start({ tokenTransport });
    client.connect().catch(() => {});
    await expect.poll(() => server.upgrades.length).toBeGreaterThan(0);
    const { url, headers } = server.upgrades[0] as IncomingMessage;
    expect(headers.authorization).toBeUndefined();
    if (tokenTransport === 'query') expect(url).toContain('token=the-token');
    else expect(headers['sec-websocket-protocol']).toBe('goconnect.v1,goconnect.bearer.the-token');
  });

  it('is found out to know no subprotocols: dialled again at once without an offer, each time (B1.1)', async () => {
    const { server, client } = await start();
    await client.connect();
    server.sockets.at(-1)?.terminate();
    await reached(client, 'waiting');
    await reached(client, 'connected');
    const offers = server.upgrades.map(({ headers }) => headers['sec-websocket-protocol']);
    // The server that comes back may be a newer one, so that each connection begins with the offer.
    expect(offers).toEqual(['goconnect.v1', undefined, 'goconnect.v1', undefined]);
  });

  it('chats: ack and event out of one coalesced frame, in order (A1.1)', async () => {
    const { client } = await start();
    await client.connect();
    const order: string[] = [];
    client.room('host').on('chat.message', ({ body, attachments, deleted_at }) => {
      order.push(body);
      expect([attachments, deleted_at]).toEqual([[], null]);
    });
    await client.room('host').send('hello');
    expect(order).toEqual(['hello']);
    expect((await client.presence.ping()).timestamp).toMatch(/^2026/);
    expect(await client.room('network:n').join()).toMatchObject({ status: 'joined' });
  });

  it('comes back when the server drops the line, and delivers what was queued meanwhile', async () => {
    const { server, client } = await start();
    await client.connect();
    const first = server.sockets.at(-1);
    first?.terminate();
    await reached(client, 'waiting');
    const sent = client.room('host').send('queued');
    expect(await sent).toMatchObject({ status: 'sent' });
    expect(server.sockets.at(-1)).not.toBe(first);
  });

  it('gets one fresh token when the upgrade is answered with 401 (A5.2)', async () => {
    let asked = 0;
    const { server, client } = await start({ token: () => `t${++asked}` });
    server.refuse = ({ headers }) => (headers.authorization === 'Bearer t1' ? '401 Unauthorized' : undefined);
    await client.connect();
    expect(asked).toBe(2);
    expect(server.upgrades.map(({ headers }) => headers.authorization?.slice(-2))).toEqual([
      't1',
      't2',
      't2',
    ]);
  });

  it('fails with auth_failed when the fresh one is refused too', async () => {
    let asked = 0;
    const { server, client } = await start({ token: () => `t${++asked}` });
    server.refuse = () => '401 Unauthorized';
    await expect(client.connect()).rejects.toMatchObject({ code: 'auth_failed' });
    expect(server.upgrades).toHaveLength(2);
  });

  it('stays away after 403 (A5.2)', async () => {
    const { server, client } = await start();
    server.refuse = () => '403 Forbidden';
    await expect(client.connect()).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
    expect(server.upgrades).toHaveLength(1);
    // Nothing that was not told: no key without a value.
    expect(client.explain().lastEnd).toStrictEqual({
      ...{ code: 1006, reason: '', status: 403 },
      cause: '403 Forbidden',
    });
  });

  it('honours Retry-After of a full server (A5.2)', async () => {
    const { server, client } = await start();
    server.refuse = () => '503 Service Unavailable\r\nRetry-After: 120';
    client.connect().catch(() => {});
    await reached(client, 'waiting');
    const { retryAt = 0 } = client.state;
    expect(retryAt - Date.now()).toBeGreaterThan(119_000);
    expect(retryAt - Date.now()).toBeLessThan(121_000);
    expect(client.explain().lastEnd).toStrictEqual({
      code: 1006,
      reason: '',
      cause: '503 Service Unavailable',
      status: 503,
      retryAfterMs: 120_000,
    });
  });

  it('says the words of the server that refuses for good, and what to do (A5.2)', async () => {
    const { server, client } = await start();
    server.refuse = () => '403 Forbidden';
    server.body = JSON.stringify({
      code: 'ERR_FORBIDDEN',
      message: 'Pages of this origin may not connect',
      details: { reason: 'origin' },
    });
    await expect(client.connect()).rejects.toMatchObject({
      message: 'The server closed for good: 403 Pages of this origin may not connect',
      remedy: expect.stringContaining('origin'),
    });
  });

  it.each([
    ['200 OK', '200 No GoConnect endpoint there: check the url', ''],
    ['404 Not Found', '404 No GoConnect endpoint there: check the url', '<html>'],
    ['404 Not Found', '404 WebSockets: /ws', '{"code":"ERR_NOT_FOUND","message":"WebSockets: /ws"}'],
    ['426 Upgrade Required', '426 No GoConnect endpoint there: check the url', 'null'],
    ['502 Bad Gateway', '502 Bad Gateway', '{"message":"of somebody else"}'],
    ['500 Oh', '500 Oh', 'x'.repeat(1_000_000)],
  ])('tries on after %j, and says in explain() "%s"', async (refusal, why, body) => {
    const { server, client } = await start();
    Object.assign(server, { body, refuse: () => refusal });
    client.connect().catch(() => {});
    await reached(client, 'waiting');
    expect(client.explain().why).toContain(why);
    expect(client.explain().remedy).toContain('url');
    await expect.poll(() => server.upgrades.length).toBeGreaterThan(1);
  });

  it('says what the network said: nobody listens, no such host, no TLS; and never a token', async () => {
    const { server, url } = await start();
    const { port } = new URL(url);
    await server.stop();
    const plain = new PublishedServer();
    const tls = (await plain.listen()).replace('ws:', 'wss:');
    open.push(() => plain.stop());
    for (const [wrong, why] of [
      [url, /ECONNREFUSED/],
      [`ws://localhost:${port}/v1/ws`, /ECONNREFUSED/],
      ['ws://no-such-host.invalid/v1/ws', /ENOTFOUND|EAI_AGAIN/],
      [tls, /SSL|TLS|EPROTO|hang up|ECONNRESET/],
    ] as const) {
      for (const tokenTransport of ['header', 'query', 'subprotocol'] as const) {
        const client = createClient({ url: wrong, token: 'canary', tokenTransport, ...quick });
        open.push(() => client.close());
        client.connect().catch(() => {});
        await reached(client, 'waiting');
        expect(client.explain().why).toMatch(why);
        expect(client.explain().why).not.toContain('\n');
        expect(JSON.stringify(client.explain())).not.toContain('canary');
        await client.close();
      }
    }
  });

  it('goes on trying where nobody listens, and connects when somebody does', async () => {
    const { server, client, url } = await start();
    await server.stop();
    client.connect().catch(() => {});
    await reached(client, 'waiting');
    const { port } = new URL(url);
    const late = new WebSocketServer({ port: Number(port), host: '127.0.0.1' });
    open.push(() => new Promise((resolve) => late.close(resolve)));
    await client.connect();
    await client.close();
    for (const socket of late.clients) socket.terminate();
  });

  it('reports a frame of nonsense and lives on (A1.4)', async () => {
    const { server, client } = await start();
    await client.connect();
    const unknown: (string | undefined)[] = [];
    client.on('unknown', ({ type }) => unknown.push(type));
    for (const frame of [
      '{',
      '[]',
      '['.repeat(20_000),
      '{"type":"call.offer","data":{}}',
      '{"type":"chat.message","data":{}}',
    ]) {
      server.sockets.at(-1)?.send(frame);
    }
    server.sockets.at(-1)?.send(Buffer.from([1, 2, 3]));
    await client.presence.ping();
    expect(unknown).toEqual([undefined, undefined, undefined, 'call.offer', 'chat.message']);
    expect(client.state.status).toBe('connected');
  });

  it('leaves no connection behind after close()', async () => {
    const { server, client } = await start();
    await client.connect();
    await client.close();
    await expect.poll(() => server.connections).toBe(0);
  });

  it('cuts a peer that never says goodbye back', async () => {
    const { server, client } = await start();
    await client.connect();
    const socket = server.sockets.at(-1) as unknown as { _socket: TcpSocket } | undefined;
    socket?._socket.pause();
    const begun = performance.now();
    await client.close();
    expect(performance.now() - begun).toBeLessThan(3_000);
  });

  it('can be closed while it dials', async () => {
    const { server, client } = await start();
    const failure = client.connect().catch((error: GoConnectError) => error.code);
    await reached(client, 'connecting');
    await client.close();
    expect(await failure).toBe('closed');
    await expect.poll(() => server.connections).toBe(0);
  });
});
