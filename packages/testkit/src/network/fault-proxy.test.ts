import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createFakeServer } from '../fake-server/create-fake-server.js';
import { makeRequest } from '../fake-server/factories.js';
import type { FakeServer } from '../fake-server/fake-server.js';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';

let server: FakeServer;
let proxy: FaultProxy;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  server = await createFakeServer({ transport: 'ws' });
  proxy = await createFaultProxy({ target: server.url, seed: 'proxy' });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await proxy.close();
  await server.close();
});

function dial() {
  const socket = new WebSocket(`${proxy.url}?token=${server.token('ada')}`, ['goconnect.v1']);
  sockets.push(socket);
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
  const errors: string[] = [];
  socket.on('error', ({ message }) => errors.push(message));
  const texts: string[] = [];
  let heard = () => {};
  socket.on('message', (data) => {
    texts.push(String(data));
    heard();
  });
  const text = async (part: string) => {
    while (!texts.some((one) => one.includes(part))) {
      await new Promise<void>((resolve) => {
        heard = resolve;
      });
    }
  };
  return { socket, closed, errors, texts, text };
}

async function connected() {
  const client = dial();
  await client.text('session.welcome');
  return client;
}

const send = (socket: WebSocket, body: string) =>
  socket.send(JSON.stringify(makeRequest('chat.send', { body }, body.slice(0, 20))));

describe('the proxy over real TCP', () => {
  it('passes everything through when there is no fault', async () => {
    const { socket, text, closed } = await connected();
    send(socket, 'x'.repeat(4_096));
    await text('chat.message');
    send(socket, 'small');
    await text('small');
    socket.close(3000);
    expect(await closed).toBe(3000);
  });

  it('delays', async () => {
    const { socket, text } = await connected();
    proxy.fault({ fault: { kind: 'delay', ms: 80 }, direction: 'up' });
    const from = performance.now();
    send(socket, 'late');
    await text('late');
    expect(performance.now() - from).toBeGreaterThanOrEqual(79);
  });

  it('holds a half-open direction and delivers when that ends', async () => {
    const { socket } = await connected();
    const half = proxy.fault({ fault: { kind: 'half_open' }, direction: 'up' });
    send(socket, 'held');
    await expect(server.waitFor('chat.send', {}, { deadlineMs: 100 })).rejects.toMatchObject({
      code: 'deadline',
    });
    half.end();
    await server.waitFor('chat.send', { body: 'held' });
  });

  it('resets, closes with a forged code, and cuts in the middle of a frame', async () => {
    const one = await connected();
    proxy.fault({ kind: 'reset' });
    expect(await one.closed).toBe(1006);
    const two = await connected();
    proxy.fault({ kind: 'close', code: 4401, reason: 'forged' });
    expect(await two.closed).toBe(4401);
    const three = await connected();
    const cut = proxy.fault({ fault: { kind: 'truncate', bytes: 5 }, direction: 'down' });
    server.say('host', 'grace', 'never whole');
    expect(await three.closed).toBe(1006);
    expect(three.texts.some((text) => text.includes('never whole'))).toBe(false);
    cut.end();
  });

  it('resets after so many frames', async () => {
    proxy.fault({ fault: { kind: 'reset' }, direction: 'up', afterFrames: 1, connection: 1 });
    const { socket, closed } = await connected();
    send(socket, 'arrives');
    expect(await closed).toBe(1006);
  });

  it('denies upgrades with a status', async () => {
    proxy.fault({ kind: 'deny_upgrade', status: 503, headers: { 'retry-after': '2' } });
    const { errors, closed } = dial();
    await closed;
    expect(errors).toEqual(['Unexpected server response: 503']);
  });

  it('never ends a handshake in a black hole', async () => {
    const hole = proxy.fault({ fault: { kind: 'black_hole' }, connection: 1 });
    const { socket } = dial();
    await expect.poll(() => proxy.connections).toBe(1);
    // Meanwhile another one gets all the way.
    await connected();
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    hole.end();
    await once(socket, 'open');
  });

  it('repeats frames', async () => {
    const { texts, text } = await connected();
    proxy.fault({ fault: { kind: 'duplicate', probability: 1 }, direction: 'down' });
    server.say('host', 'grace', 'twice');
    server.say('host', 'grace', 'end');
    await text('end');
    expect(texts.filter((one) => one.includes('twice'))).toHaveLength(2);
  });

  it('flips one bit of a payload', async () => {
    const { socket, closed, errors } = await connected();
    proxy.fault({ fault: { kind: 'bit_flip', probability: 1 }, direction: 'down' });
    for (let count = 0; count < 30 && socket.readyState === WebSocket.OPEN; count++)
      server.say('host', 'grace', '€'.repeat(50));
    await closed;
    expect(errors).toEqual(['Invalid WebSocket frame: invalid UTF-8 sequence']);
  });

  it('lets a stream of many frames through a narrow pipe in order', async () => {
    const { texts, text } = await connected();
    proxy.fault({ fault: { kind: 'bandwidth', bytesPerSecond: 200_000 }, direction: 'down' });
    for (let index = 0; index < 50; index++) server.say('host', 'grace', `number ${index}.`);
    await text('number 49.');
    const order = texts.flatMap((one) => /number (\d+)\./.exec(one)?.[1] ?? []);
    expect(order).toEqual(Array.from({ length: 50 }, (_, index) => String(index)));
  });

  it.each(['wss://127.0.0.1:1/v1/ws', 'http://127.0.0.1:1', 'nonsense', undefined])(
    'refuses the target %s and says what it takes',
    async (target) => {
      await expect(createFaultProxy({ target: target as string })).rejects.toMatchObject({
        code: 'bad_argument',
        remedy: expect.stringContaining('ws://127.0.0.1:8080/v1/ws'),
      });
    },
  );

  it.each([-1, 70_000, 1.5, 'abc'])('refuses the port %s', async (port) => {
    await expect(createFaultProxy({ target: server.url, port: port as number })).rejects.toMatchObject({
      code: 'bad_argument',
      remedy: 'Give a whole number of 0-65535.',
    });
  });

  it('refuses a close that no frame may carry, and one whose reason fits into none', async () => {
    expect(() => proxy.fault({ kind: 'close', code: 1006 })).toThrow(/code is 1006/);
    expect(() => proxy.fault({ kind: 'close', code: 4000, reason: 'x'.repeat(124) })).toThrow(/123 bytes/);
  });

  it('says what to do when its port is taken', async () => {
    await expect(createFaultProxy({ target: server.url, port: proxy.port })).rejects.toMatchObject({
      code: 'port_taken',
    });
  });
});
