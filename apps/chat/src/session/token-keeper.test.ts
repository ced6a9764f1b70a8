import { expect, it } from 'vitest';
import { createTokenKeeper } from './token-keeper.js';

function keeper(
  start: Parameters<typeof createTokenKeeper>[0]['start'] = {
    accessToken: 'a0',
    refreshToken: 'r0',
    expiresIn: 60,
  },
) {
  let now = 0;
  const spent: string[] = [];
  const kept: string[] = [];
  const tokens = createTokenKeeper({
    start,
    refresh: async (refreshToken) => {
      spent.push(refreshToken);
      return { accessToken: `a${spent.length}`, refreshToken: `r${spent.length}`, expiresIn: 60 };
    },
    onRefreshToken: (refreshToken) => kept.push(refreshToken),
    now: () => now,
  });
  return { tokens, spent, kept, pass: (ms: number) => (now += ms) };
}

it('gives the token in hand while it lives, counted from its receipt', async () => {
  const { tokens, spent, pass } = keeper();
  pass(50_000);
  expect([await tokens.accessToken(), tokens.expiresIn(), spent]).toEqual(['a0', 10, []]);
});

it('exchanges one that has run out, and keeps the new refresh token', async () => {
  const { tokens, spent, kept, pass } = keeper();
  pass(56_000);
  expect(await tokens.accessToken()).toBe('a1');
  expect([spent, kept]).toEqual([['r0'], ['r0', 'r1']]);
});

it('never spends a refresh token twice, however many ask at once (A5.3)', async () => {
  const { tokens, spent } = keeper({ refreshToken: 'r0' });
  const asked = await Promise.all([
    tokens.accessToken(),
    tokens.accessToken({ fresh: true }),
    tokens.accessToken(),
  ]);
  expect([asked, spent]).toEqual([['a1', 'a1', 'a1'], ['r0']]);
});

it('goes on with what the socket brought', async () => {
  const { tokens, spent } = keeper();
  tokens.keep({ accessToken: 'socket', refreshToken: 'rs', expiresIn: 60 });
  expect([await tokens.accessToken(), tokens.refreshToken(), spent]).toEqual(['socket', 'rs', []]);
  await tokens.accessToken({ fresh: true });
  expect(spent).toEqual(['rs']);
});
