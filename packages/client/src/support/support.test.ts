import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createVirtualClock } from '../testing/virtual-clock.js';
import { createEmitter } from './emitter.js';
import { eventStream } from './event-stream.js';
import { GoConnectError } from './goconnect-error.js';
import { cryptoRandom, randomId, randomUuid } from './random-id.js';
import { systemClock } from './system-clock.js';
import { createTrace } from './trace.js';

describe('the emitter', () => {
  it('isolates a listener that throws or rejects: the others hear, the emitter goes on', async () => {
    const reported: unknown[] = [];
    const emitter = createEmitter<{ a: number }, object>((error) => reported.push(error));
    const heard: number[] = [];
    emitter.on('a', () => {
      throw new Error('thrown');
    });
    emitter.on('a', async () => {
      throw new Error('rejected');
    });
    // A promise of another frame is no `Promise` of this one.
    emitter.on('a', () => runInNewContext("Promise.reject(new Error('elsewhere'))"));
    emitter.on('a', () => null);
    emitter.on('a', (value) => heard.push(value));
    emitter.emit('a', 1, {});
    await expect.poll(() => reported.length).toBe(3);
    expect(heard).toEqual([1]);
    expect(reported.map(String).sort()).toEqual(['Error: elsewhere', 'Error: rejected', 'Error: thrown']);
  });

  it('takes away exactly the registration whose off is called', () => {
    const emitter = createEmitter<{ a: number }, object>(() => {});
    const heard: number[] = [];
    const listener = (value: number) => heard.push(value);
    const off = emitter.on('a', listener);
    emitter.on('a', listener);
    off();
    off();
    emitter.emit('a', 1, {});
    expect(heard).toEqual([1]);
    emitter.off('a', listener);
    emitter.emit('a', 2, {});
    expect(heard).toEqual([1]);
  });

  it('calls once-listeners once, even when they emit', () => {
    const emitter = createEmitter<{ a: number }, object>(() => {});
    let calls = 0;
    emitter.once('a', () => {
      calls++;
      emitter.emit('a', 2, {});
    });
    emitter.emit('a', 1, {});
    expect(calls).toBe(1);
    expect(emitter.listens('a')).toBe(false);
  });
});

describe('an event stream', () => {
  function source() {
    const listeners = new Set<(item: number) => void>();
    const subscribe = (listener: (item: number) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    };
    return {
      subscribe,
      push: (item: number) => listeners.forEach((listener) => void listener(item)),
      listeners,
    };
  }

  it('gives what came between two reads, from the moment it was made', async () => {
    const { subscribe, push } = source();
    const stream = eventStream(subscribe, new Set());
    push(1);
    push(2);
    expect([(await stream.next()).value, (await stream.next()).value]).toEqual([1, 2]);
    const next = stream.next();
    push(3);
    expect(await next).toEqual({ done: false, value: 3 });
  });

  it('ends with the signal, with break, before it began, and with all others; and leaves no listener', async () => {
    const { subscribe, push, listeners } = source();
    const controller = new AbortController();
    const stream = eventStream(subscribe, new Set(), controller.signal);
    const waiting = stream.next();
    controller.abort();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(listeners.size).toBe(0);

    const second = eventStream(subscribe, new Set());
    push(1);
    for await (const _ of second) break;
    expect(listeners.size).toBe(0);
    expect((await second.next()).done).toBe(true);

    const endings = new Set<() => void>();
    expect((await eventStream(subscribe, endings, AbortSignal.abort()).next()).done).toBe(true);
    expect([listeners.size, endings.size]).toEqual([0, 0]);

    const last = eventStream(subscribe, endings).next();
    for (const end of endings) end();
    expect((await last).done).toBe(true);
    expect([listeners.size, endings.size]).toEqual([0, 0]);
  });

  it('fails a reader that is 1,000 events behind, after giving it those', async () => {
    const { subscribe, push, listeners } = source();
    const stream = eventStream(subscribe, new Set());
    for (let i = 0; i < 1_500; i++) push(i);
    expect(listeners.size).toBe(0);
    let read = 0;
    const failure = await (async () => {
      for await (const _ of stream) read++;
    })().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'queue_full' });
    expect(read).toBe(1_000);
    expect((await stream.next()).done).toBe(true);
  });
});

describe('GoConnectError', () => {
  it('keeps what it is made from, and says aborted for an abort', () => {
    const mine = new GoConnectError('timeout', 'x');
    expect(GoConnectError.from(mine)).toBe(mine);
    const cause = new TypeError('boom');
    expect(GoConnectError.from(cause)).toMatchObject({ code: 'ERR_HANDLER_FAILED', message: 'boom', cause });
    expect(GoConnectError.from('text').message).toBe('text');
    expect(GoConnectError.from(new DOMException('x', 'AbortError')).code).toBe('aborted');
    for (const value of [
      null,
      undefined,
      7,
      Symbol('x'),
      Object.create(null),
      { message: Object.create(null) },
    ])
      expect(GoConnectError.from(value)).toMatchObject({ code: 'ERR_HANDLER_FAILED', cause: value });
    expect(GoConnectError.from(runInNewContext("new Error('elsewhere')")).message).toBe('elsewhere');
  });

  it('has a remedy for every code, also those of newer servers, also "constructor"', () => {
    for (const code of ['ERR_RATE_LIMIT', 'unknown_outcome', 'ERR_CONFLICT', 'constructor']) {
      const error = new GoConnectError(code, '');
      expect(error.remedy).toMatch(/\.$/);
      expect(error.code).toBe(code);
    }
    expect(new GoConnectError('ERR_RATE_LIMIT', '').retryable).toBe(true);
    expect(new GoConnectError('ERR_CONFLICT', '')).toMatchObject({
      retryable: false,
      remedy: 'See message.',
    });
    expect(new GoConnectError('timeout', '', { remedy: 'Do that.' }).remedy).toBe('Do that.');
    expect(GoConnectError.from(new Error('boom')).remedy).toMatch(/cause/);
  });
});

describe('GoConnectError of two copies in one program', () => {
  it('is one to `instanceof` and to `from`, and a class derived from it knows its own only', async () => {
    vi.resetModules();
    const { GoConnectError: Other } = await import('./goconnect-error.js');
    expect(Other).not.toBe(GoConnectError);
    class Derived extends GoConnectError {}
    const foreign = new Other('auth_failed', 'signed out');
    const derived = new Derived('timeout', 'x');
    expect(foreign).toBeInstanceOf(GoConnectError);
    expect(GoConnectError.from(foreign)).toBe(foreign);
    expect(derived).toBeInstanceOf(Derived);
    expect(derived).toBeInstanceOf(Other);
    for (const other of [foreign, new GoConnectError('timeout', 'x'), null])
      expect(other).not.toBeInstanceOf(Derived);
    for (const other of [null, undefined, 'x', new Error('x'), Object.create(null)])
      expect(other).not.toBeInstanceOf(GoConnectError);
    expect(Object.keys(foreign)).toEqual(Object.keys(new GoConnectError('auth_failed', 'signed out')));
  });
});

describe('the system clock', () => {
  afterEach(() => void vi.useRealTimers());

  it('splits delays that a platform timer would fire at once', () => {
    vi.useFakeTimers();
    const fired: string[] = [];
    systemClock.setTimeout(() => fired.push('long'), 2 ** 31 + 1_000);
    const cancelled = systemClock.setTimeout(() => fired.push('cancelled'), 2 ** 31 + 500);
    vi.advanceTimersByTime(2 ** 31 - 1);
    expect(fired).toEqual([]);
    systemClock.clearTimeout(cancelled);
    vi.advanceTimersByTime(2_000);
    expect(fired).toEqual(['long']);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('random ids', () => {
  it('are 128 bits, and version 4 UUIDs where asked', () => {
    const ids = new Set(Array.from({ length: 1_000 }, () => randomId(cryptoRandom)));
    expect(ids.size).toBe(1_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(randomUuid(cryptoRandom)).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
    expect(randomId(() => 0)).toBe('0'.repeat(32));
    expect(randomId(() => 1 - Number.EPSILON)).toBe('f'.repeat(32));
  });
});

describe('the trace', () => {
  it('keeps the last 256 happenings', () => {
    const trace = createTrace(createVirtualClock(), {});
    for (let i = 0; i < 300; i++) trace.note(`n${i}`);
    expect(trace.recent()).toHaveLength(256);
    expect(trace.recent()[0]?.what).toBe('n44');
  });
});
