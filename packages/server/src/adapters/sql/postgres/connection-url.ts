import { StartError } from '../../../domain/start-error.js';

/** What the driver knows; it takes anything else for `verify-full`, and nobody would know why TLS is spoken. */
const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
/** What it takes for `verify-full` as well, and warns at each start that it will not always. */
const STRICT = /([?&]sslmode=)(?:prefer|require|verify-ca)(?=[&#]|$)/g;

/** The URL as the driver gets it: what an operator wrote goes on meaning the same. */
export function connectionUrl(url: string): string {
  for (const [, mode = ''] of url.matchAll(/[?&]sslmode=([^&#]*)/g))
    if (!MODES.includes(mode))
      throw new StartError(`DATABASE_URL: sslmode is one of ${MODES.join(', ')}, or left out.`);
  return /[?&]uselibpqcompat=true/.test(url) ? url : url.replace(STRICT, '$1verify-full');
}
