import { describe, expect, it } from 'vitest';
import type { Transaction } from '../../ports/store.js';
import { GroupCommit } from './group-commit.js';
import { PendingWork } from './pending-work.js';
import { CommitInDoubt } from './write-transaction.js';

class Conflict extends Error {}
class Locked extends Error {}

interface World {
  readonly group: GroupCommit;
  /** Works of each transaction that was committed. */
  readonly commits: string[][];
  /** Hands a work in; `run` is what it does. */
  readonly add: (name: string, run?: () => void) => Promise<string>;
  /** What the next transactions do instead of working. */
  readonly faults: (() => void)[];
  /** What the next transactions do instead of beginning. */
  readonly before: (() => void)[];
  /** What is found out about commits in doubt, one after the other. */
  readonly found: ('committed' | 'lost' | 'unknown')[];
  /** Works that must be first in their transaction. */
  readonly first: Set<string>;
}

/** The queue over a transaction that only notes what was in it. Each look at the clock takes `tickMs`. */
function createQueue(tickMs = 0): World {
  const commits: string[][] = [];
  const faults: (() => void)[] = [];
  const before: (() => void)[] = [];
  const found: ('committed' | 'lost' | 'unknown')[] = [];
  const first = new Set<string>();
  const tx = {} as Transaction;
  let time = 0;
  let running: string[] = [];
  const group = new GroupCommit(
    {
      async transaction(fill) {
        running = [];
        before.shift()?.();
        await fill(async (write) => {
          const count = running.length;
          try {
            await write.run(tx);
          } catch (error) {
            if (error instanceof Conflict) throw error;
            write.fail(error);
          }
          const [name = ''] = running.slice(count);
          if (count > 0 && first.has(name)) {
            running = running.slice(0, count);
            return 'again';
          }
          return 'done';
        });
        faults.shift()?.();
        commits.push(running);
        return { entries: [], wrote: true };
      },
      isConflict: (error) => error instanceof Conflict,
      committed: () => {},
      findOut: async () => ({ outcome: found.shift() ?? 'unknown', fault: 'other' }),
      failed: () => undefined,
    },
    { monotonic: () => (time += tickMs) },
    { outlasts: async (error) => error instanceof Locked, renew: () => {} },
  );
  const add = (name: string, run = () => {}) =>
    new Promise<string>((resolve, reject) =>
      group.add(
        new PendingWork(
          async () => {
            running.push(name);
            run();
            return name;
          },
          resolve,
          reject,
        ),
      ),
    );
  return { group, commits, add, faults, before, found, first };
}

describe('group commit', () => {
  it('puts works of one turn into one transaction, and later ones into the next', async () => {
    const { add, commits } = createQueue();
    await Promise.all([add('a'), add('b')]);
    await add('c');
    expect(commits).toEqual([['a', 'b'], ['c']]);
  });

  it('bounds a transaction in works and in time, so that others get the loop', async () => {
    const many = createQueue();
    await Promise.all(Array.from({ length: 600 }, (_, n) => many.add(`${n}`)));
    expect(many.commits.map((works) => works.length)).toEqual([256, 256, 88]);

    const slow = createQueue(10);
    await Promise.all(['a', 'b', 'c'].map((name) => slow.add(name)));
    expect(slow.commits).toEqual([['a', 'b'], ['c']]);
  });

  it('bounds what waits: beyond it a work is refused at once, later ones are taken', async () => {
    const { add, group } = createQueue();
    const taken = Array.from({ length: 10_000 }, (_, n) => add(`${n}`));
    await expect(add('too many')).rejects.toMatchObject({ name: 'StoreError', reason: 'busy' });
    await Promise.all(taken);
    await group.idle();
    expect(await add('later')).toBe('later');
  });

  it('runs the works of a transaction that met another node again, one by one, in order', async () => {
    const { add, commits, faults } = createQueue();
    faults.push(() => {
      throw new Conflict();
    });
    await Promise.all(['a', 'b', 'c'].map((name) => add(name)));
    expect(commits).toEqual([['a'], ['b'], ['c']]);
  });

  it('gives up on a work that meets other nodes again and again', async () => {
    const { add, commits } = createQueue();
    let tries = 0;
    const unlucky = add('unlucky', () => {
      tries++;
      throw new Conflict();
    });
    const results = await Promise.allSettled([unlucky, add('b')]);
    expect(results).toMatchObject([
      { status: 'rejected', reason: { name: 'StoreError', reason: 'failed' } },
      { status: 'fulfilled' },
    ]);
    expect(tries).toBe(6);
    expect(commits).toEqual([['b']]);
  });

  it.each([
    ['committed', { status: 'fulfilled' }],
    ['lost', { status: 'rejected', reason: { reason: 'failed' } }],
    ['unknown', { status: 'rejected', reason: { reason: 'unknown_outcome' } }],
  ] as const)('tells all works of a commit in doubt the same: %s', async (outcome, told) => {
    const { add, commits, faults, found } = createQueue();
    found.push(outcome);
    const doubt = () => {
      throw new CommitInDoubt(1, { entries: [], wrote: true }, new Error('cut'));
    };
    faults.push(doubt);
    expect(await Promise.allSettled([add('a'), add('b')])).toMatchObject([told, told]);
    expect(await add('c')).toBe('c');
    expect(commits).toEqual([['c']]);
  });

  it('tells so of each alone when it runs them one by one', async () => {
    const { add, faults, found } = createQueue();
    found.push('unknown');
    faults.push(
      () => {
        throw new Conflict();
      },
      () => {
        throw new CommitInDoubt(1, { entries: [], wrote: true }, new Error('cut'));
      },
    );
    expect(await Promise.allSettled([add('a'), add('b')])).toMatchObject([
      { status: 'rejected', reason: { reason: 'unknown_outcome' } },
      { status: 'fulfilled' },
    ]);
  });

  it('waits for a lock that goes, with everything that came meanwhile, in order', async () => {
    const { add, commits, before } = createQueue();
    const locked = () => {
      throw new Locked();
    };
    before.push(locked, locked);
    await Promise.all(['a', 'b'].map((name) => add(name)));
    expect(commits).toEqual([['a', 'b']]);
    before.push(() => {
      throw new Error('gone');
    });
    expect(await Promise.allSettled([add('c'), add('d')])).toMatchObject([
      { status: 'rejected', reason: { reason: 'failed' } },
      { status: 'rejected', reason: { reason: 'failed' } },
    ]);
    expect(await add('e')).toBe('e');
  });

  it('starts a new transaction with the work that would have to wait, and keeps the order', async () => {
    const { add, commits, first } = createQueue();
    first.add('b');
    const order: string[] = [];
    await Promise.all(['a', 'b', 'c'].map((name) => add(name).then((done) => order.push(done))));
    expect(commits).toEqual([['a'], ['b', 'c']]);
    expect(order).toEqual(['a', 'b', 'c']);
  });
});
