import type { Clock } from '@goconnect/protocol/validators';
import { GoConnectError } from '../support/goconnect-error.js';
import { isStale, type TokenPair, tokenLife } from './token-life.js';

/**
 * Why a token is asked for: `connect` (the first), `expired` (the one in hand is too old to dial with), `expiring`
 * (the connection's is about to run out), `rejected` (the server refused it), `retry` (several attempts failed and
 * this platform cannot say why).
 */
export type TokenReason = 'connect' | 'expired' | 'expiring' | 'rejected' | 'retry';

/** A token, or how to get one. Throw a `GoConnectError` with code `auth_failed` when the user must sign in again. */
export type TokenSource =
  | string
  | ((request: {
      readonly reason: TokenReason;
      /** Aborts when nobody waits for the answer any more: the attempt took too long, or the client closed. */
      readonly signal: AbortSignal;
    }) => string | TokenPair | Promise<string | TokenPair>);

/** Holds the tokens. They leave only through `dial` and `auth.refresh`. */
export interface TokenKeeper {
  /** A token fit to dial with. One call of the application's function at a time, until `signal` gives it up. */
  get(reason: TokenReason, signal: AbortSignal): Promise<string>;
  /** Takes in a renewed pair; its life starts now. */
  adopt(pair: TokenPair): void;
  /** The server's word on the remaining life beats ours. */
  noteLife(lifeMs: number): void;
  readonly refreshToken: string | undefined;
  /** True when a new token can be had by asking. */
  readonly askable: boolean;
  /** Monotonic ms at which the token runs out; undefined when unknown. */
  readonly expiresAt: number | undefined;
  forgetRefreshToken(): void;
  /** The next dial asks anew, and no answer to what was asked before counts. */
  forget(): void;
}

interface Held {
  readonly pair: TokenPair;
  readonly receivedAt: number;
  readonly lifeMs: number | undefined;
}

export function createTokenKeeper(source: TokenSource, clock: Clock): TokenKeeper {
  let held: Held | undefined;
  /** Grows whenever something else is in force: an answer that was asked for before comes too late. */
  let generation = 0;
  let asking: { readonly signal: AbortSignal; readonly answer: Promise<string> } | undefined;

  const adopt = (pair: TokenPair): void => {
    generation++;
    held = { pair, receivedAt: clock.monotonic(), lifeMs: tokenLife(pair) };
  };
  const ask = async (reason: TokenReason, signal: AbortSignal): Promise<string> => {
    const before = held?.pair.accessToken;
    const mine = generation;
    const given = typeof source === 'string' ? source : await source({ reason, signal });
    const pair = typeof given === 'string' ? { accessToken: given } : given;
    if (!pair?.accessToken) throw new GoConnectError('auth_failed', 'token() gave no token');
    if (mine !== generation) return pair.accessToken;
    const again = pair.accessToken === before;
    // Not a fresh one, but the server may well take it: it is the judge until the end.
    const over = held?.lifeMs !== undefined && clock.monotonic() >= held.receivedAt + held.lifeMs;
    if (again && (reason === 'rejected' || (reason === 'expired' && over))) {
      throw new GoConnectError('auth_failed', `The token is ${reason} and there is no other`);
    }
    // The life of a token that is given again does not start again.
    if (!again || !held) adopt(pair);
    return pair.accessToken;
  };

  return {
    async get(reason, signal) {
      const stale = held?.lifeMs !== undefined && isStale(held.receivedAt, held.lifeMs, clock.monotonic());
      const why = held && reason === 'connect' && stale ? 'expired' : held ? reason : 'connect';
      // A token of unknown life is asked for at each dial.
      if (held?.lifeMs !== undefined && why === 'connect') return held.pair.accessToken;
      if (!asking || asking.signal.aborted) {
        const answer = ask(why, signal).finally(() => {
          if (asking?.answer === answer) asking = undefined;
        });
        asking = { signal, answer };
      }
      return asking.answer;
    },
    adopt,
    noteLife(lifeMs) {
      if (held) held = { ...held, lifeMs, receivedAt: clock.monotonic() };
    },
    get refreshToken() {
      return held?.pair.refreshToken;
    },
    askable: typeof source !== 'string',
    get expiresAt() {
      return held?.lifeMs === undefined ? undefined : held.receivedAt + held.lifeMs;
    },
    forgetRefreshToken() {
      if (held) held = { ...held, pair: { accessToken: held.pair.accessToken } };
    },
    forget() {
      generation++;
      held = undefined;
    },
  };
}
