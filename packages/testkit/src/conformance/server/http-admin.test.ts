import { createServer, type RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import { httpAdmin } from './http-admin.js';
import { httpTarget } from './http-target.js';

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
    /^POST http:.*\/v1\/auth\/register was not answered within 100 ms.*Start the server/,
  );
});

it('asks below the path of the address, encodes ids in it, and shows what was asked', async () => {
  const asked: string[] = [];
  await using host = await answering((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const found = request.url?.startsWith('/chat/v1/networks/');
    response.writeHead(found ? 200 : 404).end('{"data":{}}');
  });
  const user = { id: 'a/b c?#%', token: 't' };
  for (const base of [`${host.url}/chat`, `${host.url}/chat/`]) {
    const admin = httpAdmin(base);
    await admin.setRole('n/1', user, user, 'admin');
    await admin.leave('..%2F', user);
    await expect(admin.newUser()).rejects.toThrow(
      `POST ${host.url}/chat/v1/auth/register was answered with 404`,
    );
  }
  const once = [
    'PUT /chat/v1/networks/n%2F1/members/a%2Fb%20c%3F%23%25/role',
    'POST /chat/v1/networks/..%252F/leave',
    'POST /chat/v1/auth/register',
  ];
  expect(asked).toEqual([...once, ...once]);
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

it('gives a target whose tokens are renewed by logging in again', async () => {
  let count = 0;
  await using host = await answering((request, response) => {
    let body = '';
    request.on('data', (part) => {
      body += String(part);
    });
    request.on('end', () => {
      const { email } = JSON.parse(body);
      const login = { access_token: `t${++count}`, refresh_token: 'r', expires_in: 60, user: { id: email } };
      response.writeHead(200).end(JSON.stringify({ data: login }));
    });
  });
  const logins = ['ada', 'grace'].map((email) => ({ email, password: 'x' }));
  const target = await httpTarget({ url: 'ws://127.0.0.1:1', http: host.url, logins });
  const tokens = async (ms: number) => (await target.tokens?.renewed(ms))?.map(({ token }) => token);
  expect(await tokens(30_000)).toEqual(['t1', 't2']);
  expect(await tokens(90_000)).toEqual(['t3', 't4']);
  expect(target.tokens?.ranOut()).toBe(false);
});
