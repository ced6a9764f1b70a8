import { type DestinationStream, pino } from 'pino';
import type { Logger } from '../ports/logger.js';
import { stdoutLines } from './log-lines.js';

/** Fields nobody should hand over; if somebody does, they stay out all the same (A5.5). */
const SECRET_FIELDS = [
  'token',
  'password',
  'authorization',
  'access_token',
  'refresh_token',
  'accessToken',
  'refreshToken',
  'cookie',
  'secret',
];
const DEPTHS = ['', '*.', '*.*.'];

/** What a text may hold without anybody having thought of it: JWTs, `?token=…`, passwords of URLs, bearer headers. */
const SECRETS_IN_TEXT: readonly (readonly [RegExp, string])[] = [
  [/eyJ[\w-]{4,}\.[\w-]+\.[\w-]*/g, '[redacted]'],
  [/([?&](?:token|access_token)=)[^&\s"\\]+/gi, '$1[redacted]'],
  [/(\bBearer +)[\w~+/.=-]+/gi, '$1[redacted]'],
  [/(\b[a-z]+:\/\/[^\s:@/"\\]*):[^\s@/"\\]+@/gi, '$1:[redacted]@'],
];

/** JSON lines on stdout. `err` fields are written with type, message and stack. */
export function createPinoLogger(level: string, destination: DestinationStream = stdoutLines()): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: {
      paths: SECRET_FIELDS.flatMap((field) => DEPTHS.map((depth) => depth + field)),
      censor: '[redacted]',
    },
    hooks: { streamWrite: withoutSecrets },
  };
  return pino(options, destination);
}

function withoutSecrets(line: string): string {
  return SECRETS_IN_TEXT.reduce((text, [pattern, shown]) => text.replace(pattern, shown), line);
}
