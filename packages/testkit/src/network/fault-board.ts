import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { Direction, Fault, FaultPlan, FaultRule } from './fault.js';
import { checkFaultPlan, checkFaultRule } from './fault-plan.js';
import { faultsAt, type Place, type ScheduledRule, schedule, strikesByTime } from './fault-schedule.js';

export interface FaultBoardEvents {
  /** A momentary fault strikes a connection, or every one. */
  readonly strike: (fault: Fault, connection: number | undefined) => void;
  /** A fault ended: what it held may go on. */
  readonly changed: () => void;
}

/** The faults of a network and their timers. One board serves the network in memory and the proxy over TCP. */
export class FaultBoard {
  readonly #clock: Clock;
  readonly #events: FaultBoardEvents;
  readonly #timers = new Map<ScheduledRule, TimerHandle[]>();
  #seed: string | number;
  #rules: readonly ScheduledRule[] = [];

  constructor(clock: Clock, seed: string | number, events: FaultBoardEvents) {
    this.#clock = clock;
    this.#seed = seed;
    this.#events = events;
  }

  get plan(): FaultPlan {
    return { seed: this.#seed, rules: this.#rules.map(({ rule }) => rule) };
  }

  /** Faults that hold at a place. */
  at(place: Place): readonly Fault[] {
    return this.#rules.length === 0 ? [] : faultsAt(this.#rules, place);
  }

  /** The fault that strikes a connection when its so-many-th data frame has arrived. */
  strikeAfter(connection: number, direction: Direction, frames: number): Fault | undefined {
    const now = this.#clock.monotonic();
    const due = this.#rules.filter(
      (scheduled) =>
        scheduled.rule.afterFrames === frames &&
        faultsAt([scheduled], { connection, direction, frames, now }).length > 0,
    );
    return due.map(({ rule }) => rule.fault).find(({ kind }) => kind === 'reset' || kind === 'close');
  }

  add(given: FaultRule): { readonly rule: FaultRule; readonly end: () => void } {
    const rule = checkFaultRule(given);
    const scheduled = schedule(rule, this.#clock.monotonic());
    this.#rules = [...this.#rules, scheduled];
    this.#arm(scheduled);
    return {
      rule,
      end: () => {
        this.#disarm(scheduled);
        this.#rules = this.#rules.filter((one) => one !== scheduled);
        this.#events.changed();
      },
    };
  }

  replace(given: FaultPlan): void {
    const plan = checkFaultPlan(given);
    for (const scheduled of this.#rules) this.#disarm(scheduled);
    this.#seed = plan.seed;
    this.#rules = [];
    for (const rule of plan.rules) this.add(rule);
    this.#events.changed();
  }

  close(): void {
    for (const scheduled of this.#rules) this.#disarm(scheduled);
    this.#rules = [];
  }

  #arm(scheduled: ScheduledRule): void {
    const { rule, from, until } = scheduled;
    const now = this.#clock.monotonic();
    const strike = () => this.#events.strike(rule.fault, rule.connection);
    if (strikesByTime(scheduled) && from <= now) strike();
    else if (strikesByTime(scheduled)) this.#later(scheduled, strike, from - now);
    if (Number.isFinite(until)) this.#later(scheduled, () => this.#events.changed(), until - now);
  }

  #later(scheduled: ScheduledRule, task: () => void, ms: number): void {
    const timers = this.#timers.get(scheduled) ?? [];
    timers.push(this.#clock.setTimeout(task, ms));
    this.#timers.set(scheduled, timers);
  }

  #disarm(scheduled: ScheduledRule): void {
    for (const timer of this.#timers.get(scheduled) ?? []) this.#clock.clearTimeout(timer);
    this.#timers.delete(scheduled);
  }
}
