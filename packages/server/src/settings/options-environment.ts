import type { Environment } from './read-settings.js';
import type { Settings } from './settings.js';
import { SettingsError } from './settings-error.js';
import { VARIABLES } from './variables.js';

/**
 * Settings as a program gives them: by field, with a value of its type (`wsPingPeriodMs: 54_000`) or the text an
 * operator would write (`wsPingPeriodMs: '54s'`). `env` holds variables by name; a field wins over its variable.
 */
export type SettingsOptions = { readonly [K in keyof Settings]?: Settings[K] | string | undefined } & {
  /** Variables by name, such as `process.env`. Default: none, a library reads no environment of its own accord. */
  readonly env?: Environment;
};

/** Options -> the environment that says the same, so that both are checked by the same rules. */
export function optionsEnvironment({ env = {}, ...fields }: SettingsOptions): Environment {
  const result: Record<string, string | undefined> = { ...env };
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(VARIABLES, field)) {
      throw new SettingsError([{ variable: field.slice(0, 80), accepted: 'no such option' }]);
    }
    const { name, kind } = VARIABLES[field as keyof Settings];
    // The value is of the field's type by `SettingsOptions`; what a caller without types gives is refused when read.
    result[name] =
      typeof value === 'string' ? value : safeFormat(kind.format as (value: unknown) => string, value);
  }
  return result;
}

function safeFormat(format: (value: unknown) => string, value: unknown): string {
  try {
    return format(value);
  } catch {
    return String(value);
  }
}
