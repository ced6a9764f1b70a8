import { GoConnectError } from '@goconnect/client';
import { CLOSE_CODES, closeAction, ERROR_CODES } from '@goconnect/protocol';

const RETRY = {
  never: 'not as it is',
  retry: 'at once',
  after_delay: 'after `details.retry_after_ms`',
};

/** A page with the codes of errors and of closed connections, as the protocol and the client have them. */
export function codesPage() {
  return [
    '# Error and close codes',
    '',
    'What the client makes of each, and those that it finds itself: [Errors, and what to do](/guide/errors).',
    '',
    '## Errors of the server',
    '',
    '| code | means | try again | remedy of `GoConnectError` |',
    '|---|---|---|---|',
    ...Object.entries(ERROR_CODES).map(
      ([code, { retry, description }]) =>
        `| \`${code}\` | ${description} | ${RETRY[retry]} | ${new GoConnectError(code, '').remedy} |`,
    ),
    '',
    'A code that a reader does not know is one that is never tried again.',
    '',
    '## Close codes',
    '',
    '| code | name | then a client |',
    '|---|---|---|',
    ...Object.entries(CLOSE_CODES).map(
      ([name, code]) =>
        `| ${code} | \`${name}\` | ${closeAction(code) === 'come_back' ? 'comes back' : 'stays away'} |`,
    ),
    '',
    'Ranges decide, so that a code which is added later has a meaning already: 1001, 1005, 1006, 1011-1014 and 4000-4499 come back, everything else stays away.',
    '',
  ].join('\n');
}
