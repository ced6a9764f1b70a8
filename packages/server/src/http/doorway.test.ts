import { once } from 'node:events';
import { createServer as createTcpServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { systemClock } from '../adapters/system-clock.js';
import { createServer, type Server } from '../create-server.js';
import { StartError } from '../domain/start-error.js';
import { answerRefused } from '../transport/http-answer.js';
import { createDoorway } from './doorway.js';
import { createHttpListener } from './http-listener.js';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
let server: Server | undefined;
afterEach(() => server?.stop({ drainMs: 0 }));

const refusal = (reason: string) => ({
  code: 'ERR_HANDLER_FAILED',
  message: expect.stringMatching(/^The server is /),
  details: { reason },
});

/** The answer to an upgrade that is refused (A5.2). */
async function upgrade(port: number): Promise<unknown[]> {
  const ws = new WebSocket(`ws://127.0.0.1:${port}/v1/ws`);
  ws.on('error', () => {});
  const [, response] = await once(ws, 'unexpected-response');
  return [response.statusCode, response.headers['retry-after'], await json(response)];
}

it('lives, and is not ready, until there is something behind the door', async () => {
  const door = createDoorway(answerRefused);
  const listener = createHttpListener(
    door,
    systemClock,
    { admitted: 10, unauthenticated: 10 },
    { strangerDropped() {} },
  );
  const { port } = await listener.listen(0, '127.0.0.1');
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    return [response.status, await response.json(), response.headers.get('retry-after')];
  };
  expect(await ask('/health')).toEqual([200, { ok: true, websocket: { connections: 0, rooms: 0 } }, null]);
  expect(await ask('/ready')).toEqual([503, { ready: false, checks: { server: 'starting' } }, '1']);
  expect(await ask('/v1/networks')).toMatchObject([503, { code: 'ERR_HANDLER_FAILED' }, '1']);
  expect(await upgrade(port)).toEqual([503, '1', refusal('starting')]);
  door.open(() => Response.json({ data: 'open' }));
  expect(await ask('/v1/networks')).toEqual([200, { data: 'open' }, null]);
  door.leave();
  expect(await upgrade(port)).toEqual([503, '1', refusal('draining')]);
  await listener.close(0);
});

it('tells that the port is taken before the database is touched', async () => {
  const other = createTcpServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  server = createServer({ dev: true, port, databaseUrl: 'file:/nowhere/at/all.db', logger: silent });
  const failure: unknown = await server.start().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(StartError);
  expect((failure as StartError).message).toContain('is taken by another program');
  other.close();
});
