import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GoConnectError } from '../support/goconnect-error.js';
import { step } from './session-machine.js';
import type { Away, SessionEffect, SessionEnv, SessionEvent, SessionState } from './session-state.js';

const options = {
  connectTimeoutMs: 10_000,
  backoff: { minMs: 250, baseMs: 500, maxMs: 20_000 },
  heartbeat: { idleMs: 25_000, timeoutMs: 10_000, probeMs: 2_000 },
};
const env: SessionEnv = {
  now: 100_000,
  random: 0.5,
  heardAt: 60_000,
  answeredAt: 60_000,
  renewal: { expiresAt: 900_000, inMs: 700_000 },
  greets: 'unknown',
  options,
};
const blip: Away = { since: 99_000, level: 'blip' };
const usual = { tries: 1, auth: 'usual' } as const;
const none = { tries: 0, auth: 'usual' } as const;
const drained = { tries: 1, auth: 'usual', drained: 1 } as const;
const again = { tries: 2, auth: 'usual', drained: 1 } as const;
const fresh = { tries: 1, auth: 'fresh' } as const;

const states: Record<string, SessionState> = {
  idle: { status: 'idle' },
  'connecting/token': { status: 'connecting', phase: 'token', away: blip, effort: usual },
  'connecting/dial': { status: 'connecting', phase: 'dial', away: blip, effort: usual },
  'connecting/greet': {
    status: 'connecting',
    phase: 'greet',
    away: { since: 0, level: 'lost' },
    effort: fresh,
  },
  waiting: { status: 'waiting', until: 101_000, by: 'backoff', away: blip, effort: usual },
  'waiting/server': {
    status: 'waiting',
    until: 130_000,
    by: 'server',
    away: { since: 0, level: 'suspended' },
    effort: usual,
  },
  'connected/base': { status: 'connected', mode: 'base', effort: { tries: 0, auth: 'usual' } },
  'connected/base (v1 perhaps)': {
    status: 'connected',
    mode: 'base',
    effort: { tries: 0, auth: 'usual' },
  },
  'connected/v1': { status: 'connected', mode: 'v1', effort: usual },
  leaving: { status: 'leaving', until: 103_000, ask: 'connect', terms: 'any', effort: drained },
  'leaving/again': { status: 'leaving', until: 103_000, ask: 'connect', terms: 'any', effort: again },
  'leaving (v1 perhaps)': {
    status: 'leaving',
    until: 103_000,
    ask: 'connect',
    terms: 'v1_only',
    effort: none,
  },
  'moving/token': { status: 'moving', phase: 'token', ask: 'expiring', terms: 'any', effort: usual },
  'moving/dial': { status: 'moving', phase: 'dial', ask: 'connect', terms: 'any', effort: usual },
  'moving/greet': { status: 'moving', phase: 'greet', ask: 'connect', terms: 'any', effort: usual },
  'moving/token (v1 perhaps)': {
    status: 'moving',
    phase: 'token',
    ask: 'connect',
    terms: 'v1_only',
    effort: none,
  },
  'moving/dial (v1 perhaps)': {
    status: 'moving',
    phase: 'dial',
    ask: 'connect',
    terms: 'v1_only',
    effort: none,
  },
  'moving/dial (v1 perhaps, third)': {
    status: 'moving',
    phase: 'dial',
    ask: 'connect',
    terms: 'v1_only',
    effort: { tries: 2, auth: 'usual' },
  },
  failed: { status: 'failed', error: new GoConnectError('auth_failed', 'no') },
  closed: { status: 'closed' },
};

const events: Record<string, SessionEvent> = {
  connect: ['connect'],
  close: ['close'],
  token: ['token'],
  'no_token (later)': ['no_token', new GoConnectError('ERR_HANDLER_FAILED', 'auth server is down')],
  'no_token (never)': ['no_token', new GoConnectError('auth_failed', 'signed out')],
  no_socket: ['no_socket'],
  'opened base': ['opened', 'base'],
  'opened v1': ['opened', 'v1'],
  welcomed: ['welcomed'],
  'fell 1006': ['fell', { code: 1006, reason: '' }],
  'fell 401': ['fell', { code: 1006, reason: '', status: 401 }],
  'fell 503': ['fell', { code: 1006, reason: '', status: 503, retryAfterMs: 7_000 }],
  'lost 1006': ['lost', { code: 1006, reason: '' }],
  'lost 4401': ['lost', { code: 4401, reason: '' }],
  'lost 4412': ['lost', { code: 4412, reason: '' }],
  'lost 4429': ['lost', { code: 4429, reason: 'retry_after_ms=9000' }],
  'lost 4503': ['lost', { code: 4503, reason: 'banned' }],
  draining: ['draining', 3_000],
  renewed: ['renewed'],
  move: ['move'],
  wake: ['wake'],
  offline: ['offline'],
  due_retry: ['due_retry'],
  due_connect: ['due_connect'],
  due_greet: ['due_greet'],
  due_away: ['due_away'],
  due_stable: ['due_stable'],
  due_idle: ['due_idle'],
  'due_probe (silent)': ['due_probe', 98_000],
  'due_probe (heard)': ['due_probe', 50_000],
  'due_renew (this)': ['due_renew', 900_000],
  'due_renew (older)': ['due_renew', 800_000],
};

/** Whoever moves was greeted; else it may be. */
function greets(name: string): SessionEnv['greets'] {
  if (/perhaps\)$/.test(name)) return 'perhaps';
  return /^(moving|leaving)/.test(name) ? 'yes' : 'unknown';
}

/** One line of the table: what becomes of the state, and what is done. */
function row(state: SessionState, event: SessionEvent, env: SessionEnv): string {
  const [after, ...effects] = step(state, event, env);
  if (after === state && effects.length === 0) return '-';
  return [show(after), ...effects.map(showEffect)].join('  ');
}

function show(state: SessionState): string {
  const { status, ...rest } = state as SessionState & Record<string, unknown>;
  const detail = Object.entries(rest).map(([key, value]) => {
    if (value instanceof GoConnectError) return `${key}=${value.code}`;
    return `${key}=${typeof value === 'object' && value ? Object.values(value).join('/') : String(value)}`;
  });
  return `${status}{${detail.join(' ')}}`;
}

function showEffect([name, ...rest]: SessionEffect): string {
  return `${name}(${rest.map((part) => (Array.isArray(part) ? part.join(':') : String(part))).join(' ')})`;
}

describe('the session machine', () => {
  it('prints as a table of every state and every event', () => {
    const table = Object.entries(states)
      .map(([stateName, state]) => {
        const rows = Object.entries(events).map(
          ([name, event]) =>
            `  ${name.padEnd(18)} ${row(state, event, { ...env, greets: greets(stateName) })}`,
        );
        return [`${stateName}  ${show(state)}`, ...rows].join('\n');
      })
      .join('\n\n');
    expect(`\n${table}\n`).toMatchSnapshot();
  });

  it('closes from every state, and lets all sockets go', () => {
    for (const state of Object.values(states)) {
      const [after, ...effects] = step(state, ['close'], env);
      expect(after.status).toBe('closed');
      if (state.status !== 'closed') expect(effects).toEqual([['drop', 'all']]);
    }
  });

  it('has a way on from every state that is not at rest: a timer of its own, whatever happens', () => {
    // Random walks: a state in which nothing would ever happen again by itself is a hang.
    const atRest = new Set(['idle', 'failed', 'closed']);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...Object.values(events)), { minLength: 1, maxLength: 40 }),
        fc.constantFrom('yes' as const, 'perhaps' as const, 'unknown' as const),
        (walk, greets) => {
          let state: SessionState = { status: 'idle' };
          let timers = new Set<string>();
          for (const event of walk) {
            if (event[0].startsWith('due_') && !timers.has(event[0])) continue;
            if (!possible(state, event)) continue;
            timers.delete(event[0]);
            const before: SessionState = state;
            const [after, ...effects] = step(before, event, { ...env, greets });
            const isNew = effects.some(([what]) => what === 'adopt');
            if (after.status !== before.status)
              timers = !isNew && areUsable(before, after) ? pulseOf(timers) : new Set();
            for (const effect of effects) if (effect[0] === 'after') timers.add(effect[2][0]);
            state = after;
            const needed = needs(state);
            for (const timer of needed)
              expect([...timers], `${show(before)} ${event[0]} -> ${show(state)}`).toContain(timer);
            if (atRest.has(state.status)) expect(timers.size).toBe(0);
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('forgets failures only after 10 s of a stable connection, not when it opens', () => {
    const failing: SessionState = {
      status: 'connecting',
      phase: 'dial',
      away: blip,
      effort: { tries: 7, auth: 'usual' },
    };
    const [open] = step(failing, ['opened', 'base'], env);
    expect(open).toMatchObject({ status: 'connected', effort: { tries: 7 } });
    const [again] = step(open, ['lost', { code: 1006, reason: '' }], env);
    expect(again).toMatchObject({ status: 'waiting', effort: { tries: 8 } });
    const [stable] = step(open, ['due_stable'], env);
    expect(stable).toMatchObject({ effort: { tries: 0 } });
  });

  it('replaces a refused token once, then fails (A7 4401)', () => {
    const first: SessionState = {
      status: 'connecting',
      phase: 'greet',
      away: blip,
      effort: { tries: 0, auth: 'usual' },
    };
    const [second, ...effects] = step(first, ['fell', { code: 4401, reason: '' }], env);
    expect(second).toMatchObject({ status: 'connecting', phase: 'token', effort: { auth: 'fresh' } });
    expect(effects).toContainEqual(['token', 'rejected']);
    const [third] = step(
      { ...second, phase: 'greet' } as SessionState,
      ['fell', { code: 4401, reason: '' }],
      env,
    );
    expect(third).toMatchObject({ status: 'failed', error: { code: 'auth_failed' } });
  });

  it('does not hammer a server that accepts each token and rejects it right after', () => {
    const [open] = step(
      { status: 'connecting', phase: 'dial', away: blip, effort: fresh },
      ['opened', 'base'],
      env,
    );
    const [after, ...effects] = step(open, ['lost', { code: 4401, reason: '' }], env);
    expect(after.status).toBe('waiting');
    expect(effects).not.toContainEqual(['token', 'rejected']);
  });

  it('comes back at once when it wakes, but not before the time a server set', () => {
    expect(step(states.waiting as SessionState, ['wake'], env)[0]).toMatchObject({ status: 'connecting' });
    expect(step(states['waiting/server'] as SessionState, ['wake'], env)[0]).toMatchObject({
      status: 'waiting',
    });
  });

  it('asks for v1 beside a connection without, once, or three times where it was spoken before, and then stays', () => {
    const walk = (state: SessionState | undefined, event: SessionEvent, greets: SessionEnv['greets']) =>
      step(state as SessionState, event, { ...env, greets });
    expect(walk(states['connected/base'], ['due_stable'], 'unknown')[0].status).toBe('connected');
    const failures: SessionEvent[] = [
      ['fell', { code: 1006, reason: '' }],
      ['fell', { code: 4401, reason: '' }],
      ['no_token', new GoConnectError('auth_failed', 'signed out')],
      ['due_connect'],
    ];
    for (const failure of failures) {
      const asks = (greets: 'yes' | 'perhaps') => {
        let asked = 0;
        let [state] = walk(states['connected/base'], ['due_stable'], greets);
        for (; state.status === 'leaving'; asked++) {
          [state] = walk(state, ['due_retry'], greets);
          let dial: SessionEffect;
          [state, dial] = walk(state, ['token'], greets) as [SessionState, SessionEffect];
          expect(dial).toEqual(['dial', 'v1_only']);
          const [after, ...effects] = walk(state, failure, greets);
          state = after;
          if (state.status === 'connected')
            expect(effects).toEqual([
              ['drop', 'next'],
              ['after', 700_000, ['due_renew', 900_000]],
            ]);
        }
        expect(state).toEqual({ status: 'connected', mode: 'base', effort: none });
        return asked;
      };
      expect([asks('perhaps'), asks('yes')]).toEqual([1, 3]);
    }
    // Where it was lost meanwhile, whatever there is will do.
    expect(walk(states['connecting/token'], ['token'], 'perhaps')).toContainEqual(['dial', 'any']);
  });

  it('waits as a drain advised, but where that was tried or nobody advised anything no longer than usual', () => {
    const lost: SessionEvent = ['lost', { code: 1006, reason: '' }];
    const by = (name: string) => step(states[name] as SessionState, lost, env)[0];
    expect(by('leaving')).toMatchObject({ status: 'waiting', by: 'server' });
    expect(by('leaving/again')).toMatchObject({ status: 'waiting', by: 'backoff' });
    expect(by('leaving (v1 perhaps)')).toMatchObject({ status: 'waiting', by: 'backoff' });
  });

  it('takes a silent server for a base one only if it never greeted before', () => {
    const timers = (greets: SessionEnv['greets'], [state, event]: readonly [string, SessionEvent]) => {
      const [, ...effects] = step(states[state] as SessionState, event, { ...env, greets });
      return effects.filter((effect) => effect[0] === 'after' && effect[2][0] === 'due_greet').length;
    };
    const ways = [
      ['connecting/dial', ['opened', 'v1']],
      ['moving/dial', ['opened', 'v1']],
      ['moving/greet', ['lost', { code: 1006, reason: '' }]],
    ] as const;
    expect(ways.map((way) => timers('unknown', way))).toEqual([1, 1, 1]);
    expect(ways.map((way) => timers('yes', way))).toEqual([0, 0, 0]);
  });

  it('carries on with the successor when the old connection goes first (4409 by its own twin)', () => {
    const [after, ...effects] = step(
      states['moving/greet'] as SessionState,
      ['lost', { code: 4409, reason: '' }],
      env,
    );
    expect(after).toMatchObject({ status: 'connecting', phase: 'greet' });
    expect(effects.map(([name]) => name)).not.toContain('drop');
  });
});

/** The pulse of a connection lives as long as that does, whatever becomes of its successor. */
const pulseOf = (timers: ReadonlySet<string>) =>
  new Set([...timers].filter((timer) => timer === 'due_idle' || timer === 'due_probe'));
const USABLE: readonly string[] = ['connected', 'leaving', 'moving'];
/** The same connection in both, unless a successor was adopted: that has a pulse of its own. */
const areUsable = (...states: readonly SessionState[]) =>
  states.every(({ status }) => USABLE.includes(status));

/** Events that only sockets cause which exist in this state. */
function possible(state: SessionState, [type]: SessionEvent): boolean {
  const dialled = 'phase' in state && state.phase !== 'token';
  const connected = USABLE.includes(state.status);
  if (type === 'opened') return 'phase' in state && state.phase === 'dial';
  if (type === 'welcomed') return 'phase' in state && state.phase === 'greet';
  if (type === 'fell') return dialled;
  if (type === 'lost' || type === 'draining' || type === 'move' || type === 'renewed') return connected;
  if (type === 'token' || type === 'no_token' || type === 'no_socket')
    return 'phase' in state && state.phase === 'token';
  return true;
}

function needs(state: SessionState): string[] {
  switch (state.status) {
    case 'connecting':
      return ['due_connect', ...(state.away.level === 'suspended' ? [] : ['due_away'])];
    case 'waiting':
      return ['due_retry', ...(state.away.level === 'suspended' ? [] : ['due_away'])];
    case 'connected':
      return ['due_idle'];
    case 'leaving':
      return ['due_idle', 'due_retry'];
    case 'moving':
      return ['due_idle', 'due_connect'];
    default:
      return [];
  }
}
