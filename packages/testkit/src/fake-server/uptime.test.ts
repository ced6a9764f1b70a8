import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../time/virtual-clock.js';
import { createFakeServer } from './create-fake-server.js';
import type { FakeServer } from './fake-server.js';

const servers: FakeServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close().catch(() => {});
});

async function onPort(port = 0, clock?: VirtualClock): Promise<FakeServer> {
  const server = await createFakeServer({ transport: 'ws', port, ...(clock && { clock }) });
  servers.push(server);
  return server;
}
const portOf = ({ url }: FakeServer) => Number(new URL(url).port);

/** Whether anything listens on a port: it is free when somebody else can have it. */
function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

describe('a server that restarts', () => {
  it('does not come back once it is closed meanwhile', async () => {
    const server = await onPort();
    const port = portOf(server);
    const restart = server.restart();
    await server.close();
    await restart;
    expect(await isFree(port)).toBe(true);
  });

  it('restarts twice when it is asked twice at once', async () => {
    const server = await onPort();
    await Promise.all([server.restart(), server.restart({ keepLog: false })]);
    expect(await isFree(portOf(server))).toBe(false);
    await server.close();
    expect(await isFree(portOf(server))).toBe(true);
  });

  it('says at its end when it could not come back, because its port was taken meanwhile', async () => {
    const clock = createVirtualClock();
    const server = await onPort(0, clock);
    await server.restart({ downMs: 100 });
    const thief = await onPort(portOf(server));
    await clock.advance(100);
    await expect(server.close()).rejects.toMatchObject({ code: 'port_taken' });
    await expect(server.close()).rejects.toMatchObject({ code: 'port_taken' });
    await thief.close();
    expect(clock.close()).toEqual([]);
  });

  it('comes back at the time of the later of two, and not at that of the earlier', async () => {
    const server = createFakeServer();
    servers.push(server);
    const clock = server.clock as VirtualClock;
    const closes: number[] = [];
    const dial = async () => {
      const socket = new (server.WebSocket as NonNullable<FakeServer['WebSocket']>)(
        `${server.url}?token=${server.token('ada')}`,
      );
      socket.onclose = ({ code }) => closes.push(code);
      await clock.advance(0);
      return socket.readyState;
    };
    await server.restart({ downMs: 100 });
    await server.restart({ downMs: 1_000 });
    await clock.advance(100);
    expect(await dial()).toBe(3);
    await clock.advance(900);
    expect(await dial()).toBe(1);
    expect(closes).toEqual([1006]);
  });

  it('leaves no timer when it is closed while it is away', async () => {
    const clock = createVirtualClock();
    const server = createFakeServer({ clock });
    await server.restart({ downMs: 1_000 });
    await server.close();
    expect(clock.close()).toEqual([]);
  });
});
