import { isRequestType } from '@goconnect/protocol/validators';
import type { FakeNetworkInfo, FakeUser } from '../fake-server/entities.js';
import { ROLES } from '../fake-server/entities.js';
import type { ContractSettings } from '../fake-server/handler.js';
import type { ScriptAction, ScriptRule } from '../fake-server/script.js';
import type { FaultPlan } from '../network/fault.js';
import { checkFaultPlan } from '../network/fault-plan.js';
import { isObject } from '../support/is-object.js';
import { TestkitError } from '../support/testkit-error.js';

/** What `goconnect-testkit serve --scenario file.json` reads. Everything may be left out. */
export interface Scenario {
  readonly seed?: string | number;
  /** False: only the published contract. */
  readonly v1?: boolean;
  readonly users?: readonly FakeUser[];
  readonly networks?: readonly FakeNetworkInfo[];
  readonly settings?: Partial<ContractSettings>;
  readonly script?: readonly ScriptRule[];
  readonly faults?: FaultPlan;
}

const ACTIONS: { readonly [K in ScriptAction['kind']]: readonly string[] } = {
  reply: ['data'],
  error: ['code', 'message', 'details'],
  never: ['effect'],
  delay: ['ms'],
  twice: [],
  op_id: ['opId'],
  disconnect: ['effect'],
  close: ['code', 'reason'],
  raw: ['text'],
};

const SETTINGS: readonly (keyof ContractSettings)[] = [
  'tokenTtl',
  'editWindowMs',
  'presenceGraceMs',
  'messagesPerMinute',
  'networkMessagesPerMinute',
  'maxMessageBytes',
  'maxConnectionsPerUser',
  'pingPeriodMs',
  'pongWaitMs',
  'resumeWindowMs',
  'maxEventsPerRoom',
  'dedupeWindowMs',
];

/**
 * Checks a scenario before anything starts.
 *
 * @throws `TestkitError` with code `scenario_invalid`, which names the place and says what it takes
 */
export function checkScenario(value: unknown): Scenario {
  const scenario = fields(value, 'scenario', [
    'seed',
    'v1',
    'users',
    'networks',
    'settings',
    'script',
    'faults',
  ]);
  for (const [index, user] of list(scenario.users, 'users').entries())
    named(fields(user, `users.${index}`, ['id', 'tenantId', 'isAdmin', 'isModerator']), `users.${index}`);
  for (const [index, network] of list(scenario.networks, 'networks').entries())
    checkNetwork(network, `networks.${index}`);
  const settings = scenario.settings === undefined ? {} : fields(scenario.settings, 'settings', SETTINGS);
  for (const [name, amount] of Object.entries(settings)) {
    if (typeof amount !== 'number' || amount < 0)
      throw wrong(`settings.${name} is ${JSON.stringify(amount)}.`, 'Give a number, 0 or more.');
  }
  for (const [index, rule] of list(scenario.script, 'script').entries())
    checkScriptRule(rule, `script.${index}`);
  if (scenario.faults !== undefined) checkFaultPlan(scenario.faults);
  return scenario as unknown as Scenario;
}

/** Checks one rule of a script; as {@link checkScenario}. */
export function checkScriptRule(value: unknown, at = 'rule'): ScriptRule {
  const rule = fields(value, at, ['on', 'where', 'after', 'times', 'do']);
  if (rule.on !== '*' && (typeof rule.on !== 'string' || !isRequestType(rule.on))) {
    throw wrong(
      `${at}.on is ${JSON.stringify(rule.on)}.`,
      'Give a request of the contract, such as chat.send, or *.',
    );
  }
  const kind = isObject(rule.do) ? rule.do.kind : undefined;
  if (typeof kind !== 'string' || !Object.hasOwn(ACTIONS, kind)) {
    throw wrong(
      `${at}.do.kind is ${JSON.stringify(kind)}.`,
      `Use one of ${Object.keys(ACTIONS).join(', ')}.`,
    );
  }
  fields(rule.do, `${at}.do`, ['kind', ...ACTIONS[kind as ScriptAction['kind']]]);
  return rule as unknown as ScriptRule;
}

function checkNetwork(value: unknown, at: string): void {
  const network = fields(value, at, ['id', 'tenantId', 'visibility', 'members']);
  named(network, at);
  for (const [user, role] of Object.entries(
    network.members === undefined ? {} : fields(network.members, `${at}.members`),
  )) {
    if (!ROLES.includes(role as never))
      throw wrong(`${at}.members.${user} is ${JSON.stringify(role)}.`, `Give one of ${ROLES.join(', ')}.`);
  }
}

function fields(value: unknown, at: string, known?: readonly string[]): Readonly<Record<string, unknown>> {
  if (!isObject(value))
    throw wrong(
      `${at} is not an object.`,
      known ? `Give an object with ${known.join(', ')}.` : 'Give an object.',
    );
  const unknown = Object.keys(value).find((key) => known && !known.includes(key));
  if (unknown === undefined || known === undefined) return value;
  throw wrong(
    `${at} has an unknown key ${JSON.stringify(unknown)}.`,
    known.length > 0 ? `It takes ${known.join(', ')}.` : 'It takes none.',
  );
}

function list(value: unknown, at: string): readonly unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  throw wrong(`${at} is not a list.`, 'Give a list, even of one.');
}

function named(value: Readonly<Record<string, unknown>>, at: string): void {
  if (typeof value.id !== 'string' || value.id === '')
    throw wrong(`${at}.id is ${JSON.stringify(value.id)}.`, 'Give a name.');
}

function wrong(what: string, remedy: string): TestkitError {
  return new TestkitError('scenario_invalid', what, remedy);
}
