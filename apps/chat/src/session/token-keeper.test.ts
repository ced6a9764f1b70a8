import { expect, it } from 'vitest';
import { createTokenKeeper } from './token-keeper.js';

function keeper(first: Parameters<typeof createTokenKeeper>[0]['first']) {
  let now = 0;
  let exchanges = 0;
  const tokens = createTokenKeeper({
    first,
    exchange: async () => {
      exchanges += 1;
      return { accessToken: `a${exchanges}`, refreshToken: `r${exchanges}`, expiresIn: 60 };
    },
    now: () => now,
  });
  return { tokens, exchanges: () => exchanges, pass: (ms: number) => (now += ms) };
}
const login = { accessToken: 'a0', refreshToken: 'r0', expiresIn: 60 };

it('gives the token in hand while it lives, counted from its receipt', async () => {
  const { tokens, exchanges, pass } = keeper(login);
  pass(50_000);
  expect([await tokens.accessToken(), tokens.inHand(), tokens.expiresIn(), exchanges()]).toEqual([
    'a0',
    'a0',
    10,
    0,
  ]);
});

it('exchanges one that has run out', async () => {
  const { tokens, exchanges, pass } = keeper(login);
  pass(56_000);
  expect([tokens.inHand(), await tokens.accessToken(), exchanges()]).toEqual([undefined, 'a1', 1]);
});

it('has one exchange on its way, however many ask at once (A5.3)', async () => {
  const { tokens, exchanges } = keeper(undefined);
  const asked = await Promise.all([
    tokens.accessToken(),
    tokens.accessToken({ fresh: true }),
    tokens.accessToken(),
  ]);
  expect([asked, exchanges()]).toEqual([['a1', 'a1', 'a1'], 1]);
});
