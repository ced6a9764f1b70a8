import { describe, expect, it } from 'vitest';
import type { OutboxStorage, StoredOperation } from '../operations/outbox-storage.js';

/** One place where operations are kept, and the owners who come and go. */
export interface StoragePlace {
  /** A storage of its own owner on this place. */
  owner(): Promise<{
    readonly storage: OutboxStorage;
    /** Ends the owner without a word, as a crash does. */
    crash(): Promise<void>;
  }>;
  /** Ends everybody and removes the place. */
  clear(): Promise<void>;
}

export interface Opened {
  readonly storage: OutboxStorage;
  /** Everything that was found, in order. */
  readonly found: string[];
  readonly faults: string[];
  crash(): Promise<void>;
  /** Resolves as soon as this was found. */
  has(opId: string): Promise<void>;
}

export function operation(opId: string, more: Partial<StoredOperation> = {}): StoredOperation {
  return {
    opId,
    type: 'chat.send',
    data: { scope: 'host', body: opId },
    expiresAt: 1_900_000_000_000,
    ...more,
  };
}

/** Opens a storage as a client does. */
export async function open(place: StoragePlace, seen: StoredOperation[] = []): Promise<Opened> {
  const { storage, crash } = await place.owner();
  const found: string[] = [];
  const faults: string[] = [];
  const waiting = new Map<string, () => void>();
  await storage.load({
    found(operations) {
      for (const one of operations) {
        seen.push(one);
        found.push(one.opId);
        waiting.get(one.opId)?.();
      }
    },
    fault: (error) => void faults.push(error.message),
  });
  return {
    ...{ storage, found, faults, crash },
    has: async (opId) => {
      if (!found.includes(opId)) await new Promise<void>((resolve) => waiting.set(opId, resolve));
    },
  };
}

/** What `OutboxStorage` promises; run over every implementation. */
export function storageContract(name: string, createPlace: () => Promise<StoragePlace>): void {
  const inPlace = (body: (place: StoragePlace) => Promise<void>) => async () => {
    const place = await createPlace();
    try {
      await body(place);
    } finally {
      await place.clear();
    }
  };

  describe(`${name} keeps the storage contract`, () => {
    it(
      'finds nothing where nothing was kept',
      inPlace(async (place) => {
        const { found, faults } = await open(place);
        expect([found, faults]).toEqual([[], []]);
      }),
    );

    it.each(['close', 'crash'] as const)(
      'gives the next owner, after a %s, what was kept and not removed, in order, as it was',
      (how) =>
        inPlace(async (place) => {
          const first = await open(place);
          const sent = {
            sentAt: 1_700_000_000_000,
            unkeyed: true,
            data: { scope: 'host', body: 'é\n"\u2028😀', attachments: [] },
          };
          await first.storage.append(operation('a'));
          await first.storage.append(operation('b', sent));
          await first.storage.append(operation('c'));
          await first.storage.remove('a');
          await first.storage.remove('never kept');
          await (how === 'close' ? first.storage.close?.() : first.crash());
          const seen: StoredOperation[] = [];
          const second = await open(place, seen);
          expect(seen).toEqual([operation('b', sent), operation('c')]);
          expect(second.faults).toEqual([]);
        })(),
    );

    it(
      'replaces what is appended again, in its old place',
      inPlace(async (place) => {
        const first = await open(place);
        for (const opId of ['a', 'b', 'c']) await first.storage.append(operation(opId));
        await first.storage.append(operation('b', { sentAt: 5 }));
        await first.crash();
        const seen: StoredOperation[] = [];
        await open(place, seen);
        expect(seen).toEqual([operation('a'), operation('b', { sentAt: 5 }), operation('c')]);
      }),
    );

    it(
      'settles calls in their order, also when nobody awaits them',
      inPlace(async (place) => {
        const { storage, crash } = await open(place);
        const order: string[] = [];
        await Promise.all(
          Array.from({ length: 50 }, async (_, index) => {
            const opId = `op-${String(index).padStart(2, '0')}`;
            await storage.append(operation(opId));
            order.push(opId);
            if (index % 2) await storage.remove(opId);
          }),
        );
        expect(order).toEqual([...order].sort());
        await crash();
        const next = await open(place);
        expect(next.found).toEqual(order.filter((_, index) => index % 2 === 0));
      }),
    );

    it(
      'keeps what was inherited as safely as what was appended, and forgets it when it is removed',
      inPlace(async (place) => {
        const first = await open(place);
        for (const opId of ['a', 'b']) await first.storage.append(operation(opId));
        await first.crash();
        const second = await open(place);
        await second.storage.append(operation('c'));
        await second.storage.remove('a');
        await second.crash();
        const third = await open(place);
        expect(third.found).toEqual(['b', 'c']);
        for (const opId of third.found) await third.storage.remove(opId);
        await third.storage.close?.();
        expect((await open(place)).found).toEqual([]);
      }),
    );

    it(
      'can be opened again after it was closed',
      inPlace(async (place) => {
        const { storage } = await open(place);
        await storage.append(operation('a'));
        await storage.close?.();
        const found: string[] = [];
        await storage.load({
          found: (operations) => void found.push(...operations.map(({ opId }) => opId)),
          fault: (error) => expect.fail(error.message),
        });
        await storage.append(operation('b'));
        await storage.close?.();
        expect(found).toEqual(['a']);
        expect((await open(place)).found).toEqual(['a', 'b']);
      }),
    );

    it(
      'can be closed while it is being opened, and opened again then',
      inPlace(async (place) => {
        const { storage } = await place.owner();
        const listener = { found: () => {}, fault: (error: Error) => expect.fail(error.message) };
        const opening = Promise.resolve(storage.load(listener));
        await storage.close?.();
        await opening;
        await storage.load(listener);
        await storage.append(operation('a'));
        await storage.close?.();
        expect((await open(place)).found).toEqual(['a']);
      }),
    );

    it(
      'refuses a second client while it has one',
      inPlace(async (place) => {
        const { storage } = await open(place);
        const listener = { found: () => {}, fault: (error: Error) => expect.fail(error.message) };
        await expect(storage.load(listener)).rejects.toThrow('another client');
        await storage.append(operation('a'));
        await storage.close?.();
        expect((await open(place)).found).toEqual(['a']);
      }),
    );

    it(
      'finishes on close what was begun',
      inPlace(async (place) => {
        const { storage } = await open(place);
        const begun = ['a', 'b', 'c'].map((opId) => storage.append(operation(opId)));
        await storage.close?.();
        await Promise.all(begun);
        expect((await open(place)).found).toEqual(['a', 'b', 'c']);
      }),
    );
  });
}

/** Beyond the contract: several owners at a time. */
export function sharingContract(name: string, createPlace: () => Promise<StoragePlace>): void {
  describe(`${name}, used by several at a time,`, () => {
    it('gives nobody what belongs to somebody alive', async () => {
      const place = await createPlace();
      const first = await open(place);
      await first.storage.append(operation('a'));
      const second = await open(place);
      await second.storage.append(operation('b'));
      const third = await open(place);
      expect([first.found, second.found, third.found]).toEqual([[], [], []]);
      await place.clear();
    });

    it.each(['close', 'crash'] as const)(
      'gives what a %s leaves to exactly one of the living',
      async (how) => {
        const place = await createPlace();
        const owners = [await open(place), await open(place), await open(place), await open(place)];
        const [first, ...others] = owners as [Opened, ...Opened[]];
        await Promise.all(['a', 'b', 'c'].map((opId) => first.storage.append(operation(opId))));
        const inherited = Promise.any(others.map(({ has }) => has('c')));
        await (how === 'close' ? first.storage.close?.() : first.crash());
        await inherited;
        for (const { storage } of others) await storage.close?.();
        const last = await open(place);
        expect(last.found).toEqual(['a', 'b', 'c']);
        const times = new Map<string, number>();
        for (const { found } of others) for (const opId of found) times.set(opId, (times.get(opId) ?? 0) + 1);
        // The heirs left one after another, so that each may have inherited from the one before; at first it was one only.
        expect(others.filter(({ found }) => found.length > 0).length).toBeGreaterThan(0);
        for (const { found } of others) expect(new Set(found).size).toBe(found.length);
        await place.clear();
      },
    );

    it('gives what is left behind to one of two that open at the same moment', async () => {
      const place = await createPlace();
      const first = await open(place);
      const all = Array.from({ length: 20 }, (_, index) => `op-${index}`);
      for (const opId of all) await first.storage.append(operation(opId));
      await first.crash();
      const heirs = await Promise.all([open(place), open(place), open(place)]);
      await Promise.any(heirs.map(({ has }) => has('op-19')));
      expect(heirs.flatMap(({ found }) => found).sort()).toEqual([...all].sort());
      await place.clear();
    });

    it('hears of owners that came later', async () => {
      const place = await createPlace();
      const first = await open(place);
      const second = await open(place);
      await second.storage.append(operation('late'));
      await second.crash();
      await first.has('late');
      await place.clear();
    });
  });
}
