import type { Settings } from './settings.js';
import type { SettingFault } from './settings-error.js';
import { shownValue } from './shown-value.js';
import { VARIABLES } from './variables.js';

/** Settings that are right one by one and wrong together. A check is left out where one of its settings has a fault already. */
export function crossCheck(settings: Partial<Settings>): SettingFault[] {
  return [...limits(settings), ...authority(settings), ...several(settings)];
}

function limits(settings: Partial<Settings>): SettingFault[] {
  return [
    ...ordered(settings, 'wsPingPeriodMs', '<', 'wsPongWaitMs'),
    ...ordered(settings, 'accessTokenTtlMs', '<', 'refreshTokenTtlMs'),
    ...ordered(settings, 'wsMaxConnectionsPerUser', '<=', 'wsMaxConnections'),
  ];
}

function authority({ dev, jwtSecret, jwtJwksUrl, wsAllowedOrigins }: Partial<Settings>): SettingFault[] {
  if (dev !== false) return [];
  const faults: SettingFault[] = [];
  if (jwtSecret === undefined && jwtJwksUrl === undefined) {
    faults.push({
      variable: VARIABLES.jwtSecret.name,
      accepted: `required (${VARIABLES.jwtSecret.kind.accepts}), or ${VARIABLES.jwtJwksUrl.name}; GOCONNECT_DEV=1 makes one up`,
    });
  }
  if (wsAllowedOrigins?.includes('*')) {
    faults.push({
      variable: VARIABLES.wsAllowedOrigins.name,
      value: '*',
      accepted:
        'any page of the web could act for its visitors; name the origins, such as https://chat.example',
    });
  }
  return faults;
}

/** What servers share that hear of one another. */
function several(settings: Partial<Settings>): SettingFault[] {
  const { dev, busUrl = 'none', databaseUrl, jwtSecret, jwtJwksUrl } = settings;
  if (busUrl === 'none') return [];
  const faults: SettingFault[] = [];
  if (databaseUrl !== undefined && !/^postgres(?:ql)?:/.test(databaseUrl)) {
    faults.push({
      variable: VARIABLES.databaseUrl.name,
      value: shownValue(VARIABLES.databaseUrl, databaseUrl),
      accepted: `with ${VARIABLES.busUrl.name} postgres://…, the same for all servers: SQLite is for a single one`,
    });
  }
  // Outside development mode it is required anyhow.
  if (dev === true && jwtSecret === undefined && jwtJwksUrl === undefined) {
    faults.push({
      variable: VARIABLES.jwtSecret.name,
      accepted: `required with ${VARIABLES.busUrl.name}, the same for all servers: each would make up its own (or ${VARIABLES.jwtJwksUrl.name})`,
    });
  }
  return faults;
}

type Quantity = { [K in keyof Settings]-?: Settings[K] extends number ? K : never }[keyof Settings];

function ordered(
  settings: Partial<Settings>,
  low: Quantity,
  relation: '<' | '<=',
  high: Quantity,
): SettingFault[] {
  const a = settings[low];
  const b = settings[high];
  if (a === undefined || b === undefined || a < b || (relation === '<=' && a === b)) return [];
  const { name, kind } = VARIABLES[low];
  const word = relation === '<' ? 'less than' : 'at most';
  return [
    {
      variable: name,
      value: kind.format(a),
      accepted: `${word} ${VARIABLES[high].name} (${VARIABLES[high].kind.format(b)})`,
    },
  ];
}
