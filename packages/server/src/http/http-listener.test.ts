import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Clock } from '@goconnect/protocol';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerRefused } from '../transport/http-answer.js';
import { createDoorway } from './doorway.js';
import type { HttpEnvironment } from './http-environment.js';
import { createHttpListener, type HttpListener } from './http-listener.js';

/** Timers that fire when the test says so. */
function manualClock() {
  const timers = new Map<number, { readonly callback: () => void; readonly delayMs: number }>();
  let last = 0;
  const clock: Clock = {
    now: () => 0,
    monotonic: () => 0,
    setTimeout: (callback, delayMs) => {
      timers.set(++last, { callback, delayMs });
      return last;
    },
    clearTimeout: (handle) => void timers.delete(handle as number),
  };
  const fireAll = () => {
    for (const [handle, { callback }] of [...timers]) {
      timers.delete(handle);
      callback();
    }
  };
  return { clock, timers, fireAll };
}

const doorTo = (app: Hono<HttpEnvironment>) => {
  const door = createDoorway(answerRefused);
  door.open((request, env) => app.fetch(request, env));
  return door;
};

describe('the HTTP listener', () => {
  let manual: ReturnType<typeof manualClock>;
  let listener: HttpListener;
  let port: number;
  let answer: () => void;
  let dropped: number;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    manual = manualClock();
    dropped = 0;
    const app = new Hono<HttpEnvironment>();
    app.get('/', (context) => context.text('hi'));
    app.get('/slow', async (context) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return context.text('late');
    });
    listener = createHttpListener(
      doorTo(app),
      manual.clock,
      { admitted: 1, unauthenticated: 3 },
      { strangerDropped: () => dropped++ },
    );
    ({ port } = await listener.listen(0, '127.0.0.1'));
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listener.close(0);
  });

  const open = async () => {
    const accepted = once(listener.server, 'connection');
    const socket = connect(port, '127.0.0.1');
    sockets.push(socket);
    socket.on('error', () => {});
    socket.resume();
    await accepted;
    return socket;
  };

  it('ends a socket that sends nothing for 10 s (A6.4)', async () => {
    const silent = await open();
    expect([...manual.timers.values()].map(({ delayMs }) => delayMs)).toEqual([10_000]);
    const closed = once(silent, 'close');
    manual.fireAll();
    await closed;
    expect(manual.timers.size).toBe(0);
    // Sooner than Node's own timeout, which is not to be relied on.
  }, 5_000);

  it('lets those be who asked for something', async () => {
    const socket = await open();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(socket, 'data');
    expect(manual.timers.size).toBe(0);
  });

  it('ends the socket that keeps it waiting longest, when there are too many', async () => {
    const [oldest, second, third] = [await open(), await open(), await open()];
    oldest.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await once(oldest, 'data');
    // It asked for something just now, so the second is the one that waits longest.
    const closed = once(second, 'close');
    await open();
    await closed;
    const next = once(third, 'close');
    await open();
    await next;
    expect(oldest.destroyed).toBe(false);
    expect(dropped).toBe(2);
  });

  it.each([
    ['', ''],
    [', also behind an upgrade that it ignores', 'Connection: Upgrade\r\nUpgrade: h2c\r\n'],
  ])('counts a body that does not come as waiting, and no request that it works on%s', async (_, upgrade) => {
    const working = await open();
    working.write(`GET /slow HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`);
    await once(listener.server, 'request');
    const trickling = await open();
    trickling.write(`POST / HTTP/1.1\r\nHost: x\r\n${upgrade}Content-Length: 9\r\n\r\n{`);
    await once(listener.server, 'request');
    await open();
    const closed = once(trickling, 'close');
    await open();
    await closed;
    const reply = once(working, 'data');
    answer();
    expect(String(await reply)).toMatch(/^HTTP\/1.1 200/);
  });

  it("takes a newcomer for no reason to end what it works on, and counts no user's connection", async () => {
    const asked: Socket[] = [];
    for (let count = 0; count < 3; count++) {
      const socket = await open();
      socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
      const [request] = await once(listener.server, 'request');
      asked.push((request as { readonly socket: Socket }).socket);
    }
    await once(await open(), 'close');
    for (const socket of asked) listener.admitted(socket);
    for (let count = 0; count < 3; count++) await open();
    expect(asked.map(({ destroyed }) => destroyed)).toEqual([false, false, false]);
  });

  it('lets requests under way end before it closes', async () => {
    const reply = fetch(`http://127.0.0.1:${port}/slow`);
    await once(listener.server, 'request');
    const closed = listener.close(5_000);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
    answer();
    expect(await (await reply).text()).toBe('late');
    await closed;
    expect(manual.timers.size).toBe(0);
  });

  it('closes without them when they take too long', async () => {
    const failed = expect(fetch(`http://127.0.0.1:${port}/slow`)).rejects.toThrow();
    await once(listener.server, 'request');
    const closed = listener.close(5_000);
    manual.fireAll();
    await closed;
    await failed;
    answer();
  });

  it('has bounds for what trickles in', () => {
    const { headersTimeout, requestTimeout, keepAliveTimeout, timeout } = listener.server;
    expect([headersTimeout, requestTimeout, keepAliveTimeout, timeout]).toEqual([
      10_000, 30_000, 5_000, 30_000,
    ]);
  });
});
