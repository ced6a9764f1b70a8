import type { ServerAddress } from '../lifecycle/server-address.js';
import type { Settings } from '../settings/settings.js';
import { DEMO_PASSWORD, DEMO_USERS } from './demo-data.js';

/** What `npm start` says: where it is, whom to log in as, and that nobody else must reach it. */
export function startUpText(
  { url, wsUrl }: ServerAddress,
  { staticDir }: Pick<Settings, 'staticDir'>,
): string {
  return [
    '',
    `  GoConnect is running at  ${url}/`,
    `  ${staticDir === undefined ? 'WebSocket                ' : 'WebSocket (for programs) '}${wsUrl}`,
    '',
    `  Log in as  ${DEMO_USERS.map((user) => user.email).join(', ')}`,
    `  Password   ${DEMO_PASSWORD}`,
    '',
    '  DEVELOPMENT MODE: everyone who reaches this address can log in with that password,',
    '  and any web page may call it. Never run it where others can reach it. Ctrl-C stops it.',
    '',
  ].join('\n');
}
