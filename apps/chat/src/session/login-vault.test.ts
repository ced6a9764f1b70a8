// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest';
import { ApiError } from '../api/api-error.js';
import { createLoginVault, type LoginVault } from './login-vault.js';

const ada = { id: 'ada', email: 'ada@x.example', name: 'Ada', isAdmin: false, isModerator: false };

/** A storage of its own, as another tab has. */
function storage(copyOf?: Storage): Storage {
  const kept = new Map<string, string>();
  for (let index = 0; index < (copyOf?.length ?? 0); index++) {
    const key = copyOf?.key(index) ?? '';
    kept.set(key, copyOf?.getItem(key) ?? '');
  }
  return {
    get length() {
      return kept.size;
    },
    key: (index) => [...kept.keys()][index] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
    clear: () => kept.clear(),
  };
}

/** Locks as a browser gives them out, one name: first come, first served, over all tabs. */
function lockManager(): LockManager {
  let last: Promise<unknown> = Promise.resolve();
  const request = (_name: string, _options: unknown, work: () => Promise<unknown>) => {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  };
  return { request } as unknown as LockManager;
}

/** A server that ends everything when a token is spent twice, but repeats its answer for the same key (A5.3). */
function server() {
  let made = 0;
  let good = 'r0';
  let last: { readonly token: string; readonly key: string } | undefined;
  let lost = false;
  const state = { revoked: false, loseNext: () => (lost = true) };
  const exchange = async (token: string, key: string) => {
    await Promise.resolve();
    if (token !== good && !(last?.token === token && last.key === key)) state.revoked = true;
    if (state.revoked) throw new ApiError(401, 'ERR_UNAUTHORIZED', 'revoked');
    if (token === good) {
      last = { token, key };
      made += 1;
      good = `r${made}`;
    }
    if (lost) {
      lost = false;
      throw new ApiError(0, 'not_connected', 'the answer was lost');
    }
    return { accessToken: `a${made}`, refreshToken: good, expiresIn: 60 };
  };
  return { exchange, state };
}

let tab: Storage;
let device: Storage;
let locks: LockManager;
let vault: LoginVault;
beforeEach(() => {
  tab = storage();
  device = storage();
  locks = lockManager();
  vault = createLoginVault({ tab, device, locks });
});
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: ApiError) => error.code,
  );

it('keeps a login over a reload, in the tab or on the device, as asked', async () => {
  const { exchange } = server();
  await vault.begin(ada, 'r0', 'tab').renew(exchange);
  expect([vault.found()?.user, device.getItem('goconnect.login')]).toEqual([ada, null]);
  expect(createLoginVault({ tab: storage(), device, locks }).found()).toBeUndefined();
  vault.begin(ada, 'r1', 'device');
  expect(createLoginVault({ tab: storage(), device, locks }).found()?.user).toEqual(ada);
});

it('tabs that share a login never spend its token twice, however they meet', async () => {
  const { exchange, state } = server();
  const first = vault.begin(ada, 'r0', 'device');
  const second = createLoginVault({ tab: storage(), device, locks }).found();
  const asked = await Promise.all([
    first.renew(exchange),
    second?.renew(exchange),
    first.renew(exchange),
    second?.renew(exchange),
  ]);
  expect([asked.map((pair) => pair?.refreshToken), state.revoked]).toEqual([['r1', 'r2', 'r3', 'r4'], false]);
});

it('a reload in the middle of an exchange repeats it with the same key', async () => {
  const { exchange, state } = server();
  state.loseNext();
  expect(await codeOf(vault.begin(ada, 'r0', 'tab').renew(exchange))).toBe('not_connected');
  const again = createLoginVault({ tab, device, locks }).found();
  expect([(await again?.renew(exchange))?.refreshToken, state.revoked]).toEqual(['r1', false]);
});

it('a duplicated tab does not spend a token that its original has spent', async () => {
  const { exchange, state } = server();
  const original = vault.begin(ada, 'r0', 'tab');
  const copy = createLoginVault({ tab: storage(tab), device, locks }).found();
  await original.renew(exchange);
  expect(await codeOf(copy?.renew(exchange) ?? Promise.reject())).toBe('ERR_UNAUTHORIZED');
  expect([(await original.renew(exchange)).refreshToken, state.revoked]).toEqual(['r2', false]);
});

it('what was forgotten is gone in every tab, and an exchange under way does not bring it back', async () => {
  const { exchange } = server();
  const first = vault.begin(ada, 'r0', 'device');
  const second = createLoginVault({ tab: storage(), device, locks }).found();
  const renewing = first.renew(async (token, key) => {
    expect(second?.forget()).toBe('r0');
    return await exchange(token, key);
  });
  await renewing;
  expect([vault.found(), await codeOf(first.renew(exchange))]).toEqual([undefined, 'ERR_UNAUTHORIZED']);
});

it.each(['', '{}', 'null', '{"id":"x"}', '{"id":1,"user":{},"refreshToken":"r","turn":0}'])(
  'what cannot be read (%s) counts as no login and is removed',
  (stored) => {
    tab.setItem('goconnect.login', stored);
    expect([vault.found(), tab.getItem('goconnect.login')]).toEqual([undefined, null]);
  },
);
