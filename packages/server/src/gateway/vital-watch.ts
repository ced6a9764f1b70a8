import type { Clock, Random, TimerHandle } from '@goconnect/protocol';
import { dueActs, nextLook, pingDelay, type VitalAct, type Vitals, type VitalTimes } from './vitals.js';

export interface VitalWatchDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly settings: VitalTimes;
}

/** Keeps the vitals of one connection, and the one timer that looks at them. */
export class VitalWatch {
  readonly #deps: VitalWatchDeps;
  /** False while nothing is read from the client, so that it cannot show that it lives. */
  readonly #isHeard: () => boolean;
  readonly #onDue: (act: VitalAct) => void;
  #lastLife: number;
  #nextPing: number;
  #expires: number;
  #writingSince: number | undefined;
  #timer: TimerHandle;

  constructor(
    deps: VitalWatchDeps,
    expiresInMs: number,
    isHeard: () => boolean,
    onDue: (act: VitalAct) => void,
  ) {
    const now = deps.clock.monotonic();
    this.#deps = deps;
    this.#isHeard = isHeard;
    this.#onDue = onDue;
    this.#lastLife = now;
    this.#nextPing = now + this.#pingDelay();
    this.#expires = now + expiresInMs;
    this.#watch();
  }

  get lastLife(): number {
    return this.#lastLife;
  }

  /** Milliseconds that the access token still lives. */
  get expiresInMs(): number {
    return Math.max(0, this.#expires - this.#deps.clock.monotonic());
  }

  alive(): void {
    this.#lastLife = this.#deps.clock.monotonic();
  }

  writing(): void {
    this.#writingSince = this.#deps.clock.monotonic();
  }

  written(): void {
    this.#writingSince = undefined;
  }

  renew(expiresInMs: number): void {
    this.#expires = this.#deps.clock.monotonic() + expiresInMs;
    this.#watch();
  }

  /** One that is being closed waits for nothing but its end, and for that so long. */
  closing(waitMs: number, over: () => void): void {
    this.#wake(waitMs, over);
  }

  stop(): void {
    this.#deps.clock.clearTimeout(this.#timer);
  }

  /** Sleeps until the first moment at which something can be due. */
  #watch(): void {
    const { clock, settings } = this.#deps;
    const now = clock.monotonic();
    this.#wake(Math.max(0, nextLook(this.#vitals(), settings, now) - now), () => this.#look());
  }

  #look(): void {
    const { clock, settings } = this.#deps;
    if (!this.#isHeard()) this.alive();
    const acts = dueActs(this.#vitals(), settings, clock.monotonic());
    if (acts.includes('ping')) this.#nextPing = clock.monotonic() + this.#pingDelay();
    // First, so that an act that ends the connection ends this timer too.
    this.#watch();
    for (const act of acts) this.#onDue(act);
  }

  #vitals(): Vitals {
    return {
      lastLife: this.#lastLife,
      nextPing: this.#nextPing,
      writingSince: this.#writingSince,
      expires: this.#expires,
    };
  }

  #pingDelay(): number {
    return pingDelay(this.#deps.settings.pingPeriodMs, this.#deps.random());
  }

  #wake(delayMs: number, callback: () => void): void {
    this.#deps.clock.clearTimeout(this.#timer);
    this.#timer = this.#deps.clock.setTimeout(callback, delayMs);
  }
}
