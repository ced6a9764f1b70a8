import { createServer, type Server } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StartError } from '../../domain/start-error.js';
import type { Bus, BusMessage, BusSource } from '../../ports/bus.js';
import type { BusMetrics } from '../../ports/bus-metrics.js';
import { systemClock } from '../system-clock.js';
import { createRedisBus, type RedisBusOptions } from './redis-bus.js';
import { type RedisServer, redisOrSkip, startRedis } from './testing/redis-server.js';

const binary = redisOrSkip();
const PASSWORD = 'hunter2/@:é';

const say = (reason: string, userId = 'u'): BusMessage => ({
  kind: 'disconnect',
  userId,
  code: 4401,
  reason,
});
const word = (message: BusMessage) => (message.kind === 'disconnect' ? message.reason : message.kind);

/** A node with everything it was told. */
interface Node {
  readonly bus: Bus;
  readonly heard: { readonly from: BusSource; readonly word: string }[];
  readonly lines: string[];
  readonly counts: Record<string, number>;
  readonly logs: string[];
  words(from: BusSource): string[];
}

const nodes: Node[] = [];

async function open(url: string, more: Partial<RedisBusOptions> = {}): Promise<Node> {
  const logs: string[] = [];
  const log = (fields: object, text: string) => void logs.push(`${text} ${inspect(fields)}`);
  const counts: Record<string, number> = {};
  const count = (name: string, by: number) => {
    counts[name] = (counts[name] ?? 0) + by;
  };
  const metrics: BusMetrics = {
    line: (line) => count(line, 1),
    published: (messages) => count('published', messages),
    heard: (messages) => count('heard', messages),
    dropped: (reason, messages) => count(reason, messages),
  };
  const bus = await createRedisBus({
    url,
    fleet: 'ours',
    clock: systemClock,
    random: Math.random,
    logger: { debug: log, info: log, warn: log, error: log },
    metrics,
    ...more,
  });
  const heard: Node['heard'] = [];
  const lines: string[] = [];
  bus.subscribe((messages, from) => {
    for (const message of messages) heard.push({ from, word: word(message) });
  });
  bus.watch((line) => void lines.push(line));
  const node: Node = {
    ...{ bus, heard, lines, counts, logs },
    words: (from) => heard.filter((one) => one.from === from).map((one) => one.word),
  };
  nodes.push(node);
  return node;
}

/** Time that passes eight times as fast for timers, and tells of them. */
function faster() {
  const running = new Set<unknown>();
  let fired = 0;
  let stopped = false;
  return {
    ...systemClock,
    setTimeout(callback: () => void, delayMs: number) {
      const handle = systemClock.setTimeout(() => {
        if (stopped) return;
        running.delete(handle);
        fired++;
        callback();
      }, delayMs / 8);
      running.add(handle);
      return handle;
    },
    clearTimeout(handle: unknown) {
      running.delete(handle);
      systemClock.clearTimeout(handle);
    },
    /** From now on no timer fires. */
    stop: () => {
      stopped = true;
    },
    fired: () => fired,
    running: () => running.size,
  };
}

/** Sockets of this process that are open. */
const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;

/** As a logger would write it: all that hangs on an error as well. */
const inspect = (fields: object) =>
  JSON.stringify(fields, (_, value: unknown) =>
    value instanceof Error ? { ...value, text: `${value.stack}` } : value,
  );

/** Waits for what Redis, or the machine, does in its own time. */
const until = (what: () => boolean | undefined) => vi.waitUntil(what, { timeout: 14_000, interval: 5 });

afterEach(async () => {
  const logs = nodes.flatMap((node) => node.logs);
  await Promise.all(nodes.splice(0).map(({ bus }) => bus.close()));
  // Whatever happened, no line has the password.
  for (const text of logs) expect(text).not.toMatch(/hunter2/);
});

describe.skipIf(binary === undefined)('a bus over Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(binary ?? '', { password: PASSWORD });
  });
  afterAll(() => redis?.stop());

  it('tells own messages from those of others, and brings each once', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    ada.bus.publish([say('a'), say('b')]);
    await until(() => grace.heard.length === 2);
    grace.bus.publish([say('c')]);
    await until(() => ada.heard.length === 3);
    expect(ada.heard).toEqual([
      { from: 'here', word: 'a' },
      { from: 'here', word: 'b' },
      { from: 'elsewhere', word: 'c' },
    ]);
    expect(grace.words('elsewhere')).toEqual(['a', 'b']);
    expect(grace.words('here')).toEqual(['c']);
    expect(ada.counts).toEqual({ down: 1, up: 1, published: 2, heard: 1 });
    expect(ada.lines).toEqual([]);
    await ada.bus.check();
  });

  it('keeps the order of ten thousand messages, published in all sizes', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    const all = Array.from({ length: 10_000 }, (_, index) => `${index}`);
    for (let from = 0, size = 1; from < all.length; from += size, size = (size * 7) % 1_000)
      ada.bus.publish(all.slice(from, from + size).map((one) => say(one)));
    await until(() => grace.heard.length === all.length);
    expect(grace.words('elsewhere')).toEqual(all);
    expect(ada.words('here')).toEqual(all);
  });

  it('carries many megabytes in pieces, and drops one message that is larger than any may be', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    const large = (mark: string, size: number): BusMessage => ({
      kind: 'transient',
      audience: { kind: 'room', room: mark + 'é'.repeat(size) },
      event: { type: 'member.left', data: { network_id: 'n', user_id: 'u' } },
    });
    const rooms: string[] = [];
    grace.bus.subscribe((messages) => {
      for (const message of messages)
        if (message.kind === 'transient' && message.audience.kind === 'room')
          rooms.push(message.audience.room[0] ?? '');
    });
    const marks = [...'abcdefghijklmnopqrstuvwxyz'];
    ada.bus.publish([
      ...marks.map((mark) => large(mark, 40_000)),
      large('!', 2_200_000),
      large('+', 2_000_000),
    ]);
    await until(() => rooms.length === marks.length + 1);
    expect(rooms).toEqual([...marks, '+']);
    expect(ada.counts).toMatchObject({ published: 27, too_large: 1 });
  });

  it('hears nothing of another fleet, whatever database its URL names', async () => {
    const [ada, other] = [await open(redis.url), await open(`${redis.url}/1`, { fleet: 'theirs' })];
    const grace = await open(`${redis.url}/1`);
    other.bus.publish([say('foreign')]);
    ada.bus.publish([say('ours')]);
    await until(() => grace.heard.length === 1);
    expect(grace.words('elsewhere')).toEqual(['ours']);
    expect(other.words('elsewhere')).toEqual([]);
  });

  it('takes far more than may wait, when it is taken in between', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    const batch = Array.from({ length: 1_000 }, () => say('x', 'u'.repeat(1_000)));
    // 12 MB, of which 8 MiB may wait.
    for (let times = 1; times <= 12; times++) {
      ada.bus.publish(batch);
      await until(() => grace.heard.length === times * batch.length);
    }
    expect(ada.counts.published).toBe(12_000);
    expect(ada.counts.slow_line).toBeUndefined();
  });

  it('drops what is none of ours, counts it, and says so once', async () => {
    const ada = await open(redis.url);
    const good = { v: 1, node: 'x', messages: [say('good'), { kind: 'of a newer version' }, say('too')] };
    const garbage = [
      '',
      'null',
      '[]',
      '{',
      '{"v":2,"node":"x","messages":[]}',
      '{"v":1,"node":7,"messages":[]}',
      '{"v":1,"node":"x","messages":{}}',
      '['.repeat(100_000),
      JSON.stringify({ v: 1, node: 'x', messages: [{ kind: '__proto__' }, { kind: 'disconnect' }] }),
    ];
    for (const text of garbage) await redis.run('PUBLISH', 'goconnect:ours', text);
    await redis.run('PUBLISH', 'goconnect:ours', JSON.stringify(good));
    await until(() => ada.heard.length === 2);
    expect(ada.words('elsewhere')).toEqual(['good', 'too']);
    expect(ada.counts.unreadable).toBe(9);
    expect(ada.logs.filter((line) => line.includes('dropped'))).toHaveLength(1);
  });

  it.each([
    ['a wrong password', (url: string) => url.replace('hunter2', 'hunter2x'), 'user or password are wrong'],
    ['an unknown user', (url: string) => url.replace('//:', '//hunter2:'), 'user or password are wrong'],
    ['no password', (url: string) => url.replace(/:[^/]*@/, ''), 'it wants a password'],
  ])('does not start with %s', async (_, change, why) => {
    const error = await open(change(redis.url)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StartError);
    const { message } = error as StartError;
    expect(message).toMatch(/^BUS_URL: Redis cannot be used: [^\n]+\.$/);
    expect(message).toContain(why);
    expect(inspect({ error })).not.toContain('hunter2');
  });

  it('starts for a user who may do no more than it must, and not for one who may do less', async () => {
    const user = ['ACL', 'SETUSER', 'narrow', 'on', '>hunter2', 'resetchannels', '&goconnect:*'];
    await redis.run(...user, '+subscribe', '+publish', '+ping');
    const address = `redis://narrow:hunter2@127.0.0.1:${redis.port}`;
    const node = await open(address);
    await node.bus.check();
    await redis.run('ACL', 'SETUSER', 'narrow', '-publish');
    await expect(open(address)).rejects.toThrow('this user may not use the channel');
  });

  it('warns of a Redis that does not answer to TLS, which it takes for the begin of a command', async () => {
    const ada = await open(redis.url.replace('redis:', 'rediss:'), { clock: faster() });
    expect(ada.logs[0]).toContain('say redis:// if it speaks no TLS');
  });

  it('keeps a line on which nobody says anything', async () => {
    const clock = faster();
    const ada = await open(redis.url, { clock });
    await until(() => clock.fired() > 12);
    expect(ada.lines).toEqual([]);
    await ada.bus.check();
  });

  it('does not throw and tells nobody once it is closed', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    await ada.bus.close();
    ada.bus.publish([say('late')]);
    grace.bus.publish([say('later')]);
    await until(() => grace.heard.length === 1);
    expect(ada.heard).toEqual([]);
    expect(grace.words('elsewhere')).toEqual([]);
    await ada.bus.close();
    await expect(ada.bus.check()).rejects.toThrow('no other server');
  });

  it('is heard out when it is closed, and the last words are the last', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    const all = Array.from({ length: 3_000 }, (_, index) => `${index}`);
    // More than the sockets between the two hold.
    for (const one of all) ada.bus.publish([say(one, 'u'.repeat(2_000))]);
    await ada.bus.close();
    await until(() => grace.heard.length === all.length);
    expect(grace.words('elsewhere')).toEqual(all);
  });

  it('leaves no timer and no socket when it is closed, while much is on its way', async () => {
    const clock = faster();
    const before = sockets();
    const ada = await open(redis.url, { clock });
    expect([clock.running(), sockets()]).toEqual([1, before + 2]);
    for (let count = 0; count < 1_000; count++) ada.bus.publish([say('x'.repeat(100))]);
    await ada.bus.close();
    expect([clock.running(), sockets()]).toEqual([0, before]);
  });
});

describe.skipIf(binary === undefined)('a bus whose Redis', () => {
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await startRedis(binary ?? '', { password: PASSWORD });
  });
  afterEach(() => redis?.stop());

  /** Whether what one says arrives at the other. */
  const flows = async (from: Node, to: Node, text: string) => {
    from.bus.publish([say(text)]);
    await until(() => to.words('elsewhere').includes(text));
  };

  it('was killed brings own messages, is told down, and flows again when Redis is back', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    await redis.kill();
    await until(() => ada.lines.length === 1 && grace.lines.length === 1);
    await expect(ada.bus.check()).rejects.toThrow('no other server');
    ada.bus.publish([say('own')]);
    await until(() => ada.words('here').length === 1);
    expect(ada.counts.no_line).toBe(1);
    await redis.restart();
    await until(() => ada.lines.length === 2 && grace.lines.length === 2);
    expect(ada.lines).toEqual(['down', 'up']);
    await flows(ada, grace, 'again');
    // What was said without a line is lost, not late.
    expect(grace.words('elsewhere')).toEqual(['again']);
    await ada.bus.check();
  });

  it('is away at the start waits for it, telling down first', async () => {
    await redis.kill();
    const ada = await open(redis.url);
    await until(() => ada.lines.length === 1);
    ada.bus.publish([say('own')]);
    await until(() => ada.heard.length === 1);
    await redis.restart();
    await until(() => ada.lines.length === 2);
    expect(ada.lines).toEqual(['down', 'up']);
    expect(ada.logs.filter((line) => line.includes('nothing listens there'))).toHaveLength(1);
    await flows(await open(redis.url), ada, 'hello');
  });

  it('was stopped is one line in the log, and one when it is back, each time', async () => {
    let later = 0;
    const clock = { ...systemClock, monotonic: () => systemClock.monotonic() + later };
    const ada = await open(redis.url, { clock });
    for (let times = 0; times < 2; times++) {
      ada.logs.length = 0;
      ada.lines.length = 0;
      // The line had lasted.
      later += 10_000;
      await redis.kill();
      await until(() => ada.logs.length > 0);
      await redis.restart();
      await until(() => ada.lines.length === 2);
      expect(ada.logs).toEqual([
        expect.stringContaining('nothing listens there'),
        expect.stringContaining('the line to Redis is up'),
      ]);
    }
  });

  it('cuts the line as soon as it is up is tried more and more slowly, until a line lasts', async () => {
    let later = 0;
    // No other timer of a line has one of these times.
    const times = [200, 400, 800, 1_600, 3_000];
    const waits: number[] = [];
    const clock = {
      ...systemClock,
      monotonic: () => systemClock.monotonic() + later,
      setTimeout(callback: () => void, delayMs: number) {
        if (!times.includes(delayMs)) return systemClock.setTimeout(callback, delayMs);
        waits.push(delayMs);
        return systemClock.setTimeout(callback, delayMs / 20);
      },
    };
    const ada = await open(redis.url, { clock, random: () => 1 });
    const cut = async () => {
      const before = ada.lines.length;
      await redis.run('CLIENT', 'KILL', 'TYPE', 'pubsub');
      await until(() => ada.lines.length === before + 2);
    };
    for (let cuts = 0; cuts < 6; cuts++) await cut();
    expect(waits.splice(0)).toEqual([...times, 3_000]);
    expect(ada.logs.filter((line) => line.includes('was cut and is up again'))).toHaveLength(1);
    expect(ada.logs).toHaveLength(2);
    later = 10_000;
    await cut();
    await cut();
    expect(waits).toEqual([200, 400]);
    expect(ada.logs).toHaveLength(3);
  });

  it('stands still is noticed, and so is that it goes on', async () => {
    const clock = faster();
    const [ada, grace] = [await open(redis.url, { clock }), await open(redis.url, { clock })];
    redis.pause();
    await until(() => ada.lines.length === 1 && grace.lines.length === 1);
    redis.resume();
    await until(() => ada.lines.length === 2 && grace.lines.length === 2);
    await flows(ada, grace, 'again');
  });

  it('cuts one of the two connections ends both, and has both again', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    const count = async (type: string) =>
      (await redis.run('CLIENT', 'LIST', 'TYPE', type)).match(/\bid=\d+ addr/g)?.length;
    for (const type of ['pubsub', 'normal']) {
      const before = ada.lines.length;
      await redis.run('CLIENT', 'KILL', 'TYPE', type, 'SKIPME', 'yes');
      await until(() => ada.lines.length === before + 2 && grace.lines.length === before + 2);
      await flows(ada, grace, type);
      // Nothing is left of the other one: each node has two, and this question has one.
      await vi.waitFor(async () => expect(await count('pubsub')).toBe(2));
      await vi.waitFor(async () => expect(await count('normal')).toBe(3));
    }
    expect(ada.lines).toEqual(['down', 'up', 'down', 'up']);
  });

  it('cuts a slow subscriber off has it back', async () => {
    await redis.run('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 1mb 1mb 0');
    const ada = await open(redis.url);
    // More than the sockets between the two hold, within one turn, so that nothing is read meanwhile.
    const text = JSON.stringify({ v: 1, node: 'x', messages: [say('x'.repeat(100))] });
    const flood = redis.run(
      'EVAL',
      `for i = 1, 200000 do redis.call('PUBLISH', KEYS[1], ARGV[1]) end`,
      '1',
      'goconnect:ours',
      text,
    );
    await until(() => ada.lines.length === 2);
    await flood;
    expect(ada.lines).toEqual(['down', 'up']);
    await flows(await open(redis.url), ada, 'again');
  });

  it('does not take what is published drops it at a bound, and goes on when it does', async () => {
    const [ada, grace] = [await open(redis.url), await open(redis.url)];
    redis.pause();
    const batch = Array.from({ length: 10_000 }, () => say('x'.repeat(100)));
    for (let count = 0; count < 20; count++) ada.bus.publish(batch);
    expect(ada.counts.slow_line).toBeGreaterThan(100_000);
    redis.resume();
    await until(() => grace.words('elsewhere').length === ada.counts.published);
    await flows(ada, grace, 'after');
    expect(ada.logs.filter((line) => line.includes('dropped'))).toHaveLength(1);
  }, 30_000);

  it('stands still does not keep it from closing', async () => {
    const clock = faster();
    const before = sockets();
    const ada = await open(redis.url, { clock });
    redis.pause();
    await ada.bus.close();
    // Not only when the silence is noticed, at the fourth look.
    expect(clock.fired()).toBeLessThan(3);
    expect([clock.running(), sockets()]).toEqual([0, before]);
  });

  it('refuses what is published is told down until it takes it again', async () => {
    const change = (...rules: string[]) => redis.run('ACL', 'SETUSER', 'node', ...rules);
    await change('on', '>hunter2', 'allcommands', 'allchannels');
    const ada = await open(`redis://node:hunter2@127.0.0.1:${redis.port}`);
    await change('-publish');
    ada.bus.publish([say('refused')]);
    await until(() => ada.lines.length === 1);
    await change('+publish');
    await until(() => ada.lines.length === 2);
    expect(ada.lines).toEqual(['down', 'up']);
    expect(ada.logs.filter((line) => line.includes('may not use the channel'))).toHaveLength(1);
  });

  it('has another password by now is tried on, and the log says why once', async () => {
    const change = (...rules: string[]) => redis.run('ACL', 'SETUSER', 'node', ...rules);
    await change('on', '>hunter2', 'allcommands', 'allchannels');
    const clock = faster();
    const ada = await open(`redis://node:hunter2@127.0.0.1:${redis.port}`, { clock });
    await change('resetpass', '>another');
    await redis.run('CLIENT', 'KILL', 'USER', 'node');
    await until(() => ada.lines.length === 1);
    const fired = clock.fired();
    await until(() => clock.fired() > fired + 4);
    expect(ada.logs.filter((line) => line.includes('user or password are wrong'))).toHaveLength(1);
    await change('>hunter2');
    await until(() => ada.lines.length === 2);
    expect(ada.lines).toEqual(['down', 'up']);
  });
});

describe('a bus on what is no Redis', () => {
  let listener: Server;
  let url: string;
  /** Nothing at all, an end (empty), or a text. */
  let answer: string | undefined;
  let connections = 0;
  /** Those of them that have not ended on either side. */
  let standing = 0;
  beforeAll(async () => {
    listener = createServer((socket) => {
      connections++;
      standing++;
      socket
        .on('error', () => {})
        .on('close', () => void standing--)
        .resume();
      const text = answer;
      if (text === '') socket.destroy();
      else if (text !== undefined) socket.once('data', () => socket.end(text));
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    url = `redis://me:hunter2@127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
  });
  afterAll(() => new Promise((resolve) => listener.close(resolve)));

  it.each([
    ['answers in HTTP', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['knows other commands', "-ERR unknown command 'AUTH'\r\n"],
  ])('does not start when it %s', async (_, text) => {
    answer = text;
    await expect(open(url)).rejects.toThrow('BUS_URL: Redis cannot be used: what listens there is no Redis');
  });

  it.each(['redis', 'rediss'])('starts and warns when a proxy of %s has nobody behind it', async (scheme) => {
    answer = '';
    const ada = await open(url.replace('redis', scheme));
    await until(() => ada.logs.some((line) => line.includes('the connection was cut')));
    await expect(ada.bus.check()).rejects.toThrow('no other server');
  });

  it('leaves nothing when it is closed, whatever it is doing', async () => {
    const clock = faster();
    // Those of the test before go in their own time.
    await until(() => standing === 0);
    const before = sockets();
    const closed = async (ada: Node) => {
      await ada.bus.close();
      expect(clock.running()).toBe(0);
      await until(() => sockets() === before);
    };
    // While it waits …
    answer = '';
    await closed(await open(url, { clock }));
    // … while it tries …
    const ada = await open(url, { clock });
    const met = connections;
    answer = undefined;
    await until(() => connections > met);
    expect(clock.running()).toBe(1);
    clock.stop();
    await closed(ada);
    // … when it was closed already …
    await closed(ada);
    // … and when it never began.
    answer = '-WRONGPASS nobody\r\n';
    await expect(open(url, { clock })).rejects.toThrow('password');
    expect(clock.running()).toBe(0);
    await until(() => sockets() === before);
  });
});

it.each([
  ['redis://127.0.0.1:1', 'nothing listens there'],
  ['redis://no-such-host.invalid', 'the host'],
])('starts and warns without a Redis on %s', async (url, why) => {
  const ada = await open(url);
  await until(() => ada.lines.length === 1);
  expect(ada.logs[0]).toContain(why);
  // Closed while it waits, or while it tries.
  await ada.bus.close();
});

it('names the host to TLS, for one that stands before several, and no address', async () => {
  const named: string[] = [];
  const door = createTlsServer({
    SNICallback(name, done) {
      named.push(name);
      done(new Error('nobody of that name'));
    },
  });
  door.on('tlsClientError', () => {});
  await new Promise<void>((resolve) => door.listen(0, resolve));
  const address = door.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  for (const host of ['localhost', '127.0.0.1']) await open(`rediss://${host}:${port}`).catch(() => {});
  expect(new Set(named)).toEqual(new Set(['localhost']));
  await Promise.all(nodes.splice(0).map(({ bus }) => bus.close()));
  await new Promise((resolve) => door.close(resolve));
});
