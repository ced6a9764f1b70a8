import type { ServerAddress } from '../lifecycle/server-address.js';
import type { Settings } from '../settings/settings.js';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-data.js';

/** What `npm start` says: where it is, whom to log in as, and that nobody else must reach it. */
export function startUpText(
  { url, wsUrl }: ServerAddress,
  { staticDir }: Pick<Settings, 'staticDir'>,
): string {
  const where =
    staticDir === undefined
      ? [
          '  GoConnect is running, without a page: STATIC_DIR names none.',
          `  WebSocket  ${wsUrl}`,
          `  HTTP API   ${url}/v1/openapi.json`,
        ]
      : [`  GoConnect is running at  ${url}/`, `  WebSocket (for programs) ${wsUrl}`];
  return [
    '',
    ...where,
    '',
    `  Log in as  ${DEMO_USERS.map((user) => user.email).join(', ')}`,
    `  Password   ${DEMO_PASSWORD}`,
    '',
    '  DEVELOPMENT MODE: everyone who reaches this address can log in with that password,',
    '  and any web page may call it. Never run it where others can reach it. Ctrl-C stops it.',
    '',
  ].join('\n');
}
