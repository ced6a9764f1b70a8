import { beforeEach, describe, expect, it } from 'vitest';
import { createLoginThrottle, type LoginThrottle } from './login-throttle.js';

describe('the log-in throttle', () => {
  let now = 0;
  let throttle: LoginThrottle;

  beforeEach(() => {
    now = 0;
    throttle = createLoginThrottle({ monotonic: () => now });
  });

  const fail = (email: string, address: string, times = 1) =>
    Array.from({ length: times }, () => throttle.begin(email, address).kind);

  it('allows 20 failures of one account from one place in a minute, also when they come at once', () => {
    expect(fail('ada@x.example', '10.0.0.1', 20)).not.toContain('refused');
    expect(throttle.begin('ada@x.example', '10.0.0.1')).toEqual({ kind: 'refused', retryAfterMs: 60_000 });
    expect(throttle.begin('ADA@X.example', '10.0.0.1').kind).toBe('refused');
  });

  it('does not keep the owner out who is somewhere else, nor others who are here', () => {
    fail('ada@x.example', '10.0.0.1', 30);
    expect(throttle.begin('ada@x.example', '10.0.0.2').kind).toBe('allowed');
    expect(throttle.begin('grace@x.example', '10.0.0.1').kind).toBe('allowed');
  });

  it('does not keep the owner out because one place guesses patiently', () => {
    let allowed = 0;
    for (; now < 3_600_000; now += 60_000) {
      allowed += fail('ada@x.example', '10.0.0.1', 20).filter((kind) => kind === 'allowed').length;
      expect(throttle.begin('ada@x.example', `10.0.1.${now / 60_000}`).kind).toBe('allowed');
    }
    expect(allowed).toBe(160);
  });

  it('lets one try again exactly when it said', () => {
    fail('ada@x.example', '10.0.0.1', 19);
    now = 10_000;
    fail('ada@x.example', '10.0.0.1');
    const refused = throttle.begin('ada@x.example', '10.0.0.1');
    expect(refused).toEqual({ kind: 'refused', retryAfterMs: 50_000 });
    now += 49_999;
    expect(throttle.begin('ada@x.example', '10.0.0.1').kind).toBe('refused');
    now += 1;
    expect(throttle.begin('ada@x.example', '10.0.0.1').kind).toBe('allowed');
  });

  it('counts no attempt that succeeded', () => {
    for (let login = 0; login < 1_000; login++) {
      const attempt = throttle.begin('ada@x.example', '10.0.0.1');
      if (attempt.kind === 'refused') throw new Error(`refused at ${login}`);
      attempt.takeBack();
      attempt.takeBack();
    }
  });

  it('slows an address down that guesses at many accounts, and many addresses that guess at one', () => {
    for (let user = 0; user < 200; user++)
      expect(fail(`u${user}@x.example`, '10.0.0.1')).toEqual(['allowed']);
    expect(fail('new@x.example', '10.0.0.1')).toEqual(['refused']);
    for (let place = 0; place < 200; place++)
      expect(fail('ada@x.example', `10.1.0.${place}`)).toEqual(['allowed']);
    expect(fail('ada@x.example', '10.2.0.1')).toEqual(['refused']);
  });

  it('takes an address for no account, whatever it is called', () => {
    for (let user = 0; user < 200; user++) fail(`u${user}@x.example`, 'x');
    expect(fail('x', 'y')).toEqual(['allowed']);
  });
});
