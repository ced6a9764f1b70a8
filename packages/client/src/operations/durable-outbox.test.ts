import { describe, expect, it } from 'vitest';
import type { ClientOptions } from '../client-options.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import { base, codeOf, harness, v1, within } from '../testing/harness.js';
import { createShelf } from '../testing/shelf.js';
import type { OutboxStorage, StoredOperation } from './outbox-storage.js';
import type { Settled } from './settled.js';

const send = { scope: 'network:n', body: 'hi' } as const;
/** Crashed again and again. */
const HISTORIES = process.env.GOCONNECT_PROVE ? 200 : process.env.GOCONNECT_REQUIRE_ALL ? 10 : 2;
const EPOCH = 1_700_000_000_000;

/** One life of an application on this shelf. */
function life(shelf = createShelf(), options: Partial<ClientOptions> = {}) {
  const h = harness({ outbox: { storage: shelf.storage() }, ...options });
  const settled: Settled[] = [];
  h.client.on('settled', (one) => settled.push(one));
  h.client.on('recovered', (entries) => h.told.push(`recovered:${entries.map(({ opId }) => opId)}`));
  return { ...h, shelf, settled };
}

const ids = (h: ReturnType<typeof life>) => h.network.last.requests('chat.send').map(({ op_id }) => op_id);

describe('a durable outbox', () => {
  it('writes nothing to the socket before the storage has it', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.shelf.hold();
    const sent = h.client.request('chat.send', send, { opId: 'a' });
    await h.clock.settle();
    expect(ids(h)).toEqual([]);
    expect(h.client.outbox.entries()).toMatchObject([{ opId: 'a', state: 'queued', data: send }]);
    h.shelf.release();
    await within(h.clock, 100, sent);
    expect(ids(h)).toEqual(['a']);
    await h.client.close();
  });

  it('says on close() that it keeps a mutation, also one that it is still taking, and not to send it again', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.network.onSent = () => {};
    const failures = ['a', 'b'].map((opId) =>
      h.client
        .request('chat.send', { ...send, scope: `network:${opId}` }, { opId })
        .catch((error: unknown) => error),
    );
    const read = h.client.request('presence.list', { room: 'host' }).catch((error: unknown) => error);
    await h.clock.settle();
    h.shelf.hold();
    failures.push(h.client.request('chat.send', send, { opId: 'c' }).catch((error: unknown) => error));
    const closed = h.client.close();
    h.shelf.release();
    await closed;
    for (const failure of failures)
      expect(await failure).toMatchObject({
        ...{ code: 'closed', details: { kept: true } },
        remedy: expect.stringContaining('do not send it again'),
      });
    expect(await read).toEqual(expect.objectContaining({ code: 'closed', details: {} }));
    expect([...h.shelf.nextLife().kept.keys(), ...h.shelf.kept.keys()].sort()).toEqual(['a', 'b', 'c']);
  });

  it('tells where it could not keep after all what close() said it keeps', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.shelf.hold();
    h.shelf.fail('append', new Error('full'));
    const sent = codeOf(h.client.request('chat.send', send));
    const closed = h.client.close();
    h.shelf.release();
    await closed;
    expect(await sent).toBe('closed');
    await expect.poll(() => h.told).toContain('error:storage_failed');
  });

  it('promises nothing on close() where nothing outlives the client, or the storage could not be opened', async () => {
    const shelf = createShelf();
    shelf.fail('load', new Error('forbidden'));
    for (const options of [{}, { outbox: { storage: shelf.storage() } }]) {
      const { client, clock } = harness(options);
      const sent = client.request('chat.send', send).catch((error: unknown) => error);
      await clock.settle();
      await client.close();
      expect(await sent).toEqual(
        expect.objectContaining({
          ...{ code: 'closed', details: {} },
          remedy: expect.stringContaining('connect()'),
        }),
      );
    }
  });

  it('hands on what a storage says is to be done', async () => {
    const remedy = 'Make one storage for each client.';
    const load = () => Promise.reject(Object.assign(new Error('another has it'), { remedy }));
    const { client, clock } = harness({ outbox: { storage: { ...createShelf().storage(), load } } });
    const errors: unknown[] = [];
    client.on('error', (error) => errors.push(error));
    client.connect().catch(() => {});
    await clock.settle();
    expect(errors).toMatchObject([{ code: 'storage_failed', message: 'another has it', remedy }]);
    await client.close();
  });

  it('is not closed by a client that it refused', async () => {
    const storage = createShelf().storage();
    let owners = 0;
    const one: OutboxStorage = {
      ...storage,
      load(listener) {
        if (owners++ > 0) throw new Error('another client has it');
        return storage.load(listener);
      },
    };
    const [first, second] = [harness({ outbox: { storage: one } }), harness({ outbox: { storage: one } })];
    for (const { client, clock, network } of [first, second]) {
      v1(network);
      await within(clock, 100, client.connect());
      await within(clock, 100, client.request('chat.send', send));
    }
    expect(second.told).toContain('error:storage_failed');
    await second.client.close();
    await within(first.clock, 100, first.client.request('chat.send', send));
    expect(first.told).not.toContain('error:storage_failed');
    await first.client.close();
  });

  it('notes when it was first written before it is written, and forgets it when it has settled', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    const atWriting: (StoredOperation | undefined)[] = [];
    const answer = h.network.onSent;
    h.network.onSent = (socket, envelope) => {
      atWriting.push(h.shelf.kept.get(envelope.op_id));
      answer(socket, envelope);
    };
    await within(h.clock, 100, h.client.request('chat.send', send, { opId: 'a' }));
    expect(atWriting).toMatchObject([{ opId: 'a', data: send, sentAt: h.clock.now() }]);
    await h.clock.settle();
    expect(h.shelf.kept.size).toBe(0);
    expect(h.settled).toMatchObject([
      { opId: 'a', outcome: 'acked', reply: { message_id: 'm-a' }, error: undefined },
    ]);
    await h.client.close();
  });

  it('survives the end of the page: same op_id, old before new, told by recovered and settled', async () => {
    const before = life();
    before.client.connect().catch(() => {});
    for (const opId of ['a', 'b']) before.client.request('chat.send', send, { opId }).catch(() => {});
    await before.clock.settle();
    const after = life(before.shelf.nextLife());
    v1(after.network);
    const fresh = after.client.request('chat.send', send, { opId: 'c' });
    await within(after.clock, 100, after.client.connect());
    await within(after.clock, 100, fresh);
    expect(ids(after)).toEqual(['a', 'b', 'c']);
    expect(after.told).toContain('recovered:a,b');
    expect(after.settled.map(({ opId, outcome }) => `${opId} ${outcome}`)).toEqual([
      'a acked',
      'b acked',
      'c acked',
    ]);
    await after.client.close();
  });

  it('shows what was recovered before there is a connection', async () => {
    const h = life(createShelf([{ opId: 'old', type: 'chat.send', data: send, expiresAt: EPOCH + 1e6 }]));
    h.client.connect().catch(() => {});
    await h.clock.settle();
    expect(h.client.outbox.entries()).toMatchObject([
      { opId: 'old', type: 'chat.send', data: send, state: 'queued' },
    ]);
    expect(h.client.outbox.cancel('old')).toBe(true);
    await h.clock.settle();
    expect(h.settled).toMatchObject([{ opId: 'old', outcome: 'aborted' }]);
    expect(h.shelf.kept.size).toBe(0);
    await h.client.close();
  });

  it('expires by the wall clock, and never sends what has expired', async () => {
    const stored = { type: 'chat.send', data: send, expiresAt: EPOCH - 1 } as const;
    const h = life(
      createShelf([
        { ...stored, opId: 'old' },
        { ...stored, opId: 'sent', sentAt: EPOCH - 5 },
      ]),
    );
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    expect(h.settled.map(({ opId, outcome }) => `${opId} ${outcome}`)).toEqual([
      'old expired',
      'sent unknown_outcome',
    ]);
    expect(ids(h)).toEqual([]);
    expect(h.shelf.kept.size).toBe(0);
    await h.client.close();
  });

  it('takes nothing for unsettled that had expired when it was found, without a connection and before any time passes', async () => {
    const old = { type: 'chat.send', data: send, expiresAt: EPOCH } as const;
    const h = life(createShelf([{ ...old, opId: 'old' }]));
    h.client.connect().catch(() => {});
    await h.clock.settle();
    expect(h.settled.map(({ opId, outcome }) => `${opId} ${outcome}`)).toEqual(['old expired']);
    expect([h.client.outbox.size, h.shelf.kept.size]).toEqual([0, 0]);
    await h.client.close();
    expect(h.shelf.nextLife().kept.size).toBe(0);
  });

  it('looks again at what waits when another tab leaves something, as timers sleep with the device', async () => {
    const h = life();
    const waits = codeOf(h.client.request('chat.send', send, { ttlMs: 60_000 }));
    await h.clock.settle();
    h.clock.doze(61_000);
    h.shelf.arrive({ opId: 'theirs', type: 'chat.send', data: send, expiresAt: h.clock.now() + 1e6 });
    expect(await waits).toBe('expired');
    expect(h.client.outbox.entries().map(({ opId }) => opId)).toEqual(['theirs']);
    await h.client.close();
  });

  it.each(['queued', 'written'])(
    'does not take up again what was cancelled while a storage at once kept it (%s)',
    async (when) => {
      const storage: OutboxStorage = {
        load() {},
        append: ({ opId }) => void h.client.outbox.cancel(opId),
        remove() {},
      };
      const h = harness({ outbox: { storage } });
      v1(h.network);
      if (when === 'written') await within(h.clock, 100, h.client.connect());
      const sent = codeOf(h.client.request('chat.send', send));
      expect(await sent).toBe('aborted');
      if (when === 'queued') await within(h.clock, 100, h.client.connect());
      await h.clock.settle();
      expect(h.network.last.requests('chat.send')).toEqual([]);
      expect(h.client.outbox.size).toBe(0);
      await h.client.close({ flushMs: 1_000 });
      expect(h.clock.pending).toBe(0);
    },
  );

  it('does not repeat what a server has forgotten since: the window counts from the first writing', async () => {
    const stored = { type: 'chat.send', data: send, expiresAt: EPOCH + 1e9 } as const;
    const h = life(
      createShelf([
        { ...stored, opId: 'late', sentAt: EPOCH - 60_000 },
        { ...stored, opId: 'in time', sentAt: EPOCH - 1_000 },
      ]),
    );
    v1(h.network, [], { dedupe_window_ms: 30_000 });
    await within(h.clock, 100, h.client.connect());
    await h.clock.settle();
    expect(ids(h)).toEqual(['in time']);
    expect(h.settled.map(({ opId, outcome }) => `${opId} ${outcome}`)).toEqual([
      'late unknown_outcome',
      'in time acked',
    ]);
    await h.client.close();
  });

  it('does not repeat, on a server that keeps keys, what an earlier life wrote to one that keeps none', async () => {
    const before = life();
    base(before.network);
    before.network.onSent = () => {};
    await within(before.clock, 5_000, before.client.connect());
    before.client.request('chat.send', send, { opId: 'sent' }).catch(() => {});
    before.client.request('chat.send', send, { opId: 'queued' }).catch(() => {});
    await before.clock.settle();
    expect(ids(before)).toEqual(['sent']);
    const after = life(before.shelf.nextLife());
    v1(after.network);
    await within(after.clock, 100, after.client.connect());
    await after.clock.settle();
    expect(ids(after)).toEqual(['queued']);
    expect(after.settled.map(({ opId, outcome }) => `${opId} ${outcome}`)).toEqual([
      'sent unknown_outcome',
      'queued acked',
    ]);
    await after.client.close();
  });

  it('keeps on close() what has not settled, for the next one', async () => {
    const h = life();
    const sent = codeOf(h.client.request('chat.send', send, { opId: 'a' }));
    await h.clock.settle();
    await h.client.close();
    expect(await sent).toBe('closed');
    expect(h.settled).toEqual([]);
    expect([...h.shelf.kept.keys()]).toEqual(['a']);
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    await h.clock.settle();
    expect(h.settled).toMatchObject([{ opId: 'a', outcome: 'acked' }]);
    await h.client.close();
  });

  it('takes on late what another tab left, and sends it', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.shelf.arrive({ opId: 'theirs', type: 'chat.send', data: send, expiresAt: EPOCH + 1e6 });
    await h.clock.settle();
    expect(ids(h)).toEqual(['theirs']);
    expect(h.told).toContain('recovered:theirs');
    await h.client.close();
    h.shelf.arrive({ opId: 'too late', type: 'chat.send', data: send, expiresAt: EPOCH + 1e6 });
    expect(h.client.outbox.size).toBe(0);
  });

  it('refuses what the storage will not take: storage_failed, not sent, and it can be tried again', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    const quota = new DOMException('full', 'QuotaExceededError');
    h.shelf.fail('append', quota);
    const error = await h.client.request('chat.send', send).catch((thrown: GoConnectError) => thrown);
    expect(error).toMatchObject({ code: 'storage_failed', sent: false, retryable: true, cause: quota });
    expect(ids(h)).toEqual([]);
    expect(h.client.outbox.size).toBe(0);
    h.shelf.fail('append', undefined);
    await within(h.clock, 100, h.client.request('chat.send', send));
    await h.client.close();
  });

  it('waits with what was accepted while the storage cannot note that it is sent: nothing lost, no hot loop', async () => {
    const h = life();
    const accepted = h.client.request('chat.send', send, { opId: 'a' });
    await h.clock.settle();
    expect([...h.shelf.kept.keys()]).toEqual(['a']);
    h.shelf.fail('append', new Error('disk full'));
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    await h.clock.advance(10_000);
    expect(ids(h)).toEqual([]);
    const failures = h.told.filter((one) => one === 'error:storage_failed').length;
    expect(failures).toBeGreaterThan(3);
    expect(failures).toBeLessThan(13);
    expect(h.told).toContain('backpressure:storage');
    h.shelf.fail('append', undefined);
    await within(h.clock, 2_000, accepted);
    await h.client.close();
  });

  it.each(['rejects', 'throws'] as const)('goes on in memory, and says so, when load %s', async (how) => {
    const h = life();
    h.shelf.fail('load', new Error('denied'), how);
    v1(h.network);
    const sent = h.client.request('chat.send', send, { opId: 'a' });
    await within(h.clock, 100, h.client.connect());
    await within(h.clock, 100, sent);
    expect(h.told).toContain('error:storage_failed');
    expect(h.shelf.kept.size).toBe(0);
    await h.client.close();
  });

  it('tells when something cannot be forgotten, and goes on', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.shelf.fail('remove', new Error('io'), 'throws');
    await within(h.clock, 100, h.client.request('chat.send', send));
    await h.clock.settle();
    expect(h.told).toContain('error:storage_failed');
    await h.client.close();
  });

  it('tells of entries that make no sense (any more) and removes them; the others are sent', async () => {
    const old = { expiresAt: EPOCH + 1e6, type: 'chat.send', data: send } as const;
    const h = life(
      createShelf([
        { ...old, opId: 'gone type', type: 'chat.whisper' as 'chat.send' },
        { ...old, opId: 'no mutation', type: 'presence.ping' },
        { ...old, opId: 'bad data', data: { scope: 'nowhere' } },
        { ...old, opId: 'no data', data: undefined },
        { ...old, opId: 'good' },
      ]),
    );
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    await h.clock.settle();
    expect(h.settled.map(({ opId, outcome }) => `${opId} ${outcome}`)).toEqual([
      'gone type rejected',
      'no mutation rejected',
      'bad data rejected',
      'no data rejected',
      'good acked',
    ]);
    expect(h.network.last.sent.map(({ op_id }) => op_id)).toEqual(['good']);
    expect(h.shelf.kept.size).toBe(0);
    expect(h.told.filter((one) => one === 'error:invalid_payload')).toHaveLength(4);
    await h.client.close();
  });

  it('keeps the order of a scope when the line changes while the storage works', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.shelf.hold();
    const all = ['a', 'b', 'c'].map((opId) => h.client.request('chat.send', send, { opId }));
    await h.clock.settle();
    h.network.last.end(1006);
    await h.clock.advance(1_000);
    h.shelf.release();
    await within(h.clock, 1_000, Promise.all(all));
    expect(ids(h)).toEqual(['a', 'b', 'c']);
    await h.client.close();
  });

  it('sends an aborted operation neither now nor in the next life', async () => {
    const h = life();
    v1(h.network);
    await within(h.clock, 100, h.client.connect());
    h.shelf.hold();
    const controller = new AbortController();
    const aborted = codeOf(h.client.request('chat.send', send, { signal: controller.signal }));
    await h.clock.settle();
    controller.abort();
    expect(await aborted).toBe('aborted');
    h.shelf.release();
    await h.clock.settle();
    expect(ids(h)).toEqual([]);
    expect(h.shelf.kept.size).toBe(0);
    await h.client.close();
  });

  it('bounds what is new while what is old fills it', async () => {
    const old = { expiresAt: EPOCH + 1e6, type: 'chat.send', data: send } as const;
    const shelf = createShelf([
      { ...old, opId: 'a' },
      { ...old, opId: 'b' },
    ]);
    const h = life(shelf, { outbox: { storage: shelf.storage(), maxOperations: 2 } });
    h.client.connect().catch(() => {});
    await h.clock.settle();
    expect(await codeOf(h.client.request('chat.send', send))).toBe('queue_full');
    v1(h.network);
    await h.clock.advance(15_000);
    expect(h.settled.map(({ opId }) => opId)).toEqual(['a', 'b']);
    await h.client.close();
  });

  it('survives crashes at any moment: with a server that knows repeats each operation has one effect, in order', {
    timeout: HISTORIES * 30_000,
  }, async () => {
    let seed = Number(process.env.SEED ?? 0) || 20_261_124;
    console.info(`seed ${seed}`);
    const random = () => {
      seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
      return seed / 2 ** 31;
    };
    for (let history = 0; history < HISTORIES; history++) {
      const effects: string[] = [];
      const acked = new Set<string>();
      let shelf = createShelf();
      let made = 0;
      const accepted: string[] = [];
      for (let crash = 0; crash < 6; crash++) {
        const h = life(shelf);
        v1(h.network);
        h.network.onSent = (socket, { type, op_id }) => {
          if (type !== 'chat.send') return;
          if (random() < 0.2) return socket.end(1006);
          if (!effects.includes(op_id)) effects.push(op_id);
          if (random() < 0.6)
            queueMicrotask(() =>
              socket.push({ type: 'ack', op_id, data: { message_id: 'm', status: 'sent' } }),
            );
          else if (random() < 0.5) queueMicrotask(() => socket.end(1006));
        };
        h.client.on('settled', ({ opId, outcome }) => {
          if (acked.has(opId)) throw new Error(`${opId} settled twice`);
          expect(outcome).toBe('acked');
          acked.add(opId);
        });
        h.client.connect().catch(() => {});
        for (let step = 0; step < 8; step++) {
          const opId = `op-${made++}`;
          h.client.request('chat.send', send, { opId, timeoutMs: 1e9 }).catch(() => {});
          if (random() < 0.5) await h.clock.advance(random() * 300);
        }
        for (const opId of h.shelf.everKept) if (!accepted.includes(opId)) accepted.push(opId);
        shelf = shelf.nextLife();
      }
      const last = life(shelf);
      v1(last.network);
      const answer = last.network.onSent;
      last.network.onSent = (socket, envelope) => {
        if (!effects.includes(envelope.op_id)) effects.push(envelope.op_id);
        answer(socket, envelope);
      };
      await within(last.clock, 100, last.client.connect());
      await last.clock.advance(200_000);
      expect(effects).toEqual([...effects].sort((a, b) => Number(a.slice(3)) - Number(b.slice(3))));
      expect(accepted.filter((opId) => !effects.includes(opId))).toEqual([]);
      expect(shelf.kept.size).toBe(0);
      await last.client.close();
    }
  });

  it.each(['cancelled', 'expired'] as const)(
    'removes what was %s before the storage was open',
    async (how) => {
      const expiresAt = how === 'expired' ? EPOCH - 1 : EPOCH + 1e6;
      const shelf = createShelf([{ opId: 'a', type: 'chat.send', data: send, expiresAt }]);
      const h = life(shelf);
      v1(h.network);
      h.client.on('recovered', (entries) => {
        if (how === 'cancelled') for (const { opId } of entries) h.client.outbox.cancel(opId);
      });
      h.client.connect().catch(() => {});
      await h.clock.settle();
      expect(h.settled).toMatchObject([{ opId: 'a', outcome: how === 'expired' ? 'expired' : 'aborted' }]);
      await h.client.close();
      expect(shelf.kept.size).toBe(0);
    },
  );

  it('removes it also when the client is closed before that', async () => {
    const shelf = createShelf([{ opId: 'a', type: 'chat.send', data: send, expiresAt: EPOCH + 1e6 }]);
    const h = life(shelf);
    h.client.on('recovered', () => {
      h.client.outbox.cancel('a');
      void h.client.close();
    });
    h.client.connect().catch(() => {});
    await h.clock.settle();
    await h.client.close();
    expect(shelf.kept.size).toBe(0);
  });

  it('keeps what may wait for ever, and has no error for what close() leaves in it', async () => {
    const shelf = createShelf();
    const h = life(shelf, { outbox: { storage: shelf.storage(), ttlMs: Number.POSITIVE_INFINITY } });
    h.client.request('chat.send', send, { opId: 'a' }).catch(() => {});
    await h.clock.settle();
    await h.client.close();
    expect(JSON.parse(JSON.stringify(shelf.kept.get('a')))).toMatchObject({ expiresAt: expect.any(Number) });
    const next = life(shelf.nextLife());
    next.client.connect().catch(() => {});
    await next.clock.settle();
    expect(next.client.outbox.entries()).toMatchObject([{ opId: 'a' }]);
    await next.client.close();
    expect(next.told.filter((one) => one.startsWith('error'))).toEqual([]);
  });

  it('tells of a storage that cannot be closed; close() resolves all the same', async () => {
    for (const how of ['rejects', 'throws'] as const) {
      const shelf = createShelf();
      const h = life(shelf);
      v1(h.network);
      await within(h.clock, 100, h.client.connect());
      shelf.fail('close', new Error('stuck'), how);
      await h.client.close();
      expect(h.told.at(-1)).toBe('error:storage_failed');
    }
  });

  it('is opened again only when it is closed, and not at all when the client is closed by then', async () => {
    const shelf = createShelf();
    const calls: string[] = [];
    const { load, close, ...rest } = shelf.storage();
    const storage: OutboxStorage = {
      ...rest,
      async load(listener) {
        calls.push('load');
        await load(listener);
        calls.push('loaded');
      },
      async close() {
        calls.push('close');
        await close?.();
        calls.push('closed');
      },
    };
    const h = life(shelf, { outbox: { storage } });
    v1(h.network);
    shelf.hold();
    h.client.connect().catch(() => {});
    const first = h.client.close();
    h.client.connect().catch(() => {});
    const second = h.client.close();
    shelf.release();
    await Promise.all([first, second]);
    expect(calls).toEqual(['load', 'close', 'loaded', 'closed']);
    shelf.hold();
    h.client.connect().catch(() => {});
    await h.clock.settle();
    const third = h.client.close();
    const again = h.client.connect();
    shelf.release();
    await Promise.all([third, within(h.clock, 100, again)]);
    expect(calls.slice(4)).toEqual(['load', 'close', 'loaded', 'closed', 'load', 'loaded']);
    await within(h.clock, 100, h.client.request('chat.send', send));
    expect(h.told).not.toContain('error:storage_failed');
    await h.client.close();
  });
});

describe('without a storage', () => {
  it('an operation on a base server is written at once, in the turn of the call', async () => {
    const h = harness();
    base(h.network);
    await within(h.clock, 100, h.client.connect());
    void h.client.request('chat.send', send).catch(() => {});
    expect(h.network.last.requests('chat.send')).toHaveLength(1);
    await h.client.close();
  });
});
