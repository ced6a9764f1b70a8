import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { textFrame } from '../gateway/frame.js';
import { WsSocket } from './ws-socket.js';

let server: WebSocketServer;
let client: WebSocket;
let socket: WsSocket;

beforeEach(async () => {
  server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  client = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
  const [[ws, request]] = await Promise.all([once(server, 'connection'), once(client, 'open')]);
  socket = new WsSocket(ws as WebSocket, (request as { socket: Socket }).socket);
});

afterEach(async () => {
  for (const one of server.clients) one.terminate();
  await new Promise((resolve) => server.close(resolve));
});

const never = () => {
  throw new Error('flushed, after it was said to be taken');
};

it('says at once that the operating system took what it had room for, in order', async () => {
  const heard: string[] = [];
  client.on('message', (data) => heard.push(String(data)));
  expect(socket.write([textFrame('one'), textFrame('two')], never)).toBe('taken');
  expect(socket.write([textFrame('three')], never)).toBe('taken');
  while (heard.length < 3) await once(client, 'message');
  expect(heard).toEqual(['one', 'two', 'three']);
});

it('tells once when a reader that was slow has made room for all of it', async () => {
  client.pause();
  const large = textFrame('x'.repeat(1_000_000));
  let flushed = 0;
  let writes = 1;
  while (socket.write([large, large], () => flushed++) === 'taken') writes++;
  expect(flushed).toBe(0);
  let heard = 0;
  client.on('message', () => heard++);
  client.resume();
  while (heard < 2 * writes) await once(client, 'message');
  expect(flushed).toBe(1);
});

it('writes nothing behind a close frame, and never calls that taken', async () => {
  const heard: string[] = [];
  client.on('message', (data) => heard.push(String(data)));
  socket.close(4000, 'over');
  expect(socket.write([textFrame('too late')], never)).toBe('under_way');
  const [code] = await once(client, 'close');
  expect([code, heard]).toEqual([4000, []]);
});
