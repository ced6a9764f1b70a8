import { pino } from 'pino';
import type { Logger } from '../ports/logger.js';

/** JSON lines on stdout. `err` fields are written with type, message and stack. */
export function createPinoLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    // Nobody should hand these over; if somebody does, they stay out all the same (A5.5).
    redact: {
      paths: [
        'token',
        'password',
        'authorization',
        '*.token',
        '*.password',
        '*.authorization',
        '*.refresh_token',
        '*.access_token',
      ],
      censor: '[redacted]',
    },
  });
}
