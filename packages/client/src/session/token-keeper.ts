import type { Clock } from '@goconnect/protocol/validators';
import { GoConnectError } from '../support/goconnect-error.js';
import { lifeFrom, type TokenLife, type TokenPair, tokenLife } from './token-life.js';

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

/** What every way of carrying a token can carry, and a server can read. */
const CARRIED = /^[!-~]+$/;

/** Holds the tokens. They leave only through `dial` and `auth.refresh`. */
export class TokenKeeper {
  readonly #source: TokenSource;
  readonly #clock: Clock;
  #pair: TokenPair | undefined;
  /** Of the access token; undefined when unknown. */
  #life: TokenLife | undefined;
  /** Grows whenever something else is in force: an answer that was asked for before comes too late. */
  #generation = 0;
  #asking: { readonly signal: AbortSignal; readonly answer: Promise<string> } | undefined;

  constructor(source: TokenSource, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** A token fit to dial with. One call of the application's function at a time, until `signal` gives it up. */
  async get(reason: TokenReason, signal: AbortSignal): Promise<string> {
    const stale = this.#life !== undefined && this.#clock.monotonic() >= this.#life.staleAt;
    const why = !this.#pair ? 'connect' : reason === 'connect' && stale ? 'expired' : reason;
    // A token of unknown life is asked for at each dial.
    if (this.#pair && this.#life && why === 'connect') return this.#pair.accessToken;
    if (!this.#asking || this.#asking.signal.aborted) {
      const answer = this.#ask(why, signal).finally(() => {
        if (this.#asking?.answer === answer) this.#asking = undefined;
      });
      this.#asking = { signal, answer };
    }
    return this.#asking.answer;
  }

  /** Takes in a renewed pair; its life starts now. */
  adopt(pair: TokenPair): void {
    this.#generation++;
    this.#pair = pair;
    this.#life = lifeFrom(this.#clock.monotonic(), tokenLife(pair));
  }

  /** The server's word on the remaining life beats ours. */
  noteLife(lifeMs: number): void {
    if (this.#pair) this.#life = lifeFrom(this.#clock.monotonic(), lifeMs);
  }

  get refreshToken(): string | undefined {
    return this.#pair?.refreshToken;
  }

  /** True when a new token can be had by asking. */
  get askable(): boolean {
    return typeof this.#source !== 'string';
  }

  /** Monotonic ms at which the token runs out; undefined when unknown. */
  get expiresAt(): number | undefined {
    return this.#life?.expiresAt;
  }

  forgetRefreshToken(): void {
    if (this.#pair) this.#pair = { accessToken: this.#pair.accessToken };
  }

  /** The next dial asks anew, and no answer to what was asked before counts. */
  forget(): void {
    this.#generation++;
    this.#pair = undefined;
    this.#life = undefined;
  }

  async #ask(reason: TokenReason, signal: AbortSignal): Promise<string> {
    const source = this.#source;
    const before = this.#pair?.accessToken;
    const mine = this.#generation;
    const given = typeof source === 'string' ? source : await source({ reason, signal });
    const pair = typeof given === 'string' ? { accessToken: given } : given;
    if (!CARRIED.test(pair?.accessToken ?? ''))
      throw new GoConnectError('auth_failed', 'The token should be visible ASCII, and not empty');
    if (mine !== this.#generation) return pair.accessToken;
    // The life of a token that is given again does not start again.
    if (pair.accessToken !== before) this.adopt(pair);
    // Not a fresh one, but the server may well take it: it is the judge until the end.
    else if (
      reason === 'rejected' ||
      (reason === 'expired' && this.#life && this.#clock.monotonic() >= this.#life.expiresAt)
    )
      throw new GoConnectError('auth_failed', `The token is ${reason} and there is no other`);
    return pair.accessToken;
  }
}
