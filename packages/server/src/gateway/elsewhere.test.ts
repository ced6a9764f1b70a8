import { expect, it } from 'vitest';
import { readBusMessage } from '../adapters/redis/bus-message.js';
import type { RosterUser } from '../ports/bus.js';
import { BOUNDS } from './bounds.js';
import { Elsewhere } from './elsewhere.js';

const NOW = Date.UTC(2026, 0, 1);
const ADA = { userId: 'ada', tenantId: 'acme' };

function hearing(): Elsewhere {
  return new Elsewhere({ now: () => NOW });
}

function here(userId: string, ...stamps: readonly number[]): RosterUser {
  const connections = stamps.map((stamp) => ({ id: `${userId} ${stamp}`, stamp }));
  return { userId, tenantId: 'acme', presence: 'here', since: 1, rooms: [], connections };
}

function gone(userId: string): RosterUser {
  return { ...here(userId), presence: 'gone' };
}

it('knows no connection by a stamp that no clock gave, so that own news after it can be read', () => {
  const elsewhere = hearing();
  const right = NOW + BOUNDS.stampAheadMs;
  elsewhere.take('other', here('ada', 1, right, right + 1, 8.64e15), 1);
  expect(elsewhere.connections(ADA).map(({ stamp }) => stamp)).toEqual([1, right]);
  expect(elsewhere.since(ADA)).toBe(1);
  const next = here('grace', elsewhere.latestStamp + 1);
  const news = { kind: 'roster_news', node: 'own', number: 1, users: [next] };
  expect(readBusMessage(news)).toEqual(news);
});

it('keeps a bounded memory of those who left a node that it is not in step with', () => {
  const elsewhere = hearing();
  const names = Array.from({ length: BOUNDS.presenceMemory + 1 }, (_, index) => `${index}`);
  let number = 1;
  for (const name of names) elsewhere.take('other', gone(name), ++number);
  // Late, and older than what was heard.
  for (const name of names) elsewhere.take('other', here(name), 1);
  const known = () => [...elsewhere.online('acme')].map(({ userId }) => userId);
  expect(known()).toEqual(['0']);
  elsewhere.forgetOlder('other', number);
  expect(known()).toEqual([]);
});

it('forgets first of those who left whoever left first, also where they had left before', () => {
  const elsewhere = hearing();
  elsewhere.take('other', gone('ada'), 1);
  for (let index = 1; index < BOUNDS.presenceMemory; index++) elsewhere.take('other', gone(`${index}`), 2);
  elsewhere.take('other', gone('ada'), 4);
  elsewhere.take('other', gone('one more'), 5);
  expect(elsewhere.take('other', here('ada'), 3)).toBeUndefined();
});

it('hears a node that it had forgotten anew, whoever had left it', () => {
  const elsewhere = hearing();
  elsewhere.take('other', gone('ada'), 5);
  expect(elsewhere.forgetSome('other', 1)).toEqual([]);
  elsewhere.take('other', here('ada'), 1);
  expect(elsewhere.since(ADA)).toBe(1);
});
