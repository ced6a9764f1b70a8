import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createVirtualClock, type VirtualClock } from '../time/virtual-clock.js';
import { createFakeNetwork, type FakeNetwork } from './fake-network.js';
import type { ServerSocket } from './server-socket.js';
import type { SocketEndpoint } from './socket-endpoint.js';
import type { Upgrade } from './upgrade.js';

const URL_ = 'ws://chat.test/v1/ws';

let clock: VirtualClock;
let network: FakeNetwork;
let accepted: ServerSocket[];
let upgrades: Upgrade[];

function setUp(options: Partial<Parameters<typeof createFakeNetwork>[0]> = {}) {
  clock = createVirtualClock();
  network = createFakeNetwork({ clock, seed: 'test', ...options });
  accepted = [];
  upgrades = [];
  network.listen(URL_, (upgrade) => {
    upgrades.push(upgrade);
    accepted.push(upgrade.accept(upgrade.protocols[0]));
  });
}

function watch(socket: SocketEndpoint): string[] {
  const seen: string[] = [];
  const note = (what: string) => seen.push(`${clock.monotonic()} ${what}`);
  socket.addEventListener('open', () => note(`open ${socket.protocol}`.trim()));
  socket.addEventListener('message', ({ data }) =>
    note(`message ${typeof data === 'string' ? data : 'binary'}`),
  );
  socket.addEventListener('error', () => note('error'));
  socket.addEventListener('close', ({ code, reason, wasClean }) =>
    note(`close ${code} ${reason} ${wasClean ? 'clean' : 'unclean'}`),
  );
  return seen;
}

async function connected(url = URL_) {
  const client = new network.WebSocket(url);
  const seen = watch(client);
  await clock.advance(0);
  const server = accepted.at(-1) as ServerSocket;
  return { client, server, seen, seenByServer: watch(server) };
}

beforeEach(() => setUp());
afterEach(() => {
  network.close();
  expect(clock.close(), 'no timer is left').toEqual([]);
});

describe('a perfect network', () => {
  it('opens, carries messages both ways in order and closes cleanly, all without time passing', async () => {
    const { client, server, seen, seenByServer } = await connected();
    server.send('hello');
    client.send('one');
    client.send('two');
    await clock.advance(0);
    client.close(3000, 'bye');
    expect(client.readyState).toBe(client.CLOSING);
    await clock.advance(0);
    expect(seen).toEqual(['0 open', '0 message hello', '0 close 3000 bye clean']);
    expect(seenByServer).toEqual(['0 message one', '0 message two', '0 close 3000 bye clean']);
    expect([client.readyState, server.readyState, network.connections.size]).toEqual([3, 3, 0]);
  });

  it('needs nobody to advance the clock', async () => {
    const client = new network.WebSocket(URL_);
    await new Promise<void>((resolve) => client.addEventListener('open', () => resolve()));
    expect(client.readyState).toBe(1);
  });

  it('delivers what the server sends at once right after open', async () => {
    network.close();
    clock.close();
    setUp();
    network.listen('ws://eager.test', (upgrade) => upgrade.accept().send('welcome'));
    const seen = watch(new network.WebSocket('ws://eager.test/'));
    await clock.advance(0);
    expect(seen).toEqual(['0 open', '0 message welcome']);
  });

  it('negotiates a subprotocol and hands over url, headers and offers', async () => {
    const client = new network.WebSocket(`${URL_}?token=t`, ['goconnect.v1', 'other'], {
      headers: { Authorization: 'Bearer x' },
    });
    await clock.advance(0);
    expect(client.protocol).toBe('goconnect.v1');
    expect(upgrades[0]).toMatchObject({
      protocols: ['goconnect.v1', 'other'],
      headers: { authorization: 'Bearer x' },
      connection: 1,
    });
    expect(upgrades[0]?.url.searchParams.get('token')).toBe('t');
  });

  it.each([
    ['browser', 3],
    ['ws', 3],
    ['undici', 1],
  ] as const)('treats a server that selects no subprotocol as %s does', async (variant, readyState) => {
    network.close();
    clock.close();
    setUp({ variant });
    network.listen('ws://base.test', (upgrade) => upgrade.accept());
    const client = new network.WebSocket('ws://base.test/', ['goconnect.v1']);
    await clock.advance(0);
    expect(client.readyState).toBe(readyState);
  });

  it('reads undici options in place of the protocols', async () => {
    new network.WebSocket(URL_, { protocols: ['goconnect.v1'], headers: { authorization: 'Bearer y' } });
    await clock.advance(0);
    expect(upgrades[0]).toMatchObject({
      protocols: ['goconnect.v1'],
      headers: { authorization: 'Bearer y' },
    });
  });

  it('carries binary data as the receiver asked for it', async () => {
    const { client, server } = await connected();
    server.binaryType = 'arraybuffer';
    const got: unknown[] = [];
    server.onmessage = ({ data }) => got.push(data);
    client.onmessage = ({ data }) => got.push(data);
    client.send(new Uint8Array([1, 2, 3]).subarray(1));
    server.send(new Uint8Array([9]).buffer);
    await clock.advance(0);
    expect(got.find((data) => data instanceof ArrayBuffer)).toEqual(new Uint8Array([2, 3]).buffer);
    expect(got.find((data) => data instanceof Blob)).toMatchObject({ size: 1 });
  });

  it('answers pings by itself', async () => {
    const { client, server, seen } = await connected();
    let pongs = 0;
    server.onpong = () => pongs++;
    server.ping();
    await clock.advance(0);
    expect([pongs, client.readyState, seen]).toEqual([1, 1, ['0 open']]);
  });

  it('calls an event handler attribute in the place where it was first set', async () => {
    const { client, server } = await connected();
    const order: string[] = [];
    client.onmessage = () => order.push('replaced');
    client.addEventListener('message', () => order.push('listener'));
    client.onmessage = () => order.push('attribute');
    server.send('x');
    await clock.advance(0);
    expect(order).toEqual(['attribute', 'listener']);
  });
});

describe('the surface of a WebSocket', () => {
  it.each([
    ['a bad URL', () => new network.WebSocket('nonsense'), 'SyntaxError'],
    ['a wrong scheme', () => new network.WebSocket('ftp://x'), 'SyntaxError'],
    ['a fragment', () => new network.WebSocket('ws://x/#a'), 'SyntaxError'],
    ['a repeated subprotocol', () => new network.WebSocket(URL_, ['a', 'A']), 'SyntaxError'],
    ['a subprotocol with a space', () => new network.WebSocket(URL_, 'a b'), 'SyntaxError'],
  ])('refuses %s', (_, make, name) => {
    expect(make).toThrow(expect.objectContaining({ name }));
  });

  it('refuses to send while connecting, and codes and reasons that may not be sent', async () => {
    const client = new network.WebSocket(URL_);
    expect(() => client.send('x')).toThrow(expect.objectContaining({ name: 'InvalidStateError' }));
    for (const code of [999, 1001, 1005, 1006, 2999, 5000]) {
      expect(() => client.close(code)).toThrow(expect.objectContaining({ name: 'InvalidAccessError' }));
    }
    expect(() => client.close(1000, 'ä'.repeat(62))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' }),
    );
    await clock.advance(0);
    client.close(1000, `${'ä'.repeat(61)}x`);
    expect(client.readyState).toBe(2);
  });

  it('lets the server send the codes of the protocol, but none that means there was no frame', async () => {
    const { server, seen } = await connected();
    expect(() => server.close(1006)).toThrow();
    server.close(1011, 'oops');
    await clock.advance(0);
    expect(seen).toEqual(['0 open', '0 close 1011 oops clean']);
  });

  it('counts bytes of this turn as buffered, and those sent too late for ever', async () => {
    const { client } = await connected();
    client.send('äb');
    expect(client.bufferedAmount).toBe(3);
    await clock.advance(0);
    expect(client.bufferedAmount).toBe(0);
    client.close();
    client.send('late');
    await clock.advance(0);
    expect(client.bufferedAmount).toBe(4);
  });

  it('drops messages that arrive after close() was called, and says 1005 when no code was given', async () => {
    const { client, server, seen } = await connected();
    server.send('too late');
    client.close();
    await clock.advance(0);
    expect(seen).toEqual(['0 open', '0 close 1005  clean']);
  });

  it('fires error and then close when closed while connecting, never inside close() itself', async () => {
    const client = new network.WebSocket(URL_);
    const seen = watch(client);
    client.close();
    expect([client.readyState, seen]).toEqual([2, []]);
    await clock.advance(0);
    expect(seen).toEqual(['0 error', '0 close 1006  unclean']);
    expect(accepted).toEqual([]);
  });

  it.each([
    ['browser', ['0 error', '0 close 1006  unclean']],
    ['ws', ['0 error', '0 close 1006  unclean']],
    ['undici', ['0 error']],
  ] as const)('reports a refused connection as %s does', async (variant, events) => {
    network.close();
    clock.close();
    setUp({ variant });
    const nobody = new network.WebSocket('ws://nobody.test');
    const seen = watch(nobody);
    await clock.advance(0);
    expect(seen).toEqual(events);
    expect(nobody.readyState).toBe(3);
  });

  it.each([
    ['browser', ['0 open', '0 error', '0 close 1006  unclean']],
    ['ws', ['0 open', '0 close 1006  unclean']],
    ['undici', ['0 open', '0 close 1006  unclean']],
  ] as const)('reports a broken connection as %s does', async (variant, events) => {
    network.close();
    clock.close();
    setUp({ variant });
    const { server, seen } = await connected();
    server.terminate();
    await clock.advance(0);
    expect(seen).toEqual(events);
  });
});

describe('faults', () => {
  it('delays with jitter and keeps the order', async () => {
    network.fault({ kind: 'delay', ms: 100, jitterMs: 50 });
    const client = new network.WebSocket(URL_);
    const seen = watch(client);
    await clock.advance(400);
    const got: [string, number][] = [];
    accepted[0]?.addEventListener('message', ({ data }) => got.push([data as string, clock.monotonic()]));
    const sentAt = clock.monotonic();
    for (let index = 0; index < 20; index++) client.send(String(index));
    await clock.advance(200);
    expect(got.map(([text]) => text)).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    for (const [, at] of got) expect(at - sentAt).toBeGreaterThanOrEqual(100);
    for (const [, at] of got) expect(at - sentAt).toBeLessThanOrEqual(150);
    expect(seen[0]).toMatch(/^2\d\d(\.\d+)? open$/);
  });

  it('stalls a connection where a packet is dropped, and loses nothing', async () => {
    const { client, seenByServer } = await connected();
    network.fault({ fault: { kind: 'drop', probability: 1, stallMs: 300 }, direction: 'up', forMs: 1 });
    client.send('lost once');
    await clock.advance(10);
    client.send('behind it');
    await clock.advance(290);
    expect(seenByServer).toEqual(['300 message lost once', '300 message behind it']);
  });

  it('holds everything in a black hole, and delivers it in order when that ends', async () => {
    const { client, seenByServer, seen } = await connected();
    const hole = network.fault({ kind: 'black_hole' });
    client.send('a');
    client.send('b');
    const dialling = new network.WebSocket(URL_);
    await clock.advance(60_000);
    expect([seenByServer, seen, dialling.readyState]).toEqual([[], ['0 open'], 0]);
    hole.end();
    await clock.advance(0);
    expect(seenByServer).toEqual(['60000 message a', '60000 message b']);
    expect(dialling.readyState).toBe(1);
  });

  it('heals by itself when a rule ends', async () => {
    const { client, seenByServer } = await connected();
    network.fault({ fault: { kind: 'black_hole' }, fromMs: 10, forMs: 90 });
    await clock.advance(10);
    client.send('a');
    await clock.advance(90);
    expect(seenByServer).toEqual(['100 message a']);
  });

  it('is half open in either direction', async () => {
    const { client, server, seen, seenByServer } = await connected();
    const up = network.fault({ fault: { kind: 'half_open' }, direction: 'up' });
    client.send('never heard');
    server.send('heard');
    await clock.advance(1_000);
    expect([seen, seenByServer]).toEqual([['0 open', '0 message heard'], []]);
    up.end();
    network.fault({ fault: { kind: 'half_open' }, direction: 'down' });
    server.send('never heard');
    client.send('heard');
    await clock.advance(1_000);
    expect(seen).toHaveLength(2);
    expect(seenByServer.map((line) => line.split(' ').slice(1).join(' '))).toEqual([
      'message never heard',
      'message heard',
    ]);
  });

  it('never ends a close when the answer cannot come', async () => {
    const { client, seen } = await connected();
    network.fault({ fault: { kind: 'half_open' }, direction: 'up' });
    client.close();
    await clock.advance(60_000);
    expect([client.readyState, seen]).toEqual([2, ['0 open']]);
  });

  it('resets both ends at once', async () => {
    const { client, seen, seenByServer } = await connected();
    client.send('in flight');
    network.fault({ kind: 'reset' });
    await clock.advance(0);
    expect(seen).toEqual(['0 open', '0 error', '0 close 1006  unclean']);
    expect(seenByServer).toEqual(['0 close 1006  unclean']);
  });

  it('resets after a number of frames: the last one arrived, its answer never does', async () => {
    network.fault({ fault: { kind: 'reset' }, direction: 'up', afterFrames: 2, connection: 1 });
    const { client, server, seen, seenByServer } = await connected();
    server.onmessage = ({ data }) => server.send(`answer to ${data}`);
    client.send('1');
    await clock.advance(0);
    client.send('2');
    await clock.advance(0);
    expect(seenByServer).toEqual(['0 message 1', '0 message 2', '0 close 1006  unclean']);
    expect(seen).toEqual(['0 open', '0 message answer to 1', '0 error', '0 close 1006  unclean']);
    const second = await connected();
    second.client.send('a');
    second.client.send('b');
    await clock.advance(0);
    expect(second.client.readyState).toBe(1);
  });

  it('closes with a code that the server never sent', async () => {
    const { seen, seenByServer } = await connected();
    network.fault({ fault: { kind: 'close', code: 4401, reason: 'token expired' }, fromMs: 50 });
    await clock.advance(50);
    expect(seen).toEqual(['0 open', '50 close 4401 token expired clean']);
    expect(seenByServer).toEqual(['50 close 1006  unclean']);
  });

  it('cuts a frame in the middle: it is never delivered and both ends break', async () => {
    const { client, seen, seenByServer } = await connected();
    network.fault({ fault: { kind: 'truncate', bytes: 3 }, direction: 'up' });
    client.send('abcdef');
    await clock.advance(0);
    expect(seenByServer).toEqual(['0 close 1006  unclean']);
    expect(seen).toEqual(['0 open', '0 error', '0 close 1006  unclean']);
  });

  it('limits bandwidth', async () => {
    const { client, seenByServer } = await connected();
    network.fault({ kind: 'bandwidth', bytesPerSecond: 1_000 });
    client.send('x'.repeat(500));
    client.send('y'.repeat(500));
    await clock.advance(1_000);
    expect(seenByServer.map((line) => line.split(' ')[0])).toEqual(['500', '1000']);
  });

  it('lets bufferedAmount grow behind a slow reader', async () => {
    const { server } = await connected();
    network.fault({
      fault: { kind: 'slow_reader', bytesPerSecond: 100, bufferBytes: 200 },
      direction: 'down',
    });
    server.send('x'.repeat(300));
    server.send('x'.repeat(100));
    await clock.advance(0);
    expect(server.bufferedAmount).toBe(200);
    await clock.advance(3_000);
    expect(server.bufferedAmount).toBe(0);
  });

  it('repeats frames, and turns over exactly one bit', async () => {
    const { client, server, seen } = await connected();
    const twice = network.fault({ fault: { kind: 'duplicate', probability: 1 }, direction: 'down' });
    server.send('d');
    await clock.advance(0);
    expect(seen).toEqual(['0 open', '0 message d', '0 message d']);
    twice.end();
    network.fault({ fault: { kind: 'bit_flip', probability: 1 }, direction: 'up' });
    server.binaryType = 'arraybuffer';
    let got = new Uint8Array();
    server.onmessage = ({ data }) => {
      got = new Uint8Array(data as ArrayBuffer);
    };
    client.send(new Uint8Array(8));
    await clock.advance(0);
    const ones = [...got]
      .map((byte) => byte.toString(2).replaceAll('0', '').length)
      .reduce((sum, count) => sum + count, 0);
    expect(ones).toBe(1);
  });

  it('fails a connection with 1007 whose text a flipped bit made invalid', async () => {
    network.fault({ fault: { kind: 'bit_flip', probability: 1 }, direction: 'up' });
    const { client, seen } = await connected();
    for (let index = 0; index < 40 && client.readyState === 1; index++) {
      client.send('€'.repeat(10));
      await clock.advance(0);
    }
    expect(seen.at(-1)).toBe('0 close 1007  clean');
  });

  it('lets one connection overtake another, each in its own order', async () => {
    const first = await connected();
    const second = await connected();
    network.fault({ fault: { kind: 'reorder', probability: 1, holdMs: 100 }, connection: 1 });
    first.client.send('1a');
    first.client.send('1b');
    second.client.send('2a');
    await clock.advance(200);
    expect(second.seenByServer).toEqual(['0 message 2a']);
    expect(first.seenByServer).toEqual(['100 message 1a', '100 message 1b']);
  });

  it.each(['up', 'down'] as const)(
    'denies upgrades while it holds, and nothing else: %s',
    async (direction) => {
      const before = await connected();
      const denial = network.fault({ fault: { kind: 'deny_upgrade', status: 503 }, direction });
      const denied = new network.WebSocket(URL_);
      const seen = watch(denied);
      await clock.advance(0);
      expect(seen).toEqual(['0 error', '0 close 1006  unclean']);
      expect(before.client.readyState).toBe(1);
      denial.end();
      expect((await connected()).client.readyState).toBe(1);
    },
  );

  it('tells a client that imitates ws what its handshake was answered with', async () => {
    setUp({ variant: 'ws' });
    network.fault({ kind: 'deny_upgrade', status: 503, headers: { 'Retry-After': '2' } });
    const denied = new network.WebSocket(URL_) as SocketEndpoint & { on(...args: unknown[]): void };
    const answers: unknown[] = [];
    denied.on('unexpected-response', (_: unknown, answer: unknown) => answers.push(answer));
    await clock.advance(0);
    expect(answers).toEqual([{ statusCode: 503, headers: { 'retry-after': '2' } }]);
    expect(denied.readyState).toBe(3);
    expect(() => denied.on('message', () => {})).toThrow(/no event "message".*addEventListener/);
  });

  it('gives the same history for the same seed and another for another', async () => {
    const run = async (seed: string) => {
      network.close();
      clock.close();
      setUp({ seed });
      network.setPlan({
        seed,
        rules: [
          { fault: { kind: 'delay', ms: 5, jitterMs: 100 } },
          { fault: { kind: 'drop', probability: 0.3 } },
        ],
      });
      const client = new network.WebSocket(URL_);
      const seen = watch(client);
      await clock.advance(5_000);
      for (let index = 0; index < 10; index++) accepted[0]?.send(String(index));
      await clock.advance(20_000);
      return [...seen];
    };
    const first = await run('a');
    expect(first).toHaveLength(11);
    expect(await run('a')).toEqual(first);
    expect(await run('b')).not.toEqual(first);
  });

  it('delivers to a sleeping machine when it wakes', async () => {
    const laptop = clock.machine();
    const client = new (network.webSocketOn(laptop))(URL_);
    const seen = watch(client);
    await clock.advance(0);
    laptop.suspend(1_000);
    accepted[0]?.send('while asleep');
    await clock.advance(999);
    expect(seen).toEqual(['0 open']);
    await clock.advance(1);
    expect(seen).toEqual(['0 open', '1000 message while asleep']);
  });
});

describe('bad use', () => {
  it('refuses two servers at one address and says what to do', () => {
    expect(() => network.listen(URL_, () => {})).toThrow(
      expect.objectContaining({ code: 'port_taken', remedy: expect.stringContaining('another address') }),
    );
  });

  it('refuses to dial through a closed network', () => {
    network.close();
    expect(() => new network.WebSocket(URL_)).toThrow(expect.objectContaining({ code: 'network_closed' }));
  });

  it.each([
    [{ kind: 'explode' }, /fault\.kind is "explode"\. Use one of delay, drop/],
    [{ kind: 'delay' }, /fault\.ms is undefined\. Give a number/],
    [{ kind: 'drop', probability: 2 }, /from 0 to 1/],
    [{ kind: 'reset', soon: true }, /unknown key "soon"/],
    [{ kind: 'close', code: 1005 }, /fault\.code is 1005\. Give a code .*3000-4999; \{ kind: "reset" \}/],
    [{ kind: 'close', code: 1015 }, /fault\.code is 1015/],
    [{ kind: 'close', code: 2000 }, /fault\.code is 2000/],
    [{ kind: 'close', code: 4000, reason: 'ü'.repeat(62) }, /fault\.reason is .*at most 123 bytes/],
  ])('refuses the fault %j', (fault, message) => {
    expect(() => network.fault(fault as never)).toThrow(message);
  });
});
