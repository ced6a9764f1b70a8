import { TestkitError } from '../support/testkit-error.js';
import type { Fault, FaultKind, FaultPlan, FaultRule } from './fault.js';

type FieldRule = { readonly [field: string]: (value: unknown) => string | undefined };

const amount = (value: unknown) =>
  typeof value === 'number' && value >= 0 && Number.isFinite(value) ? undefined : 'a number, 0 or more';
const probability = (value: unknown) =>
  typeof value === 'number' && value >= 0 && value <= 1 ? undefined : 'a number from 0 to 1';
const speed = (value: unknown) => (typeof value === 'number' && value > 0 ? undefined : 'a number over 0');
const text = (value: unknown) => (typeof value === 'string' ? undefined : 'a string');
const texts = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.values(value).every((one) => typeof one === 'string')
    ? undefined
    : 'an object of strings';
const wholeFrom = (min: number, max: number) => (value: unknown) =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? undefined
    : `a whole number of ${min}-${max}`;
const optional = (rule: (value: unknown) => string | undefined) => (value: unknown) =>
  value === undefined ? undefined : rule(value);

const FAULT_FIELDS: { readonly [K in FaultKind]: FieldRule } = {
  delay: { ms: amount, jitterMs: optional(amount) },
  drop: { probability, stallMs: optional(amount) },
  duplicate: { probability },
  reorder: { probability, holdMs: amount },
  truncate: { bytes: amount },
  bandwidth: { bytesPerSecond: speed },
  half_open: {},
  black_hole: {},
  reset: {},
  close: { code: wholeFrom(1000, 4999), reason: optional(text) },
  slow_reader: { bytesPerSecond: speed, bufferBytes: optional(amount) },
  deny_upgrade: { status: wholeFrom(100, 599), headers: optional(texts), body: optional(text) },
  bit_flip: { probability, bit: optional(wholeFrom(0, 7)) },
};

const RULE_FIELDS: FieldRule = {
  fault: () => undefined,
  direction: optional((value) => (value === 'up' || value === 'down' ? undefined : '"up" or "down"')),
  connection: optional(wholeFrom(1, Number.MAX_SAFE_INTEGER)),
  fromMs: optional(amount),
  forMs: optional(amount),
  afterFrames: optional(wholeFrom(0, Number.MAX_SAFE_INTEGER)),
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

/** Checks a whole plan; as {@link checkFault}. */
export function checkFaultPlan(plan: unknown): FaultPlan {
  if (!isObject(plan) || !Array.isArray(plan.rules))
    throw wrong('The fault plan has no list of rules.', 'Give { seed, rules: [{ fault: { kind: … } }] }.');
  checkFields(plan, { seed: () => undefined, rules: () => undefined }, 'plan');
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

function checkFields(values: Readonly<Record<string, unknown>>, rules: FieldRule, at: string): void {
  for (const field of Object.keys(values)) {
    if (Object.hasOwn(rules, field)) continue;
    const known = Object.keys(rules);
    throw wrong(
      `${at} has an unknown field ${JSON.stringify(field)}.`,
      known.length > 0 ? `It takes ${known.join(', ')}.` : 'It takes none.',
    );
  }
  for (const [field, rule] of Object.entries(rules)) {
    const expected = rule(values[field]);
    if (expected !== undefined)
      throw wrong(`${at}.${field} is ${JSON.stringify(values[field])}.`, `Give ${expected}.`);
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wrong(what: string, remedy: string): TestkitError {
  return new TestkitError('bad_argument', what, remedy);
}
