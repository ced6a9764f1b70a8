import { crossCheck } from './cross-checks.js';
import { DEFAULTS, type Default } from './defaults.js';
import type { Settings } from './settings.js';
import { type SettingFault, SettingsError } from './settings-error.js';
import { shownValue } from './shown-value.js';
import { VARIABLES, type Variable } from './variables.js';

/** Variables by name, as in `process.env`. An empty value is as if it were not there. */
export type Environment = { readonly [variable: string]: string | undefined };

/**
 * Reads every setting. Pure: looks at nothing but `env`.
 *
 * @throws SettingsError that names every wrong variable, its value (never a secret) and what is accepted
 */
export function readSettings(env: Environment): Settings {
  const faults: SettingFault[] = [];
  // Development mode comes first, because some defaults hang on it.
  const dev = readOne('dev', VARIABLES.dev, env, false, faults) === true;
  const found = Object.entries(VARIABLES).map(([field, variable]) => [
    field,
    field === 'dev' ? dev : readOne(field as keyof Settings, variable, env, dev, faults),
  ]);
  // Each value came out of the kind that stands in its field's row.
  const settings = Object.fromEntries(
    found.filter(([, value]) => value !== undefined),
  ) as unknown as Settings;
  const wrong = new Set(faults.map((fault) => fault.variable));
  faults.push(...crossCheck(settings).filter((fault) => !wrong.has(fault.variable)));
  if (faults.length > 0) throw new SettingsError(faults);
  return settings;
}

function readOne(
  field: keyof Settings,
  variable: Pick<Variable<unknown>, 'name' | 'kind' | 'secret'>,
  env: Environment,
  dev: boolean,
  faults: SettingFault[],
): unknown {
  const given = env[variable.name];
  if (given === undefined || given === '') {
    const fallback = defaultText(field, dev);
    return fallback === undefined ? undefined : variable.kind.parse(fallback);
  }
  const value = variable.kind.parse(given);
  if (value === undefined) {
    faults.push({
      variable: variable.name,
      value: shownValue(variable, given),
      accepted: `accepted is ${variable.kind.accepts}`,
    });
  }
  return value;
}

function defaultText(field: keyof Settings, dev: boolean): string | undefined {
  const table: { readonly [field: string]: Default | undefined } = DEFAULTS;
  const found = table[field];
  return typeof found === 'object' ? found[dev ? 'dev' : 'otherwise'] : found;
}
