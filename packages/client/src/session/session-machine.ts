import type { CLOSE_CODES } from '@goconnect/protocol/validators';
import { BROKEN, type SocketEnd } from '../socket/socket.js';
import { GoConnectError, senseless } from '../support/goconnect-error.js';
import { backoffDelay } from './backoff.js';
import type {
  Away,
  Departure,
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
/** Within so long after that more is asked for than a connection without the guarantees of v1, where there may be more. */
const STOPGAP_MS = 30_000;
/** So often at most; and where v1 was spoken before. */
const ASKS = 1;
const ASKS_GREETED = 3;
/** Some base servers select whatever subprotocol is offered first. A v1 server greets at once. */
const GREET_MS = 1_000;
/** In browsers a 401 looks like any failure, so every third attempt asks for a fresh token. */
const DOUBT_TOKEN_EVERY = 3;

const DRAINING: (typeof CLOSE_CODES)['draining'] = 4412;

const NO_EFFORT: Effort = { tries: 0, auth: 'usual' };
const DROP_NEXT: SessionEffect = ['drop', 'next'];

type Of<S extends SessionState['status']> = Extract<SessionState, { status: S }>;

/** The session: every state, every event, what follows. Pure; its test prints it as a table. */
export function step(state: SessionState, event: SessionEvent, env: SessionEnv): SessionStep {
  if (event[0] === 'close')
    return state.status === 'closed' ? [state] : [{ status: 'closed' }, ['drop', 'all']];
  switch (state.status) {
    case 'connecting':
      return whileConnecting(state, event, env);
    case 'waiting':
      return whileWaiting(state, event, env);
    case 'connected':
      return whileConnected(state, event, env);
    case 'leaving':
      return whileLeaving(state, event, env);
    case 'moving':
      return whileMoving(state, event, env);
    default:
      return event[0] === 'connect' ? attempt(awaySince(env), NO_EFFORT, 'connect', env) : [state];
  }
}

function whileConnecting(state: Of<'connecting'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { away, effort } = state;
  switch (event[0]) {
    case 'no_token':
      return event[1].code === 'auth_failed' ? fail(event[1]) : comeBack(away, effort, 0, env);
    case 'no_socket':
      return fail(senseless('WebSocket', 'There is no WebSocket here: give the option WebSocket'));
    case 'due_connect':
      return comeBack(away, effort, 0, env);
    case 'fell':
      return ended(event[1], away, effort, env);
    case 'due_away':
      return fartherAway(state, env);
    default:
      return onward(state, event, env);
  }
}

function whileWaiting(state: Of<'waiting'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { away, effort, by } = state;
  const [type] = event;
  if (type === 'due_away') return fartherAway(state, env);
  if (type !== 'due_retry' && (type !== 'wake' || by === 'server')) return [state];
  const usual = effort.tries % DOUBT_TOKEN_EVERY === 0 ? 'retry' : 'connect';
  return attempt(away, effort, effort.auth === 'fresh' ? 'rejected' : usual, env);
}

function whileConnected(state: Of<'connected'>, event: SessionEvent, env: SessionEnv): SessionStep {
  switch (event[0]) {
    case 'welcomed':
      return [{ ...state, mode: 'v1' }, ['adopt', 'v1'], ...renewTimer(env)];
    case 'due_stable':
      // A browser is not told why its offer of v1 came to nothing: a plain connection may be a stopgap.
      if (state.mode === 'base' && env.greets !== 'unknown') return askForV1(NO_EFFORT, env);
      return [{ ...state, effort: NO_EFFORT }];
    case 'renewed':
      return [state, ...renewTimer(env)];
    case 'due_renew':
      // A token renewed meanwhile has a timer of its own.
      return event[1] === env.renewal?.expiresAt ? [state, ['renew']] : [state];
    case 'draining': {
      const { tries, auth } = state.effort;
      // One drain after the other, before a connection was stable, counts as a failure: no moving in circles.
      const ms = tries > 0 ? backoffDelay(tries, env.random, env.options.backoff) : 0;
      const effort = { tries: tries + 1, auth, drained: tries + 1 };
      return leave({ ask: 'connect', terms: 'any', effort }, event[1] + ms, env);
    }
    case 'move':
      return state.mode === 'v1'
        ? leave({ ask: 'expiring', terms: 'any', effort: state.effort }, 0, env)
        : [state];
    default:
      return whileUsable(state, event, env);
  }
}

function whileLeaving(state: Of<'leaving'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { ask, terms, effort, until } = state;
  switch (event[0]) {
    case 'due_retry':
      return [{ status: 'moving', phase: 'token', ask, terms, effort }, connectTimer(env), ['token', ask]];
    case 'lost': {
      // The server's advice holds as long as it was not followed; after that the delay is our own.
      const advised = effort.drained === effort.tries && { retryAfterMs: Math.max(0, until - env.now) };
      return ended({ ...advised, ...event[1] }, awaySince(env), effort, env);
    }
    default:
      return whileUsable(state, event, env);
  }
}

function whileMoving(state: Of<'moving'>, event: SessionEvent, env: SessionEnv): SessionStep {
  const { phase, ask, effort, terms } = state;
  switch (event[0]) {
    case 'due_connect':
    case 'no_token':
    case 'no_socket':
    case 'fell': {
      const verdict = event[0] === 'fell' ? judge(event[1]) : undefined;
      if (terms === 'any') return tryAgain(verdict?.kind === 'reauth' ? 'rejected' : ask, effort, env);
      // Who takes the offer and then says to come back does speak v1.
      const greets = phase === 'greet' && verdict?.kind === 'retry' ? 'yes' : env.greets;
      const floorMs = verdict?.kind === 'retry' ? verdict.floorMs : 0;
      return askForV1({ ...effort, tries: effort.tries + 1 }, { ...env, greets }, floorMs);
    }
    case 'lost': {
      if (phase === 'token') return whileUsable(state, event, env);
      // The old one went first: carry on with the successor where it is.
      const away = awaySince(env);
      const greet = phase === 'greet' ? greetTimer(env) : [];
      return [
        { status: 'connecting', phase, away, effort },
        connectTimer(env),
        ...greet,
        ...awayTimer(away, env),
      ];
    }
    default:
      return onward(state, event, env);
  }
}

/** Steps of an attempt, which go the same way whether or not there is still an old connection. */
function onward(state: Of<'connecting' | 'moving'>, event: SessionEvent, env: SessionEnv): SessionStep {
  switch (event[0]) {
    case 'token':
      return [{ ...state, phase: 'dial' }, ['dial', state.status === 'moving' ? state.terms : 'any']];
    case 'opened':
      return event[1] === 'v1'
        ? [{ ...state, phase: 'greet' }, ...greetTimer(env)]
        : usable('base', state.effort, env);
    case 'due_greet':
      return usable('base', state.effort, env);
    case 'welcomed':
      return usable('v1', state.effort, env);
    default:
      return state.status === 'moving' ? whileUsable(state, event, env) : [state];
  }
}

/** What the states with a connection share: heartbeat, probe, and the end of the connection in use. */
function whileUsable(
  state: Of<'connected' | 'leaving' | 'moving'>,
  event: SessionEvent,
  env: SessionEnv,
): SessionStep {
  const { idleMs, timeoutMs, probeMs } = env.options.heartbeat;
  switch (event[0]) {
    case 'due_idle': {
      const left = env.answeredAt + idleMs - env.now;
      if (left > 0) return [state, ['after', left, ['due_idle']]];
      return [state, ['after', idleMs, ['due_idle']], ...probe(timeoutMs, env)];
    }
    case 'wake':
    case 'offline':
      return [state, ...probe(probeMs, env)];
    case 'due_probe': {
      const [, askedAt] = event;
      if (env.answeredAt >= askedAt) return [state];
      // It hears, but is it heard? The answer may stand behind much else on a slow line, so it gets longer, once.
      const last = askedAt + idleMs + timeoutMs;
      if (env.heardAt >= askedAt && env.now < last)
        return [state, ['after', last - env.now, ['due_probe', askedAt]]];
      const [after, ...effects] = ended(BROKEN, awaySince(env), state.effort, env);
      return [after, ['drop', 'dead'], ...effects];
    }
    case 'lost':
      return ended(event[1], awaySince(env), state.effort, env);
    default:
      return [state];
  }
}

/** One attempt, from the token on. A hanging token function is bounded by the same timer as the socket. */
function attempt(away: Away, effort: Effort, reason: TokenReason, env: SessionEnv): SessionStep {
  return [
    { status: 'connecting', phase: 'token', away, effort },
    connectTimer(env),
    ...awayTimer(away, env),
    ['token', reason],
  ];
}

function usable(mode: Mode, effort: Effort, env: SessionEnv): SessionStep {
  return [
    { status: 'connected', mode, effort: { ...effort, auth: 'usual' } },
    ['adopt', mode],
    ['after', STABLE_MS, ['due_stable']],
    ['after', env.options.heartbeat.idleMs, ['due_idle']],
    ...renewTimer(env),
  ];
}

/** The end of a connection or of an attempt: come back, come back with a fresh token, or stay away. */
function ended(end: SocketEnd, away: Away, effort: Effort, env: SessionEnv): SessionStep {
  const verdict = judge(end);
  const { tries, auth, drained = tries } = effort;
  if (verdict.kind === 'retry')
    return comeBack(away, { tries: end.code === DRAINING ? drained : tries, auth }, verdict.floorMs, env);
  if (verdict.kind === 'stop') return fail(verdict.error);
  if (auth === 'fresh') return fail(new GoConnectError('auth_failed', 'The server refused a fresh token'));
  if (tries > 0) return comeBack(away, { tries, auth: 'fresh' }, 0, env);
  const [state, ...effects] = attempt(away, { tries: 1, auth: 'fresh' }, 'rejected', env);
  return [state, DROP_NEXT, ...effects];
}

function fail(error: GoConnectError): SessionStep {
  return [{ status: 'failed', error }, DROP_NEXT];
}

function comeBack(away: Away, effort: Effort, floorMs: number, env: SessionEnv): SessionStep {
  // On top of a floor, not instead of it: everybody may have been given the same one.
  const ms = floorMs + backoffDelay(effort.tries, env.random, env.options.backoff);
  const by = floorMs > 0 ? 'server' : 'backoff';
  return [
    { status: 'waiting', until: env.now + ms, by, away, effort: { ...effort, tries: effort.tries + 1 } },
    DROP_NEXT,
    ['after', ms, ['due_retry']],
    ...awayTimer(away, env),
  ];
}

/** Connected, with the first step towards a successor `ms` away. */
function leave(how: Departure, ms: number, env: SessionEnv): SessionStep {
  return [{ status: 'leaving', until: env.now + ms, ...how }, DROP_NEXT, ['after', ms, ['due_retry']]];
}

/** Connected without v1, and more may be to be had; or it was asked for often enough, and this is what there is. */
function askForV1(effort: Effort, env: SessionEnv, floorMs = 0): SessionStep {
  if (effort.tries >= (env.greets === 'yes' ? ASKS_GREETED : ASKS))
    return [{ status: 'connected', mode: 'base', effort: NO_EFFORT }, DROP_NEXT, ...renewTimer(env)];
  return leave({ ask: 'connect', terms: 'v1_only', effort }, floorMs + env.random * STOPGAP_MS, env);
}

function tryAgain(ask: TokenReason, effort: Effort, env: SessionEnv): SessionStep {
  const { tries } = effort;
  const ms = backoffDelay(tries, env.random, env.options.backoff);
  return leave({ ask, terms: 'any', effort: { ...effort, tries: tries + 1 } }, ms, env);
}

function probe(ms: number, { now }: SessionEnv): SessionEffect[] {
  return [['ping'], ['after', ms, ['due_probe', now]]];
}

function renewTimer({ renewal }: SessionEnv): SessionEffect[] {
  return renewal ? [['after', renewal.inMs, ['due_renew', renewal.expiresAt]]] : [];
}

function greetTimer({ greets }: SessionEnv): SessionEffect[] {
  return greets === 'yes' ? [] : [['after', GREET_MS, ['due_greet']]];
}

function connectTimer({ options }: SessionEnv): SessionEffect {
  return ['after', options.connectTimeoutMs, ['due_connect']];
}

function awaySince({ now }: SessionEnv): Away {
  return { since: now, level: 'blip' };
}

/** Each state without a connection carries this clock on: the timers of the state before it are gone. */
function awayTimer({ since, level }: Away, { now }: SessionEnv): SessionEffect[] {
  if (level === 'suspended') return [];
  return [['after', Math.max(0, since + (level === 'blip' ? LOST_MS : SUSPENDED_MS) - now), ['due_away']]];
}

function fartherAway(state: Of<'connecting' | 'waiting'>, env: SessionEnv): SessionStep {
  const { since, level } = state.away;
  const away: Away = { since, level: level === 'blip' ? 'lost' : 'suspended' };
  return [{ ...state, away }, ...awayTimer(away, env)];
}
