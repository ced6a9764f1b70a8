import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { keepTokens } from './keep-tokens.js';
import type { ConformanceUser } from './server-target.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

const after = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1_000);
/** A token without expires_in: its claims say when it ends. */
const claiming = (id: string, seconds: number): ConformanceUser => {
  const claims = { user_id: id, exp: Date.now() / 1_000 + seconds };
  return { id, token: `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x` };
};
const nobody = () => undefined;

it('logs a user in again before the token is too short for a case, and not earlier', async () => {
  let count = 0;
  const user = { id: 'ada', token: 't0', expiresIn: 900 };
  const keeper = keepTokens([user], [], async (known) => ({ ...known, token: `t${++count}` }));
  const tokens = async () => (await keeper.renewed(120_000)).map(({ token }) => token);
  expect(await tokens()).toEqual(['t0']);
  after(780);
  expect(await tokens()).toEqual(['t0']);
  after(1);
  expect(await tokens()).toEqual(['t1']);
  after(781);
  expect(await tokens()).toEqual(['t2']);
  expect(keeper.ranOut()).toBe(false);
});

it('says when a token that nobody can renew has run out', async () => {
  const keeper = keepTokens([claiming('ada', 300), { id: 'grace', token: 'opaque' }], [], nobody);
  expect(await keeper.renewed(120_000)).toHaveLength(2);
  after(290);
  await keeper.renewed(120_000);
  expect(keeper.ranOut()).toBe(false);
  after(6);
  expect(keeper.ranOut()).toBe(true);
});

it('looks at the token of a foreigner as well', () => {
  const keeper = keepTokens([], [claiming('eve', 60)], nobody);
  expect(keeper.ranOut()).toBe(false);
  after(60);
  expect(keeper.ranOut()).toBe(true);
});

it('believes no token that was over before the start, since the server let it in', async () => {
  const keeper = keepTokens([claiming('ada', -60)], [], nobody);
  await keeper.renewed(120_000);
  expect(keeper.ranOut()).toBe(false);
});
