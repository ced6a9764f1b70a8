import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createVirtualClock, type VirtualClock } from '../time/virtual-clock.js';
import type { Direction, Fault, FaultKind } from './fault.js';
import { FAULT_KINDS } from './fault-plan.js';
import { createFaultProxy, type FaultProxy } from './fault-proxy.js';

/**
 * Every fault over real TCP, in both directions. The sockets are real; when something passes is decided by a virtual
 * clock, so that no assertion depends on how busy the machine is.
 */
let clock: VirtualClock;
let target: WebSocketServer;
let proxy: FaultProxy;

beforeEach(async () => {
  clock = createVirtualClock();
  target = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(target, 'listening');
  const { port } = target.address() as AddressInfo;
  proxy = await createFaultProxy({ target: `ws://127.0.0.1:${port}/v1/ws`, seed: 'faults', clock });
});
afterEach(async () => {
  await proxy.close();
  for (const socket of target.clients) socket.terminate();
  await new Promise((resolve) => target.close(resolve));
  expect(clock.close(), 'no timer is left').toEqual([]);
});

/** One end of a connection: what it heard, and how it ended. */
function end(socket: WebSocket) {
  const heard: Buffer[] = [];
  const closed = new Promise<number>((resolve) => void socket.once('close', resolve));
  const errors: string[] = [];
  socket.on('message', (data) => heard.push(data as Buffer));
  socket.on('error', ({ message }) => errors.push(message));
  return { socket, heard, closed, errors, texts: () => heard.map(String) };
}
type End = ReturnType<typeof end>;

interface Pair {
  readonly client: End;
  readonly server: End;
  /** Who sends and who hears in this direction. */
  lane(direction: Direction): { readonly from: End; readonly to: End };
}

async function connected(): Promise<Pair> {
  const accepted = once(target, 'connection');
  const client = end(new WebSocket(proxy.url, { perMessageDeflate: false }));
  const server = end((await accepted)[0] as WebSocket);
  if (client.socket.readyState !== WebSocket.OPEN) await once(client.socket, 'open');
  return {
    client,
    server,
    lane: (direction) => (direction === 'up' ? { from: client, to: server } : { from: server, to: client }),
  };
}

/** Lets real input and output happen until something is so; the test's own deadline ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Real input and output have happened: what comes back over another connection came after it. */
async function settled(): Promise<void> {
  const other = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  other.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
  const probe = new WebSocket(`ws://127.0.0.1:${port}`);
  await once(probe, 'open');
  for (let round = 0; round < 3; round++) {
    probe.send('?');
    await once(probe, 'message');
  }
  probe.terminate();
  await new Promise((resolve) => {
    for (const socket of other.clients) socket.terminate();
    other.close(resolve);
  });
}

/** Sends `bodies`, and waits until the proxy has them in its hands. */
async function sendInto(from: End, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) from.socket.send(body);
  await until(() => clock.pending().length > 0);
  await settled();
}

const BODIES = Array.from({ length: 20 }, (_, index) => `message ${index}`);
const BOTH = ['up', 'down'] as const;

describe.each(BOTH)('over real TCP, %s', (direction) => {
  const fault = (one: Fault) => proxy.fault({ fault: one, direction });

  it('delay: nothing passes before its time, and then it does', async () => {
    const { from, to } = (await connected()).lane(direction);
    fault({ kind: 'delay', ms: 500 });
    await sendInto(from, ['late']);
    await clock.advance(499);
    await settled();
    expect(to.texts()).toEqual([]);
    await clock.advance(1);
    await until(() => to.heard.length === 1);
  });

  it('delay with jitter: the spread shows and the order stays', async () => {
    const { from, to } = (await connected()).lane(direction);
    fault({ kind: 'delay', ms: 10, jitterMs: 400 });
    const times = new Set<number>();
    for (const body of BODIES) {
      const sentAt = clock.monotonic();
      await sendInto(from, [body]);
      const [timer] = clock.pending();
      times.add(Math.round((timer?.inMs ?? 0) + clock.monotonic() - sentAt));
      await clock.advance(1);
    }
    await clock.advance(1_000);
    await until(() => to.heard.length === BODIES.length);
    expect(to.texts()).toEqual(BODIES);
    expect(times.size).toBeGreaterThan(3);
  });

  it('drop: what is lost stalls everything behind it until TCP sends it again', async () => {
    const { from, to } = (await connected()).lane(direction);
    const lossy = fault({ kind: 'drop', probability: 1, stallMs: 300 });
    await sendInto(from, ['lost once']);
    lossy.end();
    from.socket.send('behind it');
    await settled();
    await clock.advance(299);
    await settled();
    expect(to.texts()).toEqual([]);
    await clock.advance(1);
    await until(() => to.heard.length === 2);
    expect(to.texts()).toEqual(['lost once', 'behind it']);
  });

  it('duplicate: each frame arrives twice, in order', async () => {
    const { from, to } = (await connected()).lane(direction);
    fault({ kind: 'duplicate', probability: 1 });
    for (const body of ['1', '2', '3']) from.socket.send(body);
    await until(() => to.heard.length >= 6);
    expect(to.texts()).toEqual(['1', '1', '2', '2', '3', '3']);
  });

  it('reorder: another connection overtakes, each stays in its own order', async () => {
    const first = (await connected()).lane(direction);
    const second = (await connected()).lane(direction);
    proxy.fault({ fault: { kind: 'reorder', probability: 1, holdMs: 100 }, direction, connection: 1 });
    await sendInto(first.from, ['1a', '1b']);
    second.from.socket.send('2a');
    await until(() => second.to.heard.length === 1);
    expect(first.to.texts()).toEqual([]);
    await clock.advance(200);
    await until(() => first.to.heard.length === 2);
    expect(first.to.texts()).toEqual(['1a', '1b']);
  });

  it('truncate: the frame is never whole, and both ends break', async () => {
    const pair = await connected();
    const { from, to } = pair.lane(direction);
    fault({ kind: 'truncate', bytes: 3 });
    from.socket.send('abcdef');
    expect(await Promise.all([pair.client.closed, pair.server.closed])).toEqual([1006, 1006]);
    expect(to.texts()).toEqual([]);
  });

  it('bandwidth: what is sent takes its time on the wire', async () => {
    const { from, to } = (await connected()).lane(direction);
    fault({ kind: 'bandwidth', bytesPerSecond: 1_000 });
    await sendInto(from, ['x'.repeat(500), 'y'.repeat(500)]);
    await clock.advance(500);
    await settled();
    expect(to.heard).toHaveLength(0);
    await clock.advance(20);
    await until(() => to.heard.length === 1);
    await clock.advance(480);
    await settled();
    expect(to.heard).toHaveLength(1);
    await clock.advance(20);
    await until(() => to.heard.length === 2);
  });

  it('half_open: this direction is silent, the other is not, and what was held arrives when it ends', async () => {
    const pair = await connected();
    const { from, to } = pair.lane(direction);
    const other = pair.lane(direction === 'up' ? 'down' : 'up');
    const half = fault({ kind: 'half_open' });
    from.socket.send('held');
    other.from.socket.send('heard');
    await until(() => other.to.heard.length === 1);
    await clock.advance(600_000);
    await settled();
    expect(to.texts()).toEqual([]);
    half.end();
    await until(() => to.heard.length === 1);
    expect(to.texts()).toEqual(['held']);
  });

  it('half_open: nobody is told that the sender went, until it ends', async () => {
    const { from, to } = (await connected()).lane(direction);
    const half = fault({ kind: 'half_open' });
    from.socket.send('last words');
    from.socket.terminate();
    await from.closed;
    await settled();
    expect(to.socket.readyState).toBe(WebSocket.OPEN);
    half.end();
    expect(await to.closed).toBe(1006);
    expect(to.texts()).toEqual(['last words']);
  });

  it('slow_reader: the sender notices that nobody takes its frames', async () => {
    const { from, to } = (await connected()).lane(direction);
    const slow = fault({ kind: 'slow_reader', bytesPerSecond: 1_000, bufferBytes: 10_000 });
    // More than the buffers of two operating systems take.
    const frame = 'x'.repeat(1024 * 1024);
    for (let count = 0; count < 32; count++) from.socket.send(frame);
    await until(() => clock.pending().length > 0);
    // Whatever still moves has come to rest when the amount stays the same.
    for (let still = 0, last = -1; still < 5; still++) {
      await settled();
      if (from.socket.bufferedAmount !== last) still = 0;
      last = from.socket.bufferedAmount;
    }
    expect(from.socket.bufferedAmount).toBeGreaterThan(1024 * 1024);
    expect(to.heard).toHaveLength(0);
    slow.end();
    while (to.heard.length < 32) {
      await clock.advance(3_000_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(from.socket.bufferedAmount).toBe(0);
  });

  it('bit_flip: exactly one bit of the payload is another', async () => {
    const { from, to } = (await connected()).lane(direction);
    fault({ kind: 'bit_flip', probability: 1 });
    from.socket.send(new Uint8Array(64));
    await until(() => to.heard.length === 1);
    const ones = [...(to.heard[0] ?? [])].map((byte) => byte.toString(2).replaceAll('0', '').length);
    expect(ones.reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('bit_flip of bit 7: the receiver always notices, and the connection breaks', async () => {
    const { from, to } = (await connected()).lane(direction);
    fault({ kind: 'bit_flip', probability: 1, bit: 7 });
    from.socket.send('plain text');
    await to.closed;
    expect([to.heard, to.errors]).toEqual([[], ['Invalid WebSocket frame: invalid UTF-8 sequence']]);
  });

  it('reset after a number of frames: the last one arrived', async () => {
    proxy.fault({ fault: { kind: 'reset' }, direction, afterFrames: 2 });
    const pair = await connected();
    const { from, to } = pair.lane(direction);
    from.socket.send('1');
    await until(() => to.heard.length === 1);
    from.socket.send('2');
    expect(await Promise.all([pair.client.closed, pair.server.closed])).toEqual([1006, 1006]);
    expect(to.texts().slice(0, 2)).toContain('1');
  });

  it('probability 0: nothing happens', async () => {
    const { from, to } = (await connected()).lane(direction);
    for (const kind of ['duplicate', 'bit_flip', 'drop'] as const) fault({ kind, probability: 0 });
    fault({ kind: 'reorder', probability: 0, holdMs: 1_000 });
    for (const body of BODIES) from.socket.send(body);
    await until(() => to.heard.length === BODIES.length);
    expect(to.texts()).toEqual(BODIES);
  });
});

describe('over real TCP, whole connections', () => {
  it('black_hole: nothing passes either way, new handshakes included, and all of it when it ends', async () => {
    const { client, server } = await connected();
    const hole = proxy.fault({ kind: 'black_hole' });
    client.socket.send('up');
    server.socket.send('down');
    const dialling = end(new WebSocket(proxy.url));
    await until(() => proxy.connections === 2);
    await clock.advance(600_000);
    await settled();
    expect([client.texts(), server.texts(), dialling.socket.readyState]).toEqual([
      [],
      [],
      WebSocket.CONNECTING,
    ]);
    hole.end();
    await until(() => client.heard.length + server.heard.length === 2);
    await until(() => dialling.socket.readyState === WebSocket.OPEN);
    expect([client.texts(), server.texts()]).toEqual([['down'], ['up']]);
  });

  it('reset: both ends break at once', async () => {
    const { client, server } = await connected();
    proxy.fault({ kind: 'reset' });
    expect(await Promise.all([client.closed, server.closed])).toEqual([1006, 1006]);
  });

  it('close: the client sees a code that the server never sent', async () => {
    const { client, server } = await connected();
    proxy.fault({ kind: 'close', code: 4401, reason: 'forged' });
    expect(await Promise.all([client.closed, server.closed])).toEqual([4401, 1006]);
  });

  it.each(BOTH)(
    'deny_upgrade %s: new handshakes are answered with the status, and connections live on',
    async (direction) => {
      const { client, server } = await connected();
      proxy.fault({ fault: { kind: 'deny_upgrade', status: 503 }, direction });
      const denied = end(new WebSocket(proxy.url));
      await denied.closed;
      expect(denied.errors).toEqual(['Unexpected server response: 503']);
      client.socket.send('still here');
      await until(() => server.heard.length === 1);
    },
  );

  it('a server that refuses a handshake is heard to its last word', async () => {
    const { port } = target.address() as AddressInfo;
    await new Promise((resolve) => target.close(resolve));
    const body = JSON.stringify({ code: 'ERR_UNAUTHORIZED', message: 'x'.repeat(2_000) });
    target = new WebSocketServer({
      host: '127.0.0.1',
      port,
      verifyClient: (_, answer) => answer(false, 401, body),
    });
    await once(target, 'listening');
    const denied = new WebSocket(proxy.url);
    denied.on('error', () => {});
    const [, response] = (await once(denied, 'unexpected-response')) as [unknown, AsyncIterable<Buffer>];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    expect(text).toBe(body);
    denied.terminate();
  });

  it('no frame overtakes another, however the system rounds their timers', async () => {
    await proxy.close();
    const { port } = target.address() as AddressInfo;
    const plan = { seed: 'rounding', rules: [{ fault: { kind: 'delay', ms: 0.4, jitterMs: 7.3 } }] } as const;
    proxy = await createFaultProxy({ target: `ws://127.0.0.1:${port}/v1/ws`, plan });
    const { client, server } = await connected();
    const sent = Array.from({ length: 300 }, (_, round) => String(round));
    for (const body of sent) {
      client.socket.send(body);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => server.heard.length === sent.length);
    expect(server.texts()).toEqual(sent);
  });

  it('leaves no kind of fault out', () => {
    const tested: Record<FaultKind, true> = {
      delay: true,
      drop: true,
      duplicate: true,
      reorder: true,
      truncate: true,
      bandwidth: true,
      half_open: true,
      black_hole: true,
      reset: true,
      close: true,
      slow_reader: true,
      deny_upgrade: true,
      bit_flip: true,
    };
    expect(Object.keys(tested).sort()).toEqual([...FAULT_KINDS].sort());
  });
});
