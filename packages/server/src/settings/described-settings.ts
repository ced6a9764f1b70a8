import { DEFAULTS, type Default } from './defaults.js';
import type { Settings } from './settings.js';
import { shownValue } from './shown-value.js';
import { VARIABLES } from './variables.js';

/** A row of the table of settings, as `--help` and the README show it. */
export interface SettingRow {
  readonly variable: string;
  readonly default: string;
  readonly about: string;
  readonly accepts: string;
}

/** The table of settings, in the order of `VARIABLES`. */
export function settingRows(): readonly SettingRow[] {
  const defaults: { readonly [field: string]: Default | undefined } = DEFAULTS;
  return Object.entries(VARIABLES).map(([field, { name, about, kind }]) => ({
    variable: name,
    default: defaultWords(defaults[field]),
    about,
    accepts: kind.accepts,
  }));
}

/** Settings as variables, one a line, secrets left out: what the server would run with. */
export function printableSettings(settings: Settings): string {
  const lines = Object.entries(VARIABLES).map(([field, variable]) => {
    const value = settings[field as keyof Settings];
    if (value === undefined) return `# ${variable.name} is not set`;
    // The value is of the kind that stands in its field's row.
    const written = (variable.kind.format as (value: unknown) => string)(value);
    return variable.secret === 'all'
      ? `# ${variable.name} is set ${shownValue(variable, written)}`
      : `${variable.name}=${shownValue(variable, written)}`;
  });
  return `${lines.join('\n')}\n`;
}

function defaultWords(value: Default | undefined): string {
  if (value === undefined) return 'not set';
  if (typeof value === 'string') return value;
  return `${value.otherwise || 'none'}; in development mode ${value.dev}`;
}
