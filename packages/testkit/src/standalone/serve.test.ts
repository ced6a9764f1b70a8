import { once } from 'node:events';
import { connect as dialTcp } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { checkScenario } from './scenario.js';
import { type Serving, serve } from './serve.js';

let serving: Serving | undefined;
afterEach(async () => {
  await serving?.stop();
  serving = undefined;
});

const control = async (method: string, path: string, body?: object) => {
  const response = await fetch(`${serving?.controlUrl}${path}`, {
    method,
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as never };
};

async function connect(): Promise<{ socket: WebSocket; next: () => Promise<never> }> {
  const { accessToken } = (await control('POST', '/token', { user: 'ada' })).body as { accessToken: string };
  const socket = new WebSocket(`${serving?.url}?token=${accessToken}`, ['goconnect.v1']);
  const queue: string[] = [];
  let wake = () => {};
  socket.on('message', (data) => {
    queue.push(String(data));
    wake();
  });
  const next = async () => {
    while (queue.length === 0) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return JSON.parse(queue.shift() ?? '') as never;
  };
  expect(await next()).toMatchObject({ type: 'session.welcome' });
  return { socket, next };
}

describe('a stand-alone fake server', () => {
  it('is driven over HTTP: says, injects, lists, scripts, faults, closes', async () => {
    serving = await serve({ port: 0 });
    const { socket, next } = await connect();
    await control('POST', '/say', { scope: 'host', user: 'grace', body: 'hi' });
    expect(await next()).toMatchObject({ type: 'chat.message', data: { body: 'hi' }, seq: 1 });
    await control('POST', '/event', {
      type: 'presence.update',
      data: { user_id: 'linus' },
      to: { user: 'ada' },
    });
    expect(await next()).toMatchObject({ type: 'presence.update', data: { user_id: 'linus' } });
    await control('POST', '/script', {
      on: 'chat.send',
      times: 1,
      do: { kind: 'error', code: 'ERR_FORBIDDEN' },
    });
    socket.send(JSON.stringify({ type: 'chat.send', op_id: 'o', data: { scope: 'host', body: 'x' } }));
    expect(await next()).toMatchObject({ type: 'error', error: { code: 'ERR_FORBIDDEN' } });
    expect(await control('GET', '/received?type=chat.sned')).toMatchObject({
      status: 400,
      body: { error: expect.stringContaining('type is "chat.sned"') },
    });
    expect((await control('GET', '/received?type=chat.send')).body).toMatchObject([
      { op_id: 'o', data: { body: 'x' }, userId: 'ada' },
    ]);
    expect((await control('GET', '/connections')).body).toMatchObject([{ userId: 'ada', dialect: 'v1' }]);
    await control('POST', '/fault', { kind: 'duplicate', probability: 1 });
    await control('POST', '/say', { scope: 'host', user: 'grace', body: 'twice' });
    expect([await next(), await next()]).toMatchObject([
      { data: { body: 'twice' } },
      { data: { body: 'twice' } },
    ]);
    await control('DELETE', '/fault');
    const closed = once(socket, 'close');
    await control('POST', '/close', { code: 4401 });
    expect((await closed)[0]).toBe(4401);
  });

  it('starts with the world and the script of a scenario', async () => {
    const scenario = checkScenario({
      users: [{ id: 'ada' }],
      networks: [{ id: 'x', members: { ada: 'owner' } }],
      script: [{ on: '*', do: { kind: 'reply', data: { scripted: true } } }],
    });
    serving = await serve({ port: 0, scenario });
    const { socket, next } = await connect();
    socket.send(JSON.stringify({ type: 'presence.ping', op_id: 'o', data: {} }));
    expect(await next()).toMatchObject({ data: { scripted: true } });
  });

  it('answers mistakes with 400 or 404 and what to do', async () => {
    serving = await serve({ port: 0 });
    expect(await control('POST', '/nonsense')).toMatchObject({
      status: 404,
      body: { remedy: expect.stringContaining('POST /say') },
    });
    expect(await control('POST', '/say', { scope: 'host', user: 'nobody', body: 'x' })).toMatchObject({
      status: 400,
      body: { code: 'no_such_user' },
    });
    expect(await control('POST', '/event', { type: 'chat.shout' })).toMatchObject({
      status: 400,
      body: { remedy: expect.stringContaining('/raw') },
    });
    expect(await control('POST', '/fault', { kind: 'explode' })).toMatchObject({ status: 400 });
  });

  it.each([
    ['/drain', { spread_ms: 'x' }, /The body\.spread_ms is "x"\. Give a number/],
    ['/close', { code: 'x' }, /The body\.code is "x"/],
    ['/close', { code: 1005 }, /closeConnections\(\)\.code is 1005/],
    ['/script', { on: 'chat.send', times: 'x', do: { kind: 'never' } }, /rule\.times is "x"/],
    ['/script', { on: 'chat.send', do: { kind: 'close', code: 1005 } }, /rule\.do\.code is 1005/],
    ['/fault', { kind: 'close', code: 1005 }, /fault\.code is 1005/],
    ['/event', { type: 'chat.message', to: { usr: 'ada' } }, /to has an unknown key "usr"/],
    ['/event', { type: 'chat.message', to: 'ada' }, /The body\.to is "ada"\. Give an object/],
    ['/token', { user: 'ada', expires_in: '5' }, /The body\.expires_in is "5"/],
    ['/token', { user: 'ada', expiresIn: 5 }, /unknown key "expiresIn"\. It takes user, expires_in/],
    ['/restart', { keep_log: 'no' }, /The body\.keep_log is "no"\. Give true or false/],
    ['/say', { scope: 'host', user: 'ada', body: '' }, /message\.body/],
    ['/say', { scope: 'network:attic', user: 'linus', body: 'x' }, /linus is not in network:attic/],
  ])('%s %j is answered with 400', async (path, body, error) => {
    serving = await serve({ port: 0 });
    expect(await control('POST', path, body)).toMatchObject({
      status: 400,
      body: { code: 'bad_argument', error: expect.stringMatching(error) },
    });
  });

  it('answers a path that is none, and lives on', async () => {
    serving = await serve({ port: 0 });
    const { port } = new URL(serving.controlUrl);
    const socket = dialTcp(Number(port), '127.0.0.1');
    socket.write('GET // HTTP/1.1\r\nHost: [\r\n\r\n');
    expect(String((await once(socket, 'data'))[0])).toContain('404');
    socket.destroy();
    expect((await control('GET', '/url')).status).toBe(200);
  });

  it('ends while somebody holds a connection to the control port open', async () => {
    serving = await serve({ port: 0 });
    const socket = dialTcp(Number(new URL(serving.controlUrl).port), '127.0.0.1');
    await once(socket, 'connect');
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    await serving.stop();
    await closed;
  });

  it('refuses a port that is none', async () => {
    await expect(serve({ port: 0, controlPort: 'abc' as never })).rejects.toThrow(/port is "abc".*0-65535/);
  });

  it('refuses a taken port', async () => {
    serving = await serve({ port: 0 });
    await expect(serve({ port: Number(new URL(serving.url).port) })).rejects.toMatchObject({
      code: 'port_taken',
    });
  });
});

describe('a scenario', () => {
  it.each([
    [{ scripts: [] }, /scenario has an unknown key "scripts".*script, faults/],
    [[], /scenario is not an object/],
    [{ users: [{ name: 'ada' }] }, /users\.0 has an unknown key "name".*id, tenantId/],
    [{ users: {} }, /scenario\.users is \{\}\. Give a list/],
    [
      { networks: [{ id: 'x', members: { ada: 'king' } }] },
      /members\.ada is "king".*member, moderator, admin, owner/,
    ],
    [{ settings: { tokenTTL: 1 } }, /settings has an unknown key "tokenTTL"/],
    [{ settings: { tokenTtl: -1 } }, /settings\.tokenTtl is -1/],
    [{ script: [{ on: 'chat.shout', do: { kind: 'twice' } }] }, /script\.0\.on is "chat\.shout"/],
    [{ script: [{ on: '*', do: { kind: 'explode' } }] }, /script\.0\.do\.kind is "explode".*reply, error/],
    [{ script: [{ on: '*', do: { kind: 'delay', seconds: 1 } }] }, /unknown key "seconds".*kind, ms/],
    [{ faults: { seed: 1, rules: [{ fault: { kind: 'delay' } }] } }, /plan\.rules\.0\.fault\.ms/],
  ])('%j is refused with what it takes', (scenario, message) => {
    expect(() => checkScenario(scenario)).toThrow(message);
  });
});
