import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../domain/entities.js';
import { OperationError } from '../domain/operation-error.js';
import { StoreError } from '../ports/store-error.js';
import { maintain } from './maintenance.js';
import { createWorld, type World } from './testing/world.js';

const DAY = 24 * 3600 * 1000;

let world: World;
let actor: Actor;
beforeEach(async () => {
  world = await createWorld();
  actor = await world.user('u');
});
afterEach(() => world.close());

const key = (opId: string, connection?: string) => ({ opId, ...(connection && { connection }) });
const send = (opId: string, body = 'hello', connection?: string) =>
  world.operations.chat.send({ actor, key: key(opId, connection) }, { scope: 'host', body });
const count = async () => (await world.log('host')).length;

describe('an idempotency key', () => {
  it('B4.1 has one effect and one answer, however often it comes', async () => {
    const first = await send('op-1');
    const again = await Promise.all([send('op-1'), send('op-1'), send('op-1')]);
    for (const result of again) expect(result).toEqual({ reply: first.reply, repeated: true });
    expect(first.repeated).toBe(false);
    expect(await count()).toBe(1);
  });

  it('B4.1 has one effect when repeats arrive in one turn', async () => {
    const results = await Promise.all([send('op-1'), send('op-1')]);
    expect(results.map(({ repeated }) => repeated)).toEqual([false, true]);
    expect(results[0]?.reply).toEqual(results[1]?.reply);
    expect(await count()).toBe(1);
  });

  it('B4.1 with other data is a mistake: op_id_reused', async () => {
    await send('op-1', 'one');
    const refusal = { code: 'ERR_INVALID_MESSAGE', details: { reason: 'op_id_reused' } };
    await expect(send('op-1', 'two')).rejects.toMatchObject(refusal);
    const edit = { message_id: 'x', new_body: 'one' };
    await expect(world.operations.chat.edit({ actor, key: key('op-1') }, edit)).rejects.toMatchObject(
      refusal,
    );
    expect(await count()).toBe(1);
  });

  it('does not depend on the order of the fields', async () => {
    const first = await send('op-1', 'hello');
    const again = await world.operations.chat.send(
      { actor, key: key('op-1') },
      { body: 'hello', scope: 'host' },
    );
    expect(again).toEqual({ ...first, repeated: true });
  });

  it('belongs to its owner: a base connection has its own', async () => {
    await send('op-1', 'one', 'connection-1');
    await send('op-1', 'two', 'connection-2');
    expect(await count()).toBe(2);
  });

  it('belongs to a user within a tenant, of whom only those of our own go by their id alone (0019)', async () => {
    const messages = new Map<string, string>();
    for (const tenantId of ['default', 'other']) {
      const context = { actor: { ...actor, tenantId }, key: key('op-1') };
      const { reply, repeated } = await world.operations.chat.send(context, { scope: 'host', body: 'one' });
      expect(repeated).toBe(false);
      messages.set(tenantId, reply.message_id);
    }
    const kept = await world.store.read((tx) => tx.operations.get(actor.userId, 'op-1'));
    expect(kept?.reply).toContain(messages.get('default'));
  });

  it('is not used up by an operation that was refused', async () => {
    const nowhere = { scope: 'network:none', body: 'x' };
    const context = { actor, key: key('op-1') };
    await expect(world.operations.chat.send(context, nowhere)).rejects.toMatchObject({
      code: 'ERR_NOT_FOUND',
    });
    expect((await send('op-1')).repeated).toBe(false);
  });

  it('B4.1 answers the repeat of a deletion although the message is gone', async () => {
    const { reply } = await send('op-1');
    const context = { actor, key: key('op-2') };
    const data = { message_id: reply.message_id, mode: 'hard' as const };
    const first = await world.operations.chat.delete(context, data);
    world.clock.advance(60_000);
    expect(await world.operations.chat.delete(context, data)).toEqual({ reply: first.reply, repeated: true });
  });

  it('B4.1 is kept at least 24 h, whatever the settings say, and forgotten later', async () => {
    const retention = { operationsMs: 1, eventsMs: 30 * DAY };
    await send('op-1');
    world.clock.advance(DAY);
    expect(await maintain(world.deps, retention)).toMatchObject({ operations: 0 });
    expect((await send('op-1')).repeated).toBe(true);
    world.clock.advance(1);
    expect(await maintain(world.deps, retention)).toMatchObject({ operations: 1 });
    expect((await send('op-1')).repeated).toBe(false);
  });
});

describe('the limit of a room', () => {
  /** Lets `places` messages in, and takes places back. */
  const createLimit = (places: number) => {
    const limit = { left: places, asked: [] as string[] };
    const admit = (room: string) => {
      limit.asked.push(room);
      if (limit.left === 0) throw new OperationError('ERR_RATE_LIMIT', 'full', { retry_after_ms: 5 });
      limit.left--;
      return () => void limit.left++;
    };
    return { limit, admit };
  };

  it('A6.2 is asked for what enters the room, once per effect, and not for repeats', async () => {
    const { limit, admit } = createLimit(1);
    const once = { actor, key: key('op-1'), admit };
    await world.operations.chat.send(once, { scope: 'host', body: 'x' });
    await world.operations.chat.send(once, { scope: 'host', body: 'x' });
    expect(limit).toEqual({ left: 0, asked: ['host'] });
    const more = { actor, key: key('op-2'), admit };
    await expect(world.operations.chat.send(more, { scope: 'host', body: 'y' })).rejects.toMatchObject({
      code: 'ERR_RATE_LIMIT',
    });
    expect(await count()).toBe(1);
  });

  it('gets the place back when nothing entered after all', async () => {
    const { limit, admit } = createLimit(1);
    const failing = {
      ...world.deps,
      store: {
        ...world.store,
        write: <T>(work: (tx: never) => Promise<T>) =>
          world.store.write(async (tx) => {
            await work(tx as never);
            throw new Error('commit failed');
          }),
      },
    };
    const { createOperations } = await import('./create-operations.js');
    const operations = createOperations(failing as never);
    await expect(operations.chat.send({ actor, admit }, { scope: 'host', body: 'x' })).rejects.toThrow(
      'commit failed',
    );
    expect(limit).toEqual({ left: 1, asked: ['host'] });
  });

  it('keeps the place when nobody knows whether something entered', async () => {
    const { limit, admit } = createLimit(1);
    const store = {
      ...world.store,
      write: async (work: Parameters<typeof world.store.write>[0]) => {
        await world.store.write(work);
        throw new StoreError('unknown_outcome', 'cut');
      },
    };
    const { createOperations } = await import('./create-operations.js');
    const operations = createOperations({ ...world.deps, store } as never);
    await expect(operations.chat.send({ actor, admit }, { scope: 'host', body: 'x' })).rejects.toThrow('cut');
    expect(limit).toEqual({ left: 0, asked: ['host'] });
  });

  it('is not asked by those who may not anyway', async () => {
    const { limit, admit } = createLimit(1);
    const context = { actor, admit };
    await expect(world.operations.chat.send(context, { scope: 'network:none', body: 'x' })).rejects.toThrow();
    expect(limit.asked).toEqual([]);
  });
});
