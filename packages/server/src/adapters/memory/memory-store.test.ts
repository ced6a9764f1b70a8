import { describe, expect, it } from 'vitest';
import type { LogEntry } from '../../domain/entities.js';
import { describeStore, event } from '../sql/testing/store-contract.js';
import { MemoryMedium } from './memory-medium.js';
import { MemoryStore } from './memory-store.js';

describe('the store in memory', () => {
  describeStore(async () => new MemoryStore(new MemoryMedium()));
});

describe('a process that dies', () => {
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const append = (store: MemoryStore, word: string) =>
    store.write((tx) => tx.log.append('host', event(word), 1));
  const words = (store: MemoryStore) =>
    store.read(async (tx) => (await tx.log.entries('host', 0, 10)).map(({ seq }) => seq));

  function stage() {
    const recorded: LogEntry[] = [];
    const medium = new MemoryMedium((entries) => recorded.push(...entries));
    const told: string[] = [];
    let synced: (() => void) | undefined;
    const dying = new MemoryStore(medium, {
      sync: () =>
        new Promise((resolve) => {
          synced = resolve;
        }),
    });
    const tell = (word: string) => (promise: Promise<unknown>) =>
      promise.then(
        () => told.push(word),
        () => told.push(`${word} failed`),
      );
    return { recorded, medium, told, dying, tell, sync: () => synced?.() };
  }

  it.each([
    ['lost', []],
    ['written', [1]],
  ] as const)('while it waits for the disk answers nobody; the transaction is %s', async (disk, left) => {
    const { medium, recorded, told, dying, tell, sync } = stage();
    void tell('written')(append(dying, 'a'));
    await turn();
    void tell('read')(words(dying));
    await turn();
    dying.abandon(disk);
    sync();
    await turn();
    expect(told).toEqual([]);
    expect(recorded.map(({ seq }) => seq)).toEqual(left);
    const next = new MemoryStore(medium);
    expect(await words(next)).toEqual(left);
    expect((await append(next, 'b')).seq).toBe(left.length + 1);
  });

  it('in the middle of a work leaves nothing of it, whatever the disk does', async () => {
    const { medium, told, dying, tell } = stage();
    void tell('write')(
      dying.write(async (tx) => {
        await tx.log.append('host', event('a'), 1);
        dying.abandon('written');
        await tx.log.append('host', event('b'), 1);
      }),
    );
    await turn();
    await turn();
    expect(told).toEqual([]);
    const next = new MemoryStore(medium);
    expect(await words(next)).toEqual([]);
  });

  it('lets nobody see what it had not committed, and nobody wait for it once it is dead', async () => {
    const { medium, dying, tell } = stage();
    const other = new MemoryStore(medium);
    void tell('written')(append(dying, 'a'));
    await turn();
    const [read, written] = [words(other), append(other, 'b')];
    let seen: readonly number[] | undefined;
    void read.then((seqs) => {
      seen = seqs;
    });
    await turn();
    expect(seen).toBeUndefined();
    dying.abandon('lost');
    expect(await read).toEqual([]);
    expect((await written).seq).toBe(1);
    expect(await words(other)).toEqual([1]);
  });

  it('undoes what a disk that failed did not take, and says so', async () => {
    const medium = new MemoryMedium();
    const faults = [new Error('disk full')];
    const store = new MemoryStore(medium, {
      sync: async () => {
        const fault = faults.pop();
        if (fault) throw fault;
      },
    });
    await expect(append(store, 'a')).rejects.toMatchObject({ reason: 'failed' });
    expect((await append(store, 'b')).seq).toBe(1);
  });
});
