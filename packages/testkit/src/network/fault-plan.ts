import { isObject } from '../support/is-object.js';
import {
  amount,
  anything,
  checkFields,
  closeCode,
  closeReason,
  oneOf,
  optional,
  type Rule,
  type Rules,
  text,
  wholeFrom,
  wrong,
} from '../support/rules.js';
import type { Fault, FaultKind, FaultPlan, FaultRule } from './fault.js';

const probability: Rule<number> = (value) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1';
const speed: Rule<number> = (value) =>
  typeof value === 'number' && value > 0 ? undefined : 'a number over 0';
const headers: Rule<Readonly<Record<string, string>>> = (value) =>
  isObject(value) && Object.values(value).every((one) => typeof one === 'string')
    ? undefined
    : 'an object of strings';

const FAULT_FIELDS: { readonly [K in FaultKind]: Rules } = {
  delay: { ms: amount, jitterMs: optional(amount) },
  drop: { probability, stallMs: optional(amount) },
  duplicate: { probability },
  reorder: { probability, holdMs: amount },
  truncate: { bytes: amount },
  bandwidth: { bytesPerSecond: speed },
  half_open: {},
  black_hole: {},
  reset: {},
  close: { code: closeCode('{ kind: "reset" }'), reason: optional(closeReason) },
  slow_reader: { bytesPerSecond: speed, bufferBytes: optional(amount) },
  deny_upgrade: { status: wholeFrom(100, 599), headers: optional(headers), body: optional(text) },
  bit_flip: { probability, bit: optional(wholeFrom(0, 7)) },
};

const RULE_FIELDS: Rules = {
  fault: anything,
  direction: optional(oneOf('up', 'down')),
  connection: optional(wholeFrom(1)),
  fromMs: optional(amount),
  forMs: optional(amount),
  afterFrames: optional(wholeFrom(0)),
};

/** Every kind of fault, for those who draw plans by chance. */
export const FAULT_KINDS = Object.keys(FAULT_FIELDS) as readonly FaultKind[];

/**
 * Checks a fault before it is used.
 *
 * @throws `TestkitError` with code `bad_argument`, which names the field and says what it takes
 */
export function checkFault(fault: unknown, at = 'fault'): Fault {
  const kind = isObject(fault) ? fault.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(FAULT_FIELDS, kind)) {
    throw wrong(`${at}.kind is ${JSON.stringify(kind)}.`, `Use one of ${FAULT_KINDS.join(', ')}.`);
  }
  const { kind: _, ...fields } = fault as Record<string, unknown>;
  checkFields(fields, FAULT_FIELDS[kind as FaultKind], at);
  return fault as Fault;
}

/** Checks a rule; as {@link checkFault}. */
export function checkFaultRule(rule: unknown, at = 'rule'): FaultRule {
  if (!isObject(rule))
    throw wrong(
      `${at} is not an object.`,
      'Give { fault: { kind: … }, direction?, connection?, fromMs?, forMs?, afterFrames? }.',
    );
  checkFields(rule, RULE_FIELDS, at);
  checkFault(rule.fault, `${at}.fault`);
  return rule as unknown as FaultRule;
}

/** A rule, or a fault alone, which is there at once and stays. Anything else is left for the check to refuse. */
export function ruleOf(given: Fault | FaultRule): FaultRule {
  return isObject(given) && 'kind' in given ? { fault: given } : (given as FaultRule);
}

/** Checks a whole plan; as {@link checkFault}. */
export function checkFaultPlan(plan: unknown): FaultPlan {
  if (!isObject(plan) || !Array.isArray(plan.rules))
    throw wrong('The fault plan has no list of rules.', 'Give { seed, rules: [{ fault: { kind: … } }] }.');
  checkFields(plan, { seed: anything, rules: anything }, 'plan');
  for (const [index, rule] of plan.rules.entries()) checkFaultRule(rule, `plan.rules.${index}`);
  return plan as unknown as FaultPlan;
}

/** A plan in words, one line a rule, the seed first: what a failing test prints. */
export function describeFaultPlan(plan: FaultPlan): string {
  return [`seed ${plan.seed}`, ...plan.rules.map(describeRule)].join('\n');
}

function describeRule({ fault, ...where }: FaultRule): string {
  const { kind, ...fields } = fault;
  const words = (values: object) =>
    Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [kind, ...words(fields), ...words(where)].join(' ');
}
