import { StartError } from '../../../domain/start-error.js';

/** What the driver knows; it takes anything else for `verify-full`, and nobody would know why TLS is spoken. */
const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full', 'no-verify'];
/** These ask for less than `verify-full`, which the driver sees only when they are written so. */
const WEAK = ['disable', 'no-verify'];
/** With `uselibpqcompat=true` these are less than `verify-full` as well. */
const WEAK_AS_IN_LIBPQ = [...WEAK, 'prefer', 'require', 'verify-ca'];
/** What else was written for `verify-full` to those who looked no closer, and has always been taken for it. */
const TAKEN_FOR_STRICT = ['allow', 'true'];

/**
 * The URL as the driver gets it: what an operator wrote goes on meaning the same. The driver takes most modes for
 * `verify-full`, and warns at each start that it will not always.
 */
export function connectionUrl(url: string): string {
  const [, before = url, query = '', after = ''] = /^([^?#]*\?)([^#]*)(.*)$/s.exec(url) ?? [];
  const compatible = new URLSearchParams(query).getAll('uselibpqcompat').at(-1) === 'true';
  const weak = compatible ? WEAK_AS_IN_LIBPQ : WEAK;
  const parts = query.split('&').map((part) => {
    const mode = new URLSearchParams(part).get('sslmode');
    // The driver takes an empty one as if it was left out.
    return !mode || weak.includes(mode) ? part : `sslmode=${strictMode(mode)}`;
  });
  return before + parts.join('&') + after;
}

/** Never less than what the driver made of it, so that no line that was secret becomes readable. */
function strictMode(mode: string): 'verify-full' {
  const known = mode.toLowerCase();
  if (!WEAK.includes(known) && (MODES.includes(known) || TAKEN_FOR_STRICT.includes(known)))
    return 'verify-full';
  throw new StartError(`DATABASE_URL: sslmode is one of ${MODES.join(', ')}, or left out.`);
}
