import { casesFor, must, mustEqual } from '../case.js';
import type { StoreTransaction, StoreUnderTest } from './store-port.js';

export interface StoreEnv {
  readonly store: StoreUnderTest;
  /** Closes the store and opens it again on the same data. */
  reopen(): Promise<StoreUnderTest>;
}

const event = (user: string) => ({ type: 'member.left', data: { network_id: 'n', user_id: user } }) as const;
const append = (store: StoreUnderTest, room: string, user: string) =>
  store.write((tx) => tx.log.append(room, event(user), 1));
const users = (entries: readonly { readonly data: unknown }[]) =>
  entries.map(({ data }) => (data as { user_id: string }).user_id);
const operation = {
  owner: 'ada',
  opId: 'op-1',
  fingerprint: 'f',
  reply: '{"message_id":"m"}',
  at: 1,
} as const;

/** What the promises need of a store. */
export const STORE_CASES = casesFor<StoreEnv>('store', [
  {
    name: 'numbers the entries of each room by exactly one, from one',
    rules: ['B3.1/by-one'],
    async run({ store }) {
      const places = [];
      for (const room of ['a', 'a', 'b', 'a']) places.push((await append(store, room, 'u')).seq);
      mustEqual(places, [1, 2, 1, 3], 'places');
    },
  },
  {
    name: 'numbers entries without a hole when many are written at once',
    rules: ['B3.1/by-one'],
    async run({ store }) {
      const entries = await Promise.all(
        Array.from({ length: 50 }, (_, index) => append(store, 'a', String(index))),
      );
      mustEqual(
        entries.map(({ seq }) => seq),
        entries.map((_, index) => index + 1),
        'places in the order of the calls',
      );
      const read = await store.read((tx) => tx.log.entries('a', 0, 100));
      mustEqual(
        users(read),
        entries.map((_, index) => String(index)),
        'entries as they are read',
      );
    },
  },
  {
    name: 'knows the position of a room in which nothing was ever said, and keeps its epoch',
    rules: ['B3.2/zero', 'B3.1/epoch'],
    async run({ store }) {
      const [first] = await store.write((tx) => tx.log.positions(['quiet']));
      mustEqual([first?.room, first?.seq], ['quiet', 0], 'position');
      const entry = await append(store, 'quiet', 'u');
      mustEqual([entry.epoch, entry.seq], [first?.epoch, 1], 'the first entry');
    },
  },
  {
    name: 'gives entries after a place, in order, as many as asked for',
    rules: ['B3.3/missed'],
    async run({ store }) {
      for (const user of ['1', '2', '3', '4']) await append(store, 'a', user);
      mustEqual(users(await store.read((tx) => tx.log.entries('a', 1, 2))), ['2', '3'], 'entries');
    },
  },
  {
    name: 'undoes a work that throws, and only that one',
    rules: ['B4.1/reconnect'],
    async run({ store }) {
      const failing = store.write(async (tx: StoreTransaction) => {
        await tx.log.append('a', event('undone'), 1);
        await tx.operations.insert(operation);
        throw new Error('planned');
      });
      const [failed, kept] = await Promise.allSettled([failing, append(store, 'a', 'kept')]);
      mustEqual([failed.status, kept.status], ['rejected', 'fulfilled'], 'outcomes');
      mustEqual(users(await store.read((tx) => tx.log.entries('a', 0, 10))), ['kept'], 'entries');
      mustEqual(
        await store.read((tx) => tx.operations.get('ada', 'op-1')),
        undefined,
        'the operation of the undone work',
      );
    },
  },
  {
    name: 'lets each work see the effects of those before it',
    rules: ['B4.1/reconnect'],
    async run({ store }) {
      const once = () =>
        store.write(async (tx: StoreTransaction) => {
          const before = await tx.operations.get('ada', 'op-1');
          if (!before) await tx.operations.insert(operation);
          return before !== undefined;
        });
      mustEqual(await Promise.all([once(), once(), once()]), [false, true, true], 'who found it done');
    },
  },
  {
    name: 'tells of entries in the order of commit, before the write resolves',
    rules: ['B3.1/one-order', 'B4.2/committed'],
    async run({ store }) {
      const told: number[] = [];
      const stop = store.onCommit((entries) => told.push(...entries.map(({ seq }) => seq)));
      const places = await Promise.all([
        append(store, 'a', '1').then(({ seq }) => told.includes(seq)),
        append(store, 'a', '2').then(({ seq }) => told.includes(seq)),
      ]);
      mustEqual(places, [true, true], 'told before the write resolved');
      mustEqual(told, [1, 2], 'order');
      stop();
      await append(store, 'a', '3');
      mustEqual(told, [1, 2], 'after it stopped listening');
    },
  },
  {
    name: 'keeps log, epoch and operations when it is opened again',
    rules: ['B3.1/survives', 'B4.1/restart'],
    async run({ store, reopen }) {
      const entry = await append(store, 'a', 'u');
      await store.write((tx) => tx.operations.insert(operation));
      const again = await reopen();
      mustEqual(
        await again.read((tx) => tx.log.positions(['a'])),
        [{ room: 'a', epoch: entry.epoch, seq: 1 }],
        'position',
      );
      mustEqual(users(await again.read((tx) => tx.log.entries('a', 0, 10))), ['u'], 'entries');
      mustEqual(
        (await again.read((tx) => tx.operations.get('ada', 'op-1')))?.reply,
        operation.reply,
        'the reply',
      );
    },
  },
  {
    name: 'refuses work once it is closed, and does not hang',
    rules: ['promise 4/close'],
    async run({ store }) {
      await store.close();
      const outcome = await append(store, 'a', 'u').then(
        () => 'written',
        () => 'refused',
      );
      must(outcome === 'refused', 'a closed store took work');
    },
  },
]);
