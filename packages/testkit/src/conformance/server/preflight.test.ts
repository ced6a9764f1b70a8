import { createHash } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createFakeServer } from '../../fake-server/create-fake-server.js';
import { preflight } from './preflight.js';

/** A server below HTTP that answers the first bytes of each socket so. */
async function answering(answer: (request: string) => string) {
  const sockets = new Set<Socket>();
  let ended = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => void ended++);
    socket.once('data', (data) => socket.write(answer(String(data))));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `ws://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/v1/ws`,
    open: () => sockets.size - ended,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const users = [
  { id: 'ada', token: 'a' },
  { id: 'grace', token: 'g' },
];

/** RFC 6455. */
function accepted(request: string): string {
  const [, key = ''] = /sec-websocket-key: (.*)\r/i.exec(request) ?? [];
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const head = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade';
  return `${head}\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: goconnect.v1\r\n\r\n`;
}

it('takes a server that selects no subprotocol for one of the base contract', async () => {
  await using server = await createFakeServer({ transport: 'ws', v1: false });
  const [ada, grace] = [server.token('ada'), server.token('grace')];
  const target = { kind: 'server', url: server.url } as const;
  const known = [
    { id: 'ada', token: ada },
    { id: 'grace', token: grace },
  ];
  expect(await preflight({ ...target, users: known })).toBe(false);
});

it('waits once for a server that takes a connection and says nothing, and leaves no socket', async () => {
  await using host = await answering(() => '');
  const started = performance.now();
  await expect(preflight({ kind: 'server', url: host.url, users })).rejects.toThrow(/^Nothing answers at/);
  expect(performance.now() - started).toBeLessThan(15_000);
  await expect.poll(host.open).toBe(0);
}, 30_000);

it('does not wait for long for a server that never says goodbye, and leaves no socket', async () => {
  await using host = await answering(accepted);
  const started = performance.now();
  expect(await preflight({ kind: 'server', url: host.url, users })).toBe(true);
  expect(performance.now() - started).toBeLessThan(9_000);
  await expect.poll(host.open).toBe(0);
}, 60_000);
