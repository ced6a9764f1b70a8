import { checkScriptRule, type ScriptRule } from '../fake-server/script-rule.js';
import { type CommonOptions, checkWorld, WORLD } from '../fake-server/server-options.js';
import type { FaultPlan } from '../network/fault.js';
import { checkFaultPlan } from '../network/fault-plan.js';
import { checkFields, list, optional, record } from '../support/rules.js';
import { TestkitError } from '../support/testkit-error.js';

/** What `goconnect-testkit serve --scenario file.json` reads. Everything may be left out. */
export interface Scenario extends Pick<CommonOptions, 'seed' | 'v1' | 'users' | 'networks' | 'settings'> {
  readonly script?: readonly ScriptRule[];
  readonly faults?: FaultPlan;
}

const FIELDS = { ...WORLD, script: optional(list), faults: optional(record) };

/**
 * Checks a scenario before anything starts.
 *
 * @throws `TestkitError` with code `scenario_invalid`, which names the place and says what it takes
 */
export function checkScenario(value: unknown): Scenario {
  try {
    checkFields(value, FIELDS, 'scenario');
    const scenario = value as Scenario;
    checkWorld(scenario);
    for (const [index, rule] of (scenario.script ?? []).entries()) checkScriptRule(rule, `script.${index}`);
    if (scenario.faults !== undefined) checkFaultPlan(scenario.faults);
    return scenario;
  } catch (cause) {
    if (!(cause instanceof TestkitError)) throw cause;
    throw new TestkitError('scenario_invalid', cause.what, cause.remedy, { cause });
  }
}
