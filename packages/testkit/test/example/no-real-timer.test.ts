import { createClient } from '@goconnect/client';
import { createFakeServer } from '@goconnect/testkit';
import { expect, it, vi } from 'vitest';
import { chatBox } from './chat-box.js';

it('a test of an app sets no real timer, neither in the client nor in the testkit', async () => {
  const timers = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'setInterval')];
  {
    await using server = createFakeServer();
    await using client = createClient(server.clientOptions('ada'));
    await client.connect();
    await chatBox(client, 'network:lobby').submit('hello');
    server.breakConnections();
    const again = chatBox(client, 'network:lobby').submit('again');
    // Coming back takes time, all of it virtual.
    await server.waitFor('chat.send', { body: 'again' }, { deadlineMs: 60_000 });
    await again;
  }
  const calls = timers.flatMap((timer) => timer.mock.calls);
  for (const timer of timers) timer.mockRestore();
  expect(calls).toEqual([]);
});
