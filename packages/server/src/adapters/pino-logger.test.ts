import { expect, it } from 'vitest';
import { createPinoLogger } from './pino-logger.js';

const JWT = 'eyJhbGciOiJIUzI1NiJ9.eyJjYW5hcnkiOjF9.canary-signature';

function lines(level: string) {
  const written: string[] = [];
  const logger = createPinoLogger(level, { write: (line) => void written.push(line) });
  return { logger, written };
}

it('writes one JSON object a line, with level, time, message and fields', () => {
  const { logger, written } = lines('info');
  logger.debug({}, 'not this');
  logger.info({ request_id: 'r-1' }, 'request');
  logger.error({ err: new Error('broken') }, 'a request failed');
  const [first, second] = written.map((line) => JSON.parse(line));
  expect(written).toHaveLength(2);
  expect(first).toEqual({ level: 'info', time: expect.any(String), request_id: 'r-1', msg: 'request' });
  expect(second).toMatchObject({ err: { type: 'Error', message: 'broken', stack: expect.any(String) } });
});

it.each([
  [{ token: 'canary' }],
  [{ headers: { authorization: 'canary' } }],
  [{ err: Object.assign(new Error('x'), { config: { password: 'canary' } }) }],
  [{ a: { b: { refresh_token: 'canary' } } }],
  [{ url: `/v1/ws?token=canary&client_id=a` }],
  [{ url: `/v1/ws?client_id=a&access_token=canary` }],
  [{ err: new Error(`no such user ${JWT}`) }],
  [{ header: 'Bearer canary.and.more' }],
  [{ err: new Error('connect postgres://goconnect:canary@db/goconnect failed') }],
])('A5.5 keeps secrets out, whatever it is handed: %j', (fields) => {
  const { logger, written } = lines('info');
  logger.info(fields, 'something');
  expect(written.join('')).not.toContain('canary');
  expect(written.join('')).toContain('[redacted]');
  expect(() => JSON.parse(written.join(''))).not.toThrow();
});

it('A5.5 keeps secrets out of the message too', () => {
  const { logger, written } = lines('info');
  logger.warn({}, `refused ${JWT}`);
  expect(written.join('')).not.toContain('canary');
});
