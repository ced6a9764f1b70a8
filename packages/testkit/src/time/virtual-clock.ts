import type { Clock } from '@goconnect/protocol';
import { TestkitError } from '../support/testkit-error.js';
import { type PendingTimer, Timeline } from './timeline.js';
import { type SleepMode, VirtualMachine } from './virtual-machine.js';

export interface VirtualClockOptions {
  /** Where the wall clock starts, milliseconds since the epoch or a date. Default: 2025-01-01T00:00:00Z. */
  readonly wall?: number | string;
  /** Named in error messages, so that a failure can be repeated. The clock itself has no chance in it. */
  readonly seed?: string | number;
  /**
   * Awaited between two timers, so that everything which needs no virtual time can happen. Default: one turn of the
   * event loop, enough for promises. A system that also does real input or output (files, hashing on threads) gives
   * a function that waits for it.
   */
  readonly rest?: () => Promise<void>;
}

export interface RunUntilOptions {
  /** Virtual milliseconds after which it gives up. Default: 60 000. */
  readonly limitMs?: number;
  /** What is waited for, for the error message. */
  readonly what?: string;
}

/**
 * A deterministic clock: time passes when the test says so.
 *
 * Pass it as `clock` to client, server and fake server alike. Timers fire in the order of their times; between two
 * of them all promise reactions run. What arrives without delay needs no advance at all.
 */
export interface VirtualClock extends Clock {
  /**
   * Lets `ms` pass and fires what falls due. Rejects with whatever a timer's callback throws.
   *
   * @throws `TestkitError` with code `endless_timers` when 100,000 timers fire at one instant: one sets itself again
   */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until `goal` holds or its promise settles; the virtual time is then that of the event which
   * decided it.
   *
   * @returns the promise's value; for a predicate, nothing
   * @throws `TestkitError` with code `deadline` when `limitMs` passed first
   */
  runUntil<T>(goal: PromiseLike<T>, options?: RunUntilOptions): Promise<T>;
  runUntil(goal: () => boolean, options?: RunUntilOptions): Promise<void>;
  /** Timers that wait, the next one first. */
  pending(): readonly PendingTimer[];
  /** Moves the wall clock only, by `ms`, as NTP or a user does. */
  step(ms: number): void;
  /** Lets the wall clock run at `rate` times the speed of time, 0 or more. */
  skew(rate: number): void;
  /**
   * The machine sleeps for `ms`: its timers are late, its wall clock has jumped when it wakes. Of two sleeps that overlap
   * the longer counts.
   *
   * @param mode `stops` (default, Linux and macOS): timers wait on for what was left; `runs`: overdue ones fire at wake-up
   */
  sleep(ms: number, mode?: SleepMode): Promise<void>;
  /** Another computer on the same time line, with a wall clock and a sleep of its own. */
  machine(options?: { readonly wall?: number | string }): VirtualMachine;
  /** Runs `task` in a turn of its own; no time passes and nobody needs to advance. */
  post(task: () => void): void;
  /** Ends the clock: nothing fires any more. Returns the timers that were left, which a clean test has none of. */
  close(): readonly PendingTimer[];
}

const NEW_YEAR = Date.UTC(2025, 0, 1);

/** Makes a {@link VirtualClock}. */
export function createVirtualClock(options: VirtualClockOptions = {}): VirtualClock {
  const timeline = new Timeline(options.rest);
  const wall = readWall(options.wall);
  const machine = new VirtualMachine(timeline, wall);
  const seed = options.seed === undefined ? '' : ` (seed ${options.seed})`;

  const drive = async (ms: number, goal: () => boolean): Promise<boolean> => {
    assertOpen(timeline);
    return timeline.drive(timeline.time + duration(ms), goal);
  };

  async function runUntil(
    goal: PromiseLike<unknown> | (() => boolean),
    given: RunUntilOptions = {},
  ): Promise<unknown> {
    const { limitMs = 60_000, what = 'what was waited for' } = given;
    const watched = typeof goal === 'function' ? undefined : watch(goal);
    const reached = await drive(limitMs, watched ? () => watched.settled : (goal as () => boolean));
    // A promise may have settled on real input or output, which no virtual time is needed for.
    if (reached) return watched?.promise;
    const next = timeline.pending()[0];
    throw new TestkitError(
      'deadline',
      `${what} did not happen within ${limitMs} ms of virtual time${seed}; ${next ? `the next timer fires in ${next.inMs} ms` : 'no timer is left'}.`,
      'Raise limitMs, or find out who should have caused it.',
    );
  }

  return {
    now: () => machine.now(),
    monotonic: () => machine.monotonic(),
    setTimeout: (callback, delayMs) => machine.setTimeout(callback, delayMs),
    clearTimeout: (handle) => machine.clearTimeout(handle),
    post: (task) => machine.post(task),
    step: (ms) => machine.step(ms),
    skew: (rate) => machine.skew(rate),
    pending: () => timeline.pending(),
    machine: (of = {}) =>
      new VirtualMachine(timeline, of.wall === undefined ? machine.now() : readWall(of.wall)),
    close: () => timeline.close(),
    runUntil: runUntil as VirtualClock['runUntil'],
    async advance(ms) {
      await drive(ms, () => false);
    },
    async sleep(ms, mode) {
      assertOpen(timeline);
      machine.suspend(duration(ms), mode);
      await drive(ms, () => false);
    },
  };
}

/** True for a clock whose time passes only when told. */
export function isVirtualClock(clock: Clock): clock is VirtualClock {
  return 'runUntil' in clock && 'post' in clock;
}

function watch<T>(goal: PromiseLike<T>): { settled: boolean; readonly promise: PromiseLike<T> } {
  const watched = { settled: false, promise: goal };
  const settle = () => {
    watched.settled = true;
  };
  goal.then(settle, settle);
  return watched;
}

function assertOpen(timeline: Timeline): void {
  if (timeline.open) return;
  throw new TestkitError(
    'clock_closed',
    'This virtual clock was closed, so its time cannot pass any more.',
    'Close it last, after the clients and servers that use it, and make a new one with createVirtualClock() for each test.',
  );
}

function duration(ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new TestkitError(
    'bad_argument',
    `${ms} is no duration.`,
    'Give milliseconds, 0 or more; to move the wall clock back use step().',
  );
}

function readWall(wall: number | string = NEW_YEAR): number {
  const time = typeof wall === 'string' ? Date.parse(wall) : wall;
  if (Number.isFinite(time)) return time;
  throw new TestkitError(
    'bad_argument',
    `${wall} is no time.`,
    'Give milliseconds since the epoch or a date like 2025-01-01T00:00:00Z.',
  );
}
