import { createClient } from '@goconnect/client';
import { expect as expectOfJest } from 'expect';
import { describe, expect, it } from 'vitest';
import { createFakeServer } from '../fake-server/create-fake-server.js';
import { matchers, type TestkitMatchers } from './matchers.js';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>> extends TestkitMatchers<R> {}
}

expectOfJest.extend(matchers);

/** jest's own `expect`, as a test file of jest has it. */
describe("the matchers with jest's expect", () => {
  it('pass for what was received, also with an asymmetric matcher inside', async () => {
    await using server = await heardOnce();
    expectOfJest(server).toHaveReceived('chat.send', { body: 'hello' });
    expectOfJest(server).toHaveReceived('chat.send', { body: expectOfJest.stringMatching(/^hel/) });
    expectOfJest(server).toHaveReceivedTimes('chat.send', 1);
    expectOfJest(server).not.toHaveReceived('chat.edit');
  });

  it('fail with what was received instead', async () => {
    await using server = await heardOnce();
    expect(() => expectOfJest(server).toHaveReceived('chat.send', { body: 'other' })).toThrow(/hello/);
    expect(() => expectOfJest(server).toHaveReceivedTimes('chat.send', 2)).toThrow(/it was 1 times/);
    expect(() => expectOfJest(server).not.toHaveReceived('chat.send')).toThrow(/not to receive chat\.send/);
  });

  it('say what they look at when given something else', () => {
    expect(() => expectOfJest({}).toHaveReceived('chat.send')).toThrow(/createFakeServer/);
  });
});

async function heardOnce() {
  const server = createFakeServer();
  await using client = createClient({
    url: server.url,
    token: server.token('ada'),
    WebSocket: server.WebSocket,
    clock: server.clock,
  });
  await client.connect();
  await client.chat.send({ scope: 'network:lobby', body: 'hello' });
  return server;
}
