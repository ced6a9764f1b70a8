import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createInProcessBus } from '../adapters/in-process-bus.js';
import { openStore } from '../adapters/sql/open-store.js';
import { systemClock } from '../adapters/system-clock.js';
import { OperationError } from '../domain/operation-error.js';
import type { Operations } from '../operations/operations.js';
import type { Bus, BusMessage } from '../ports/bus.js';
import type { Store } from '../ports/store.js';
import { StoreError } from '../ports/store-error.js';
import { createIdempotency, type Idempotency, type RequestKey } from './idempotency.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const key: RequestKey = {
  actor: { userId: 'u', tenantId: 'own' },
  key: 'canary-key-1',
  method: 'POST',
  url: '/v1/x',
  body: Buffer.from('{}'),
};

describe('an idempotency key', () => {
  let folder: string;
  let store: Store;
  let idempotency: Idempotency;
  let bus: Bus;
  /** What the operations of this test are: the store and bus they would be made on. */
  let parts: { store: Store; bus: Bus };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'goconnect-keys-'));
    store = await openStore({ url: `file:${join(folder, 'a.db')}`, clock: systemClock, logger: silent });
    bus = createInProcessBus(silent);
    const operationsOn = (onStore: Store, onBus: Bus) => {
      parts = { store: onStore, bus: onBus };
      return {} as Operations;
    };
    idempotency = createIdempotency({ store, bus, clock: systemClock, tenantId: 'own', operationsOn });
  });

  afterEach(async () => {
    await store.close();
    await rm(folder, { recursive: true });
  });

  /** Work with an effect: an entry in the log, whose place is the reply. */
  const append = async (body = 'hi') => {
    const entry = await parts.store.write((tx) =>
      tx.log.append('host', { type: 'member.left', data: { network_id: 'n', user_id: body } }, 1),
    );
    return { status: 201 as const, data: { seq: entry.seq, token: 'canary-token' } };
  };
  const entries = () => store.read((tx) => tx.log.entries('host', 0, 100));

  it('tells a repeat the truth of which nobody knew it: done, or not yet', async () => {
    for (const outcome of ['committed', 'lost'] as const) {
      const opaque: Store = {
        ...store,
        write: async (work) => {
          const lost = new StoreError('unknown_outcome', 'cut');
          await store.write(async (tx) => {
            const value = await work(tx);
            if (outcome === 'lost') throw lost;
            return value;
          });
          throw lost;
        },
      };
      const operationsOn = (onStore: Store, onBus: Bus) => {
        parts = { store: onStore, bus: onBus };
        return {} as Operations;
      };
      const cut = createIdempotency({
        store: opaque,
        bus,
        clock: systemClock,
        tenantId: 'own',
        operationsOn,
      });
      const request = { ...key, key: `canary-key-${outcome}` };
      const before = (await entries()).length;
      await expect(cut.once(request, () => append())).rejects.toMatchObject({ reason: 'unknown_outcome' });
      expect(await entries()).toHaveLength(outcome === 'committed' ? before + 1 : before);
      expect((await idempotency.once(request, () => append())).data).toMatchObject({ seq: before + 1 });
      expect(await entries()).toHaveLength(before + 1);
    }
  });

  it('gives a repeat the first reply, without a second effect', async () => {
    const first = await idempotency.once(key, () => append());
    const again = await idempotency.once(key, () => append());
    expect(first).toEqual({ status: 201, data: { seq: 1, token: 'canary-token' } });
    expect(again).toEqual(first);
    expect(await entries()).toHaveLength(1);
  });

  it('lets repeats at the same moment wait for the first', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => idempotency.once(key, () => append())),
    );
    expect(new Set(replies.map((reply) => JSON.stringify(reply)))).toHaveLength(1);
    expect(await entries()).toHaveLength(1);
  });

  it.each([
    ['body', { body: Buffer.from('{ }') }],
    ['path', { url: '/v1/y' }],
    ['method', { method: 'PUT' }],
  ])('with another %s is a conflict', async (_name, other) => {
    await idempotency.once(key, () => append());
    await expect(idempotency.once({ ...key, ...other }, () => append())).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
      details: { reason: 'key_reused' },
    });
    expect(await entries()).toHaveLength(1);
  });

  it("is its user's alone", async () => {
    await idempotency.once(key, () => append());
    await idempotency.once({ ...key, actor: { userId: 'v', tenantId: 'own' } }, () => append());
    await idempotency.once({ ...key, actor: { userId: 'u', tenantId: 'other' } }, () => append());
    expect(await entries()).toHaveLength(3);
  });

  it('of failed work is not remembered, and the work leaves nothing behind', async () => {
    const refused = idempotency.once(key, async () => {
      await append();
      throw new OperationError('ERR_FORBIDDEN', 'no');
    });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_FORBIDDEN' });
    expect(await entries()).toHaveLength(0);
    await idempotency.once(key, () => append());
    expect(await entries()).toHaveLength(1);
  });

  it('holds back what is published until the work is durable, and publishes nothing for a repeat', async () => {
    const heard: BusMessage[] = [];
    const seen: number[] = [];
    bus.subscribe((messages) => heard.push(...messages));
    const announce = async () => {
      const reply = await append();
      parts.bus.publish([{ kind: 'disconnect', userId: 'u', code: 4503, reason: 'x' }]);
      await new Promise((resolve) => queueMicrotask(() => resolve(undefined)));
      seen.push(heard.length);
      return reply;
    };
    await idempotency.once(key, announce);
    await idempotency.once(key, announce);
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([0]);
    expect(heard).toHaveLength(1);
  });

  it('and the reply cannot be read from the database', async () => {
    await idempotency.once(key, () => append());
    await store.close();
    // The companions of the file go when the last statement is collected, which may be between the two.
    const files = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'latin1').catch(() => '')),
    );
    const bytes = files.join('');
    expect(bytes.includes('http:u')).toBe(true);
    expect(bytes.includes('canary-token')).toBe(false);
    expect(bytes.includes('canary-key')).toBe(false);
  });
});
