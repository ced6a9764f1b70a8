import { createClient } from '@goconnect/client';
import { createFakeServer } from '@goconnect/testkit';
import { expect, it } from 'vitest';
import { chatBox } from './chat-box.js';

it('shows what others say and says what went wrong', async () => {
  await using server = createFakeServer();
  await using client = createClient({
    url: server.url,
    token: server.token('ada'),
    WebSocket: server.WebSocket,
    clock: server.clock,
  });
  await client.connect();
  const { view, submit } = chatBox(client, 'network:lobby');
  await submit('hello');
  server.say('network:lobby', 'grace', 'hi ada');
  server.when('chat.send').fail('ERR_FORBIDDEN');
  await submit('again');
  expect(view).toEqual({
    lines: ['ada: hello', 'grace: hi ada'],
    note: 'Ask someone whose role permits it.',
  });
});
