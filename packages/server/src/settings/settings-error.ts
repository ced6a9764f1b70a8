/** One wrong setting. `value` is what was found, already without secrets. */
export interface SettingFault {
  readonly variable: string;
  readonly value?: string;
  readonly accepted: string;
}

/** Settings that the server cannot start with; the message names every one of them. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly faults: readonly SettingFault[]) {
    super(
      `goconnect-server cannot start, ${faults.length === 1 ? 'a setting is' : `${faults.length} settings are`} wrong:\n${faults.map(line).join('\n')}`,
    );
  }
}

function line({ variable, value, accepted }: SettingFault): string {
  return `  ${variable}${value === undefined ? '' : `=${value}`}: ${accepted}`;
}
