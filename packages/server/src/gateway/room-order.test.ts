import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type RoomOrder, type RoomOrderEvent, stepRoomOrder } from './room-order.js';

interface Entry {
  readonly epoch: string;
  readonly seq: number;
}

const at = (seq: number, epoch = 'e'): Entry => ({ epoch, seq });
const start: RoomOrder = { epoch: 'e', seq: 5, status: { type: 'flowing' } };
const step = (order: RoomOrder, event: RoomOrderEvent<Entry>, tries = 3) =>
  stepRoomOrder(order, event, tries);

it('passes on the next entry and drops what was passed on before', () => {
  const next = step(start, { type: 'heard', entry: at(6) });
  expect(next.effects).toEqual([{ type: 'pass_on', entry: at(6) }]);
  expect(step(next.order, { type: 'heard', entry: at(6) }).effects).toEqual([]);
  expect(step(next.order, { type: 'heard', entry: at(2) }).effects).toEqual([]);
});

it('reads what is missing before it passes on what came too early (B3.1)', () => {
  const hole = step(start, { type: 'heard', entry: at(8) });
  expect(hole.effects).toEqual([{ type: 'read', after: 5, later: false }]);
  const later = step(hole.order, { type: 'heard', entry: at(9) });
  expect(later.effects).toEqual([]);
  const read = step(later.order, { type: 'read', entries: [at(6), at(7), at(8), at(9)], oldest: 1 });
  expect(read.effects.map((effect) => (effect.type === 'pass_on' ? effect.entry.seq : effect.type))).toEqual([
    6, 7, 8, 9,
  ]);
  expect(read.order).toEqual({ epoch: 'e', seq: 9, status: { type: 'flowing' } });
});

it('reads on when the log did not give all', () => {
  const hole = step(start, { type: 'heard', entry: at(9) });
  const part = step(hole.order, { type: 'read', entries: [at(6), at(7)], oldest: 1 });
  expect(part.effects.at(-1)).toEqual({ type: 'read', after: 7, later: false });
  const nothing = step(part.order, { type: 'read', entries: [], oldest: 1 });
  expect(nothing.effects).toEqual([{ type: 'read', after: 7, later: true }]);
});

it('says that entries are lost when the log no longer has them', () => {
  const hole = step(start, { type: 'heard', entry: at(9) });
  const read = step(hole.order, { type: 'read', entries: [at(8), at(9)], oldest: 8 });
  expect(read.effects.map((effect) => effect.type)).toEqual(['lost', 'pass_on', 'pass_on']);
});

it('gives up after so many tries, and goes on behind the hole', () => {
  let { order } = step(start, { type: 'heard', entry: at(9) }, 2);
  const told: string[] = [];
  for (let tries = 0; tries < 3; tries++) {
    const next = step(order, { type: 'read_failed' }, 2);
    order = next.order;
    told.push(...next.effects.map((effect) => effect.type));
  }
  expect(told).toEqual(['read', 'read', 'lost']);
  expect(order).toEqual({ epoch: 'e', seq: 9, status: { type: 'flowing' } });
});

it('starts over when the log itself was lost', () => {
  const other = step(start, { type: 'heard', entry: at(1, 'f') });
  expect(other.effects.map((effect) => effect.type)).toEqual(['lost', 'pass_on']);
  expect(other.order).toEqual({ epoch: 'f', seq: 1, status: { type: 'flowing' } });
});

it('reads what the log has and nobody told of', () => {
  const behind = step(start, { type: 'stands', place: at(7) });
  expect(behind.effects).toEqual([{ type: 'read', after: 5, later: false }]);
  expect(step(behind.order, { type: 'stands', place: at(8) }).effects).toEqual([]);
  expect(step(start, { type: 'stands', place: at(5) })).toEqual({ order: start, effects: [] });
  expect(step(start, { type: 'stands', place: at(3) })).toEqual({ order: start, effects: [] });
  const other = step(start, { type: 'stands', place: at(2, 'f') });
  expect(other.effects).toEqual([{ type: 'lost' }]);
  expect(other.order).toEqual({ epoch: 'f', seq: 2, status: { type: 'flowing' } });
});

it('passes every entry on exactly once and in order, whatever the bus loses, repeats or reorders', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 30 }), { maxLength: 80 }),
      fc.infiniteStream(fc.nat(3)),
      (heard, chance) => {
        let order: RoomOrder = { epoch: 'e', seq: 0, status: { type: 'flowing' } };
        const passed: number[] = [];
        let reading: number | undefined;
        const take = (event: RoomOrderEvent<Entry>) => {
          const next = step(order, event, 1_000);
          order = next.order;
          for (const effect of next.effects) {
            if (effect.type === 'pass_on') passed.push(effect.entry.seq);
            else if (effect.type === 'read') reading = effect.after;
            else throw new Error('lost');
          }
        };
        const answer = () => {
          const after = reading;
          reading = undefined;
          if (after === undefined) return;
          const count = chance.next().value ?? 0;
          const entries = Array.from({ length: count }, (_, index) => at(after + 1 + index)).filter(
            ({ seq }) => seq <= 30,
          );
          take({ type: 'read', entries, oldest: 1 });
        };
        for (const seq of heard) {
          take({ type: 'heard', entry: at(seq) });
          if ((chance.next().value ?? 0) > 1) answer();
        }
        for (let round = 0; reading !== undefined && round < 1_000; round++) answer();
        const most = Math.max(0, ...heard);
        expect(passed.slice(0, most)).toEqual(Array.from({ length: most }, (_, index) => index + 1));
        expect(passed).toEqual([...new Set(passed)].sort((a, b) => a - b));
      },
    ),
  );
});
