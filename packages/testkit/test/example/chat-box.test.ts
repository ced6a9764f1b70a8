import { createClient } from '@goconnect/client';
import { createFakeServer } from '@goconnect/testkit';
import { expect, it } from 'vitest';
import { chatBox } from './chat-box.js';

it('shows what others say and says what went wrong', async () => {
  await using server = createFakeServer();
  await using client = createClient(server.clientOptions('ada'));
  await client.connect();
  const { view, submit } = chatBox(client, 'network:lobby');
  await submit('hello');
  server.say('network:lobby', 'grace', 'hi ada');
  server.when('chat.send').fail('ERR_FORBIDDEN');
  await submit('again');
  expect(view.lines).toEqual(['ada: hello', 'grace: hi ada']);
  expect(view.note).toBe('Ask someone whose role permits it.');
});
