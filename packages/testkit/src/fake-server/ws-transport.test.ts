import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeServer } from './create-fake-server.js';
import type { FakeServer } from './fake-server.js';

let server: FakeServer;
beforeEach(async () => {
  server = await createFakeServer({ transport: 'ws' });
});
afterEach(() => server.close());

interface Handshake {
  readonly path?: string;
  readonly host?: string;
  readonly key?: string;
  readonly protocol?: string;
}

/** A handshake by hand, and how its answer begins. */
function knock({ path = '/v1/ws', host = 'x', key = 'dGhlIHNhbXBsZSBub25jZQ==', protocol }: Handshake) {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Key: ${key}`,
    'Sec-WebSocket-Version: 13',
    `Authorization: Bearer ${server.token('ada')}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ];
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  return new Promise<string>((resolve) => {
    socket.on('error', () => resolve('broken'));
    socket.on('close', () => resolve('closed without a word'));
    socket.once('data', (bytes) => {
      socket.destroy();
      resolve(String(bytes).slice(0, 12));
    });
  });
}

describe('a handshake that no client would send', () => {
  it.each([
    ['a path that is none', { path: 'v1/ws' }, 'HTTP/1.1 400'],
    ['a whole address', { path: 'http://[/v1/ws' }, 'HTTP/1.1 400'],
    ['a path like a host', { path: '//' }, 'HTTP/1.1 404'],
    ['another path', { path: '/v1/wss' }, 'HTTP/1.1 404'],
    ['a host that is none', { host: '[' }, 'HTTP/1.1 101'],
    ['a key that is none', { key: 'nope' }, 'HTTP/1.1 400'],
    ['a subprotocol that is none', { protocol: 'goconnect.v1,,' }, 'HTTP/1.1 400'],
  ])('%s is answered, and the server lives on', async (_, handshake, answer) => {
    expect(await knock(handshake)).toBe(answer);
    expect(await knock({})).toBe('HTTP/1.1 101');
  });

  it('takes no place among the connections of its user', async () => {
    for (let count = 0; count < 6; count++) await knock({ key: 'nope' });
    expect(server.connections).toEqual([]);
    expect(await knock({})).toBe('HTTP/1.1 101');
  });
});
