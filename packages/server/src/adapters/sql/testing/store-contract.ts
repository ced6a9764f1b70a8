import type { Clock } from '@goconnect/protocol';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EventBody, LogEntry } from '../../../domain/entities.js';
import { OperationError } from '../../../domain/operation-error.js';
import { startMaintenance } from '../../../lifecycle/maintenance.js';
import type { Logger } from '../../../ports/logger.js';
import type { Store } from '../../../ports/store.js';
import { systemClock } from '../../system-clock.js';
import { networkOf } from './network-of.js';
import { describeTables } from './table-contract.js';

/** Monotonic time stands still, so that no transaction is ended early because a machine is slow. */
export const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => 0,
  setTimeout: systemClock.setTimeout,
  clearTimeout: systemClock.clearTimeout,
};
export const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

export const event = (word: string): EventBody => ({
  type: 'member.left',
  data: { network_id: 'n', user_id: word },
});
const words = (entries: readonly LogEntry[]) =>
  entries.map((entry) => (entry.type === 'member.left' ? entry.data.user_id : entry.type));

/** What every `Store` must do, whatever database is under it. `open` gives an empty one. */
export function describeStore(open: () => Promise<Store>): void {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => store.close());

  const say = (word: string, room = 'host') => store.write((tx) => tx.log.append(room, event(word), 1));
  const read = (room = 'host') => store.read((tx) => tx.log.entries(room, 0, 100));

  describe('units of work', () => {
    it('are seen by others once write resolved, and not before', async () => {
      const seen: number[] = [];
      const writing = store.write(async (tx) => {
        await tx.log.append('host', event('a'), 1);
        await tx.log.append('host', event('b'), 1);
      });
      const reading = read().then((entries) => seen.push(entries.length));
      await writing;
      seen.push((await read()).length);
      await reading;
      for (const count of seen) expect([0, 2]).toContain(count);
      expect(await read()).toHaveLength(2);
    });

    it('run one after the other in the order handed in, each seeing those before it', async () => {
      const counts = await Promise.all(
        Array.from({ length: 30 }, (_, n) =>
          store.write(async (tx) => {
            const before = await tx.log.entries('host', 0, 100);
            await tx.log.append('host', event(String(n)), n);
            return before.length;
          }),
        ),
      );
      expect(counts).toEqual(Array.from({ length: 30 }, (_, n) => n));
      expect(words(await read())).toEqual(Array.from({ length: 30 }, (_, n) => String(n)));
    });

    it('of one turn share one commit', async () => {
      const commits: number[] = [];
      store.onCommit((entries) => commits.push(entries.length));
      await Promise.all(['a', 'b', 'c'].map((word) => say(word)));
      expect(commits).toEqual([3]);
    });

    it.each([
      ['a refusal', new OperationError('ERR_FORBIDDEN', 'no')],
      ['a fault', new TypeError('x is undefined')],
    ])('that end in %s are rolled back alone, and leave no hole in the log', async (_, error) => {
      const heard: LogEntry[] = [];
      store.onCommit((entries) => heard.push(...entries));
      const results = await Promise.allSettled([
        say('before'),
        store.write(async (tx) => {
          await tx.log.append('host', event('lost'), 1);
          throw error;
        }),
        say('after'),
      ]);
      expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
      expect(results[1]).toMatchObject({ reason: error });
      const entries = await read();
      expect(words(entries)).toEqual(['before', 'after']);
      expect(entries.map((entry) => entry.seq)).toEqual([1, 2]);
      expect(heard).toEqual(entries);
    });

    it('that the database refuses are rolled back alone', async () => {
      const network = networkOf('one', 't1');
      const results = await Promise.allSettled([
        say('before'),
        store.write((tx) => tx.networks.insert(network)),
        store.write((tx) => tx.networks.insert(network)),
        say('after'),
      ]);
      expect(results.map((result) => result.status)).toEqual([
        'fulfilled',
        'fulfilled',
        'rejected',
        'fulfilled',
      ]);
      expect(words(await read())).toEqual(['before', 'after']);
    });

    it('are told to listeners in order, durable, before write resolves', async () => {
      const order: string[] = [];
      store.onCommit((entries) => order.push(`heard ${words(entries).join(' ')}`));
      await Promise.all([say('a').then(() => order.push('a')), say('b').then(() => order.push('b'))]);
      await say('c').then(() => order.push('c'));
      expect(order).toEqual(['heard a b', 'a', 'b', 'heard c', 'c']);
    });

    it('do not suffer from a listener that throws, nor do other listeners', async () => {
      const heard: number[] = [];
      store.onCommit(() => {
        throw new Error('listener');
      });
      const off = store.onCommit((entries) => heard.push(entries.length));
      await say('a');
      off();
      await say('b');
      expect(heard).toEqual([1]);
    });

    it('may not change anything in read', async () => {
      await expect(store.read((tx) => tx.log.append('host', event('a'), 1))).rejects.toThrow(
        'must not change',
      );
      expect(await read()).toEqual([]);
    });

    it('may not be kept: a tx answers no more once its work is over', async () => {
      const [kept] = await Promise.all([store.write(async (tx) => tx), say('a')]);
      await expect(kept.log.append('host', event('late'), 1)).rejects.toThrow('is over');
      expect(words(await read())).toEqual(['a']);
    });
  });

  describe('bounds and end', () => {
    it('finishes what it took when it closes, then refuses everything and never hangs', async () => {
      const taken = [say('a'), say('b')];
      const closing = store.close();
      await expect(say('late')).rejects.toMatchObject({ reason: 'closed' });
      await expect(read()).rejects.toMatchObject({ reason: 'closed' });
      await expect(store.check()).rejects.toMatchObject({ reason: 'closed' });
      expect((await Promise.all(taken)).map((entry) => entry.seq)).toEqual([1, 2]);
      await closing;
      await store.close();
    });

    it('says that it is well', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    it('is rid of what is out of date by the clock of a machine, which has fractions of a millisecond', async () => {
      await say('a');
      const told = vi.fn();
      const logger = { ...silent, debug: told, warn: told };
      const stop = startMaintenance({ store, clock: systemClock, logger, eventRetentionMs: 1_000 });
      await vi.waitFor(() => expect(told).toHaveBeenCalled());
      await stop();
      const removed = { operations: 0, events: 1, refreshTokens: 0, invites: 0 };
      expect(told.mock.calls).toEqual([[removed, 'removed what is out of date']]);
    });
  });

  describe('the log of a room', () => {
    it('B3.1 counts from 1 without holes, each room for itself', async () => {
      await Promise.all(['a', 'b', 'c'].flatMap((word) => [say(word, 'host'), say(word, 'network:n')]));
      for (const room of ['host', 'network:n']) {
        const entries = await read(room);
        expect(entries.map((entry) => entry.seq)).toEqual([1, 2, 3]);
        expect(new Set(entries.map((entry) => entry.epoch)).size).toBe(1);
      }
    });

    it('B3.1 takes many entries at once, in their order and without holes', async () => {
      const told: string[] = [];
      store.onCommit((entries) => told.push(...words(entries)));
      await say('first');
      const many = Array.from({ length: 250 }, (_, n) => `${n}`);
      await store.write((tx) => tx.log.appendAll('host', many.map(event), 7));
      await store.write((tx) => tx.log.appendAll('network:n', [], 7));
      await say('last');
      const entries = await store.read((tx) => tx.log.entries('host', 0, 1_000));
      expect(words(entries)).toEqual(['first', ...many, 'last']);
      expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_, index) => index + 1));
      expect(entries[1]).toMatchObject({ room: 'host', epoch: entries[0]?.epoch, at: 7 });
      expect(told).toEqual(words(entries));
    });

    it('keeps an entry as it was told, trace and hostile text included', async () => {
      const body = `'; DROP TABLE users; -- "\u{1F600}" \\ \u0001 \u2028 ünï`;
      const data = {
        id: 'm',
        scope: 'host',
        user_id: 'u',
        body,
        redacted: false,
        deleted_at: null,
        attachments: ['http://x/ä'],
        created_at: 'now',
      };
      const meta = { traceparent: '00-1-2-01' };
      const told = await store.write((tx) =>
        tx.log.append('host', { type: 'chat.message', data }, 1_767_225_600_123, meta),
      );
      expect(await read()).toEqual([told]);
      expect(told).toMatchObject({ data, meta, at: 1_767_225_600_123, room: 'host', seq: 1 });
    });

    it('B3.2 has a position before anything was said, and keeps its epoch', async () => {
      expect(await store.read((tx) => tx.log.positions(['host']))).toEqual([]);
      const [opened] = await store.write((tx) => tx.log.open(['host']));
      expect(opened).toMatchObject({ room: 'host', seq: 0, epoch: expect.stringMatching(/^[\w-]{12}$/) });
      const entry = await say('a');
      expect(entry.epoch).toBe(opened?.epoch);
      expect(await store.write((tx) => tx.log.open(['host', 'tenant:t']))).toEqual(
        expect.arrayContaining([
          { room: 'host', epoch: entry.epoch, seq: 1 },
          { room: 'tenant:t', epoch: expect.any(String), seq: 0 },
        ]),
      );
    });

    it('gives positions of more rooms than a statement takes parameters', async () => {
      const rooms = Array.from({ length: 1_203 }, (_, n) => `network:${n}`);
      expect(await store.write((tx) => tx.log.open(rooms))).toHaveLength(1_203);
      const found = await store.read((tx) => tx.log.positions(rooms));
      expect(new Set(found.map(({ room }) => room)).size).toBe(1_203);
      expect(new Set(found.map(({ epoch }) => epoch)).size).toBe(1_203);
    });

    it('is read page by page', async () => {
      for (const word of ['a', 'b', 'c', 'd']) await say(word);
      expect(words(await store.read((tx) => tx.log.entries('host', 1, 2)))).toEqual(['b', 'c']);
      expect(words(await store.read((tx) => tx.log.entries('host', 4, 2)))).toEqual([]);
    });

    it('puts other words into an entry without moving it', async () => {
      for (const word of ['a', 'secret', 'c']) await say(word);
      await store.write((tx) => tx.log.rewrite('host', 2, event('gone')));
      expect(words(await read())).toEqual(['a', 'gone', 'c']);
    });

    it('is trimmed in steps, oldest first', async () => {
      for (let n = 1; n <= 5; n++) await store.write((tx) => tx.log.append('host', event(`${n}`), n * 100));
      expect(await store.write((tx) => tx.log.trim(400, 2))).toBe(2);
      expect(await store.read((tx) => tx.log.oldest('host'))).toBe(3);
      expect(await store.write((tx) => tx.log.trim(400, 2))).toBe(1);
      expect(await store.write((tx) => tx.log.trim(400, 2))).toBe(0);
      expect(words(await read())).toEqual(['4', '5']);
      expect(await say('6')).toMatchObject({ seq: 6 });
    });

    it('B3.1 has no hole after a trim, even when the clock had jumped', async () => {
      for (const at of [100, 9_000, 200, 10_000])
        await store.write((tx) => tx.log.append('host', event(`${at}`), at));
      expect(await store.write((tx) => tx.log.trim(1_000, 10))).toBe(3);
      expect((await read()).map((entry) => entry.seq)).toEqual([4]);
    });

    it('has no oldest entry when all are gone', async () => {
      await say('a');
      await store.write((tx) => tx.log.trim(10, 10));
      expect(await store.read((tx) => tx.log.oldest('host'))).toBeUndefined();
      expect(await store.read((tx) => tx.log.oldest('never'))).toBeUndefined();
    });
  });

  describeTables(() => store);
}
