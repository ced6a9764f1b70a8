import { expect, it } from 'vitest';
import { createFakeServer } from '../../fake-server/create-fake-server.js';
import { fakeServerTarget } from './fake-admin.js';
import { httpTarget } from './http-target.js';
import { serverEnvironment } from './server-env.js';
import type { TcpLine } from './tcp-dial.js';

it('gives a case that is over no connection, and ends the one that still came', async () => {
  await using server = await createFakeServer({ transport: 'ws' });
  let connected = (_: TcpLine) => {};
  let ended = 0;
  const line = { closed: new Promise<void>(() => {}), end: () => void ended++ };
  const target = {
    ...fakeServerTarget(server),
    tcpDial: () =>
      new Promise<TcpLine>((resolve) => {
        connected = resolve;
      }),
  };
  const { env, close } = await serverEnvironment(target, true).open();
  const late = env.bareSocket('GET / HTTP/1.1\r\n');
  const refused = expect(late).rejects.toThrow('the case is over');
  // Its handshake has not begun when the case ends.
  const onItsWay = env.dial(env.two);
  await close();
  connected(line);
  await refused;
  expect(ended).toBe(1);
  expect(() => env.dial(env.one)).toThrow('the case is over');
  await expect(env.bareSocket('')).rejects.toThrow('the case is over');
  expect((await onItsWay.opening()).kind).toBe('refused');
  expect(server.connections).toEqual([]);
});

it('does not wait on for time to pass when the run is stopped', async () => {
  const stop = new AbortController();
  const tokens = ['a', 'b'];
  const target = await httpTarget({ url: 'ws://127.0.0.1:1', tokens, slow: true, signal: stop.signal });
  const passing = target.passTime?.(60_000);
  stop.abort();
  await expect(passing).rejects.toThrow();
});
