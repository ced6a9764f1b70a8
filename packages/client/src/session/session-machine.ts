import type { SocketEnd } from '../socket/socket.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { backoffDelay } from './backoff.js';
import { silenceLeft } from './heartbeat.js';
import type {
  Away,
  Effort,
  Mode,
  SessionEffect,
  SessionEnv,
  SessionEvent,
  SessionState,
  SessionStep,
} from './session-state.js';
import type { TokenReason } from './token-keeper.js';
import { judge } from './verdict.js';

/** A UI says "connection lost" after this; shorter blips are nobody's business. */
const LOST_MS = 5_000;
/** Continuity may be gone after this; the application should say so. */
const SUSPENDED_MS = 120_000;
/** A connection this old forgets the failures before it. Not at `open`: a server that accepts and rejects would be hammered. */
const STABLE_MS = 10_000;
/** Some base servers select whatever subprotocol is offered first. A v1 server greets at once. */
const GREET_MS = 1_000;
/** In browsers a 401 looks like any failure, so every third attempt asks for a fresh token. */
const DOUBT_TOKEN_EVERY = 3;

const NO_EFFORT: Effort = { tries: 0, auth: 'usual' };
const DROP_NEXT: SessionEffect = { run: 'drop', which: 'next' };
const SILENT_DEATH: SocketEnd = { code: 1006, reason: 'no sign of life' };

type Of<S extends SessionState['status']> = Extract<SessionState, { status: S }>;

/** The session: every state, every event, what follows. Pure; printed as a table in its test. */
export function step(state: SessionState, event: SessionEvent, env: SessionEnv): SessionStep {
  if (event.type === 'close') {
    return state.status === 'closed'
      ? stay(state)
      : { state: { status: 'closed' }, effects: [{ run: 'drop', which: 'all' }] };
  }
  switch (state.status) {
    case 'idle':
    case 'failed':
    case 'closed':
      return event.type === 'connect'
        ? attempt({ since: env.now, level: 'blip' }, NO_EFFORT, 'connect', env)
        : stay(state);
    case 'connecting':
      return whileConnecting(state, event, env);
    case 'waiting':
      return whileWaiting(state, event, env);
    case 'connected':
      return whileConnected(state, event, env);
    case 'moving':
      return whileMoving(state, event, env);
  }
}

function whileConnecting(state: Of<'connecting'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { away, effort } = state;
  switch (event.type) {
    case 'token':
      return { state: { ...state, phase: 'dial' }, effects: [{ run: 'dial' }] };
    case 'no_token':
      return event.error.code === 'auth_failed' ? fail(event.error) : comeBack(away, effort, 0, env);
    case 'opened':
      return event.mode === 'v1' ? greet(state) : usable('base', away, effort, env);
    case 'due_greet':
      return usable('base', away, effort, env);
    case 'welcomed':
      return usable('v1', away, effort, env);
    case 'due_connect':
      return comeBack(away, effort, 0, env);
    case 'fell':
      return ended(event.end, away, effort, env);
    case 'due_away':
      return fartherAway(state, env);
    default:
      return stay(state);
  }
}

function whileWaiting(state: Of<'waiting'>, event: SessionEvent, env: SessionEnv): SessionStep {
  if (event.type === 'due_away') return fartherAway(state, env);
  const asked = event.type === 'connect' || event.type === 'wake';
  if (event.type !== 'due_retry' && !(asked && state.by === 'backoff')) return stay(state);
  const { auth, tries } = state.effort;
  const doubt = tries % DOUBT_TOKEN_EVERY === 0;
  return attempt(state.away, state.effort, auth === 'fresh' ? 'rejected' : doubt ? 'retry' : 'connect', env);
}

function whileConnected(state: Of<'connected'>, event: SessionEvent, env: SessionEnv): SessionStep {
  switch (event.type) {
    case 'welcomed':
      return { state: { ...state, mode: 'v1' }, effects: [{ run: 'adopt', mode: 'v1' }, ...renewTimer(env)] };
    case 'due_stable':
      return stay({ ...state, effort: NO_EFFORT });
    case 'renewed':
      return { state, effects: renewTimer(env) };
    case 'due_renew':
      // A token renewed meanwhile has a timer of its own.
      return { state, effects: event.expiresAt === env.renewal?.expiresAt ? [{ run: 'renew' }] : [] };
    case 'draining':
      return rest('connect', state.effort, event.afterMs, env);
    case 'move':
      return state.mode === 'v1' ? rest('expiring', state.effort, 0, env) : stay(state);
    default:
      return whileUsable(state, event, env);
  }
}

function whileMoving(state: Of<'moving'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { effort } = state;
  const again = (ask: TokenReason): SessionStep => {
    const next = { ...effort, tries: effort.tries + 1 };
    const { state: resting, effects } = rest(
      ask,
      next,
      backoffDelay(effort.tries, env.random, env.options.backoff),
      env,
    );
    return { state: resting, effects: [DROP_NEXT, ...effects] };
  };
  switch (event.type) {
    case 'due_retry':
      return {
        state: { ...state, phase: 'token' },
        effects: [connectTimer(env), { run: 'token', reason: state.ask }],
      };
    case 'token':
      return { state: { ...state, phase: 'dial' }, effects: [{ run: 'dial' }] };
    case 'opened':
      return event.mode === 'v1' ? greet(state) : usable('base', undefined, effort, env);
    case 'due_greet':
      return usable('base', undefined, effort, env);
    case 'welcomed':
      return usable('v1', undefined, effort, env);
    case 'no_token':
      return again(state.ask);
    case 'fell':
      return again(judge(event.end).kind === 'reauth' ? 'rejected' : state.ask);
    case 'lost':
      return oldOneGone(state, event.end, env);
    case 'due_connect':
      return state.phase === 'rest' ? stay(state) : again(state.ask);
    default:
      return whileUsable(state, event, env);
  }
}

/** The old connection went before its successor was ready: carry on with the successor where it is under way. */
function oldOneGone(state: Of<'moving'>, end: SocketEnd, env: SessionEnv): SessionStep {
  const { phase, effort, until } = state;
  const away: Away = { since: env.now, level: 'blip' };
  if (phase === 'dial' || phase === 'greet') {
    return {
      state: { status: 'connecting', phase, away, effort },
      effects: [connectTimer(env), ...awayTimer(away, env)],
    };
  }
  return ended({ retryAfterMs: Math.max(0, until - env.now), ...end }, away, effort, env);
}

/** What `connected` and `moving` share: heartbeat, probe, and the end of the connection in use. */
function whileUsable(state: Of<'connected' | 'moving'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { heartbeat } = env.options;
  const away: Away = { since: env.now, level: 'blip' };
  switch (event.type) {
    case 'due_idle': {
      const left = silenceLeft(env.now, env.heardAt, heartbeat);
      if (left > 0) return { state, effects: [idleTimer(left)] };
      return { state, effects: [idleTimer(heartbeat.idleMs), ...probe(heartbeat.timeoutMs, env)] };
    }
    case 'wake':
    case 'offline':
      return { state, effects: probe(heartbeat.probeMs, env) };
    case 'due_probe': {
      if (env.heardAt >= event.askedAt) return stay(state);
      const { state: after, effects } = ended(SILENT_DEATH, away, state.effort, env);
      return { state: after, effects: [{ run: 'drop', which: 'dead' }, ...effects] };
    }
    case 'lost':
      return ended(event.end, away, state.effort, env);
    default:
      return stay(state);
  }
}

function stay(state: SessionState): SessionStep {
  return { state, effects: [] };
}

/** One attempt, from the token on. A hanging token function is bounded by the same timer as the socket. */
function attempt(away: Away, effort: Effort, reason: TokenReason, env: SessionEnv): SessionStep {
  return {
    state: { status: 'connecting', phase: 'token', away, effort },
    effects: [connectTimer(env), ...awayTimer(away, env), { run: 'token', reason }],
  };
}

function greet(state: Of<'connecting' | 'moving'>): SessionStep {
  return {
    state: { ...state, phase: 'greet' },
    effects: [{ run: 'after', ms: GREET_MS, then: { type: 'due_greet' } }],
  };
}

function usable(mode: Mode, away: Away | undefined, effort: Effort, env: SessionEnv): SessionStep {
  const effects: SessionEffect[] = [
    { run: 'adopt', mode },
    { run: 'after', ms: STABLE_MS, then: { type: 'due_stable' } },
    idleTimer(env.options.heartbeat.idleMs),
    ...renewTimer(env),
  ];
  if (away && away.level !== 'blip') effects.push({ run: 'tell', what: 'restored' });
  // The token was accepted; how often we failed is forgotten only after a while.
  return { state: { status: 'connected', mode, effort: { ...effort, auth: 'usual' } }, effects };
}

/** The end of a connection or of an attempt: come back, come back with a fresh token, or stay away. */
function ended(end: SocketEnd, away: Away, effort: Effort, env: SessionEnv): SessionStep {
  const verdict = judge(end);
  if (verdict.kind === 'retry') return comeBack(away, effort, verdict.floorMs, env);
  if (verdict.kind === 'stop') return fail(verdict.error);
  if (effort.auth === 'fresh')
    return fail(new GoConnectError('auth_failed', 'The server refused a fresh token too'));
  const next: Effort = { tries: effort.tries + 1, auth: 'fresh' };
  if (effort.tries > 0) return comeBack(away, { ...next, tries: effort.tries }, 0, env);
  const { state, effects } = attempt(away, next, 'rejected', env);
  return { state, effects: [DROP_NEXT, ...effects] };
}

function fail(error: GoConnectError): SessionStep {
  return { state: { status: 'failed', error }, effects: [DROP_NEXT] };
}

function comeBack(away: Away, effort: Effort, floorMs: number, env: SessionEnv): SessionStep {
  // On top of a floor, not instead of it: everybody was given the same one.
  const ms = floorMs + backoffDelay(effort.tries, env.random, env.options.backoff);
  const by = floorMs > 0 ? 'server' : 'backoff';
  return {
    state: {
      status: 'waiting',
      until: env.now + ms,
      by,
      away,
      effort: { ...effort, tries: effort.tries + 1 },
    },
    effects: [DROP_NEXT, { run: 'after', ms, then: { type: 'due_retry' } }, ...awayTimer(away, env)],
  };
}

/** Connected, with the first step towards a successor `ms` away. */
function rest(ask: TokenReason, effort: Effort, ms: number, env: SessionEnv): SessionStep {
  return {
    state: { status: 'moving', phase: 'rest', ask, effort, until: env.now + ms },
    effects: [
      { run: 'after', ms, then: { type: 'due_retry' } },
      idleTimer(silenceLeft(env.now, env.heardAt, env.options.heartbeat)),
    ],
  };
}

function probe(ms: number, { now }: SessionEnv): SessionEffect[] {
  return [{ run: 'ping' }, { run: 'after', ms, then: { type: 'due_probe', askedAt: now } }];
}

function idleTimer(ms: number): SessionEffect {
  return { run: 'after', ms, then: { type: 'due_idle' } };
}

function renewTimer({ renewal }: SessionEnv): SessionEffect[] {
  return renewal
    ? [{ run: 'after', ms: renewal.inMs, then: { type: 'due_renew', expiresAt: renewal.expiresAt } }]
    : [];
}

function connectTimer({ options }: SessionEnv): SessionEffect {
  return { run: 'after', ms: options.connectTimeoutMs, then: { type: 'due_connect' } };
}

/** Each away state carries the clock on: the timers of the state before it are gone. */
function awayTimer({ since, level }: Away, { now }: SessionEnv): SessionEffect[] {
  if (level === 'suspended') return [];
  const ms = Math.max(0, since + (level === 'blip' ? LOST_MS : SUSPENDED_MS) - now);
  return [{ run: 'after', ms, then: { type: 'due_away' } }];
}

function fartherAway(state: Of<'connecting' | 'waiting'>, env: SessionEnv): SessionStep {
  const away: Away = { since: state.away.since, level: state.away.level === 'blip' ? 'lost' : 'suspended' };
  const tell: SessionEffect[] = away.level === 'lost' ? [{ run: 'tell', what: 'lost' }] : [];
  return { state: { ...state, away }, effects: [...tell, ...awayTimer(away, env)] };
}
