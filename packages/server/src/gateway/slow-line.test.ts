import type { Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { PAGE_BYTES } from '../operations/chat/history-page.js';
import { BOUNDS } from './bounds.js';
import type { TestClient } from './testing/test-client.js';
import { turns } from './testing/test-clock.js';
import { type Person, TestServer } from './testing/test-server.js';

/** Some 37 KB each, near to the largest there is, and 15 MB in all: more than the kernel takes on behalf of a client. */
const MESSAGES = 400;
const LARGE = {
  body: '🎉'.repeat(4_096),
  attachments: Array.from({ length: 10 }, (_, index) => `https://a.example/${index}/${'x'.repeat(2_000)}`),
};

let server: TestServer;
let ada: Person;
let grace: Person;
let scope: string;

beforeEach(async () => {
  server = await TestServer.start();
  [ada, grace] = [await server.person('ada'), await server.person('grace')];
  scope = `network:${(await server.network(ada, grace)).id}`;
  for (let count = 0; count < MESSAGES; count += 50) {
    const say = () => server.operations.chat.send({ actor: ada }, { scope, ...LARGE });
    await Promise.all(Array.from({ length: 50 }, say));
  }
}, 30_000);
afterEach(() => server.stop());

const line = (client: TestClient) => (client.ws as unknown as { _socket: Socket })._socket;

/** What waits for clients does not change any more: the kernel takes no more, or all was taken. */
async function settled(): Promise<void> {
  let before = -1;
  for (let same = 0; same < 20; ) {
    await turns(20);
    const { bytes } = server.gateway.stats().queued;
    same = bytes === before ? same + 1 : 0;
    before = bytes;
  }
}

/** The client reads on, some 64 KB at a time, and each time somebody says a little elsewhere. */
async function readSlowly(client: TestClient, over: () => boolean): Promise<void> {
  while (!over()) {
    line(client).pause();
    await server.operations.chat.send({ actor: ada }, { scope: 'host', body: 'x' });
    await turns(3);
    expect(server.counts.failed.get('slow_consumer')).toBe(undefined);
    expect(server.gateway.stats().queued.bytes).toBeLessThanOrEqual(BOUNDS.sendBufferBytes);
    line(client).resume();
    await turns(2);
  }
}

async function startResume(client: TestClient): Promise<void> {
  const positions = client.received[0]?.data?.rooms as { room: string; seq: number }[];
  const seen = positions.filter(({ room }) => room === scope).map((position) => ({ ...position, seq: 0 }));
  line(client).pause();
  client.post('session.resume', { positions: seen }, 'resume');
  await settled();
}

it('catches a slow line up with large messages, while others talk (A6.3, B3.3)', async () => {
  const client = await server.v1(grace);
  await startResume(client);
  const answer = () => client.received.find(({ op_id }) => op_id === 'resume');
  await readSlowly(client, () => answer() !== undefined);
  const last = MESSAGES + 2;
  expect(answer()?.data?.rooms).toMatchObject([{ room: scope, status: 'recovered', seq: last }]);
  const got = client.received.flatMap(({ room, seq }) => (room === scope ? (seq ?? []) : []));
  expect(got).toEqual(Array.from({ length: last }, (_, index) => index + 1));
});

it('answers many requests for history on a slow line, each as soon as there is room (A6.3)', async () => {
  const client = await server.v1(grace);
  line(client).pause();
  const asked = Array.from({ length: 60 }, () => client.post('chat.history', { scope, limit: 100 }));
  await settled();
  const answers = () => client.received.filter(({ op_id }) => op_id !== undefined);
  await readSlowly(client, () => answers().length === asked.length);
  expect(answers().map(({ op_id }) => op_id)).toEqual(asked);
  for (const { type, data } of answers()) {
    expect(type).toBe('ack');
    expect(Buffer.byteLength(JSON.stringify(data))).toBeLessThan(PAGE_BYTES + 1_000);
  }
});

it('still closes with 4408 who does not read what it asked for, and what others say (A6.3)', async () => {
  const client = await server.v1(grace);
  await startResume(client);
  for (let count = 0; count < 30; count++) client.post('chat.history', { scope, limit: 100 });
  for (let count = 0; count < 100 && !server.counts.failed.has('slow_consumer'); count++) {
    await server.operations.chat.send({ actor: ada }, { scope: 'host', ...LARGE });
    await turns(3);
  }
  expect(server.counts.failed.get('slow_consumer')).toBe(1);
  line(client).resume();
  expect((await client.closed).code).toBe(4408);
});
