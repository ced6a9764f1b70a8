import type { Direction, Fault, FaultRule } from './fault.js';
import { MOMENTARY } from './fault.js';

/** A rule in force: its times are now those of the clock. */
export interface ScheduledRule {
  readonly rule: FaultRule;
  readonly from: number;
  readonly until: number;
}

export function schedule(rule: FaultRule, now: number): ScheduledRule {
  const from = now + (rule.fromMs ?? 0);
  return { rule, from, until: from + (rule.forMs ?? Number.POSITIVE_INFINITY) };
}

/** What one asks about: a direction of a connection at a time, and how many data frames it carried before. */
export interface Place {
  readonly connection: number;
  readonly direction: Direction;
  readonly frames: number;
  readonly now: number;
}

/** Faults that hold at a place, in the order of the rules. */
export function faultsAt(rules: readonly ScheduledRule[], place: Place): readonly Fault[] {
  return rules.filter((scheduled) => holds(scheduled, place)).map(({ rule }) => rule.fault);
}

function holds({ rule, from, until }: ScheduledRule, { connection, direction, frames, now }: Place): boolean {
  return (
    now >= from &&
    now < until &&
    (rule.connection ?? connection) === connection &&
    (rule.direction ?? direction) === direction &&
    frames >= (rule.afterFrames ?? 0)
  );
}

/** True for a rule that strikes a connection when its time comes, not when a frame passes. */
export function strikesByTime({ rule }: ScheduledRule): boolean {
  return MOMENTARY.has(rule.fault.kind) && rule.fault.kind !== 'truncate' && rule.afterFrames === undefined;
}

/** The fault that answers a handshake now: it goes up and its answer down, so a rule for either direction holds. */
export function denialOf(
  faults: (direction: Direction, frames: number) => readonly Fault[],
): (Fault & { readonly kind: 'deny_upgrade' }) | undefined {
  return [...faults('up', 0), ...faults('down', 0)].find((fault) => fault.kind === 'deny_upgrade');
}
