import type { Clock } from '@goconnect/protocol';

export type LoginAttempt =
  | { readonly kind: 'allowed'; readonly takeBack: () => void }
  | { readonly kind: 'refused'; readonly retryAfterMs: number };

export interface LoginThrottle {
  /** Counts an attempt until it is taken back as no failed guess, so that attempts at the same moment count too. */
  begin(email: string, address: string): LoginAttempt;
}

interface Budget {
  readonly count: number;
  readonly windowMs: number;
}

/**
 * Failed log-ins. Whoever guesses from one place is slowed down before whoever owns the account is: only guesses from
 * several places use up what the account has.
 */
const BUDGETS = {
  accountFromHere: { count: 20, windowMs: 60_000 },
  // By patience alone one place would use up what the account has, and lock its owner out.
  accountFromHereInAll: { count: 40, windowMs: 900_000 },
  account: { count: 200, windowMs: 900_000 },
  // Many people may share one address.
  address: { count: 200, windowMs: 60_000 },
} as const satisfies Record<string, Budget>;

/** Keys remembered; past it the ones not seen for longest are forgotten. A key holds at most 200 times. */
const KEYS = 20_000;

export function createLoginThrottle(clock: Pick<Clock, 'monotonic'>): LoginThrottle {
  const failures = new Map<string, readonly number[]>();

  const recent = (key: string, windowMs: number) =>
    (failures.get(key) ?? []).filter((at) => at > clock.monotonic() - windowMs);

  const put = (key: string, times: readonly number[]) => {
    failures.delete(key);
    if (times.length > 0) failures.set(key, times);
    const [oldest] = failures.keys();
    if (failures.size > KEYS && oldest !== undefined) failures.delete(oldest);
  };

  const wait = (key: string, { count, windowMs }: Budget) => {
    const times = recent(key, windowMs);
    const [oldest] = times.slice(-count);
    return times.length < count || oldest === undefined ? 0 : oldest + windowMs - clock.monotonic();
  };

  return {
    begin(email, address) {
      const account = email.toLowerCase();
      const keys: readonly [string, Budget][] = [
        [`both ${address} ${account}`, BUDGETS.accountFromHere],
        [`in all ${address} ${account}`, BUDGETS.accountFromHereInAll],
        [`account ${account}`, BUDGETS.account],
        [`address ${address}`, BUDGETS.address],
      ];
      const retryAfterMs = Math.ceil(Math.max(...keys.map(([key, budget]) => wait(key, budget))));
      if (retryAfterMs > 0) return { kind: 'refused', retryAfterMs };

      const now = clock.monotonic();
      for (const [key, { windowMs }] of keys) put(key, [...recent(key, windowMs), now]);
      return {
        kind: 'allowed',
        takeBack: () => {
          for (const [key, { windowMs }] of keys) put(key, withoutOne(recent(key, windowMs), now));
        },
      };
    },
  };
}

function withoutOne(times: readonly number[], time: number): readonly number[] {
  const index = times.indexOf(time);
  return index < 0 ? times : [...times.slice(0, index), ...times.slice(index + 1)];
}
