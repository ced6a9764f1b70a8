import { createServer, type RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import { httpAdmin } from './http-admin.js';

/** An HTTP server that answers so. */
async function answering(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it.each<[string, RequestListener]>([
  ['takes a call and never answers', () => {}],
  ['stops in the middle of an answer', (_, response) => void response.writeHead(201).write('{"data":')],
])('gives up an API that %s', async (_, listener) => {
  await using host = await answering(listener);
  await expect(httpAdmin(host.url, { deadlineMs: 100 }).newUser()).rejects.toThrow(
    /did not answer POST \/v1\/auth\/register within 100 ms.*Start the server/,
  );
});

it('ends a call by its signal, and makes none after it', async () => {
  const stop = new AbortController();
  let calls = 0;
  await using host = await answering(() => {
    calls++;
    stop.abort(new Error('enough'));
  });
  const admin = httpAdmin(host.url, { signal: stop.signal });
  await expect(admin.newUser()).rejects.toThrow('enough');
  await expect(admin.newUser()).rejects.toThrow('enough');
  expect(calls).toBe(1);
});
