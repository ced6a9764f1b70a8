import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type PostgresServer,
  postgresOrSkip,
  startPostgres,
} from '../adapters/sql/testing/postgres-server.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';

const NUL = 'a\u0000b';
const DONE = [200];
const REFUSED = [400, 'ERR_INVALID_MESSAGE'];
const UNKNOWN = [401, 'ERR_UNAUTHORIZED'];
const NOT_FOUND = [404, 'ERR_NOT_FOUND'];
const email = 'ada@goconnect.example';
const password = 'goconnect';

const binaries = postgresOrSkip();

// SQLite keeps a NUL; PostgreSQL takes none, and what reaches it would be a fault of ours.
describe.skipIf(binaries === undefined)('a NUL, which PostgreSQL has no place for,', () => {
  let postgres: PostgresServer;
  let server: TestServer;
  let token: string;
  beforeAll(async () => {
    postgres = await startPostgres(binaries ?? '');
    server = await startTestServer({ databaseUrl: await postgres.database() });
    token = await server.tokenOf('ada');
  });
  afterAll(async () => {
    await server?.end();
    await postgres?.stop();
  });

  it.each<[string, string, unknown, readonly unknown[]]>([
    ['POST', '/v1/auth/login', { email: NUL, password }, REFUSED],
    ['POST', '/v1/auth/login', { email, password: NUL }, UNKNOWN],
    ['POST', '/v1/auth/register', { email: `${NUL}@x.example`, password }, REFUSED],
    ['POST', '/v1/auth/register', { email: 'nul@x.example', password, name: NUL }, REFUSED],
    ['POST', '/v1/auth/refresh', { refresh_token: NUL }, UNKNOWN],
    ['POST', '/v1/auth/logout', { refresh_token: NUL }, DONE],
    ['GET', '/v1/networks?cursor=%00', undefined, REFUSED],
    ['POST', '/v1/networks', { name: NUL, visibility: 'public', join_policy: 'open' }, REFUSED],
    ['GET', '/v1/networks/%00', undefined, NOT_FOUND],
    ['PATCH', '/v1/networks/%00', { name: 'New' }, NOT_FOUND],
    ['DELETE', '/v1/networks/%00', undefined, NOT_FOUND],
    ['POST', '/v1/networks/%00/join', {}, NOT_FOUND],
    ['POST', '/v1/networks/attic/join', { invite_token: NUL }, DONE],
    ['POST', '/v1/networks/%00/leave', {}, NOT_FOUND],
    ['POST', '/v1/networks/%00/invites', {}, NOT_FOUND],
    ...['approve', 'deny', 'kick', 'ban', 'unban'].flatMap((verb): [string, string, unknown, unknown[]][] => [
      ['POST', `/v1/networks/%00/${verb}`, { user_id: 'grace' }, NOT_FOUND],
      ['POST', `/v1/networks/lobby/${verb}`, { user_id: NUL }, REFUSED],
    ]),
    ['POST', '/v1/networks/lobby/kick', { user_id: 'grace', reason: NUL }, REFUSED],
    ['PUT', '/v1/networks/%00/members/grace/role', { role: 'member' }, NOT_FOUND],
    ['PUT', '/v1/networks/lobby/members/%00/role', { role: 'member' }, NOT_FOUND],
    ...['members', 'requests', 'bans'].map((list): [string, string, unknown, unknown[]] => [
      'GET',
      `/v1/networks/%00/${list}`,
      undefined,
      NOT_FOUND,
    ]),
    ['GET', '/v1/networks/lobby/members?cursor=1.%00', undefined, REFUSED],
    ['GET', '/v1/networks/lobby/requests?cursor=1.%00', undefined, REFUSED],
    ['GET', '/v1/users/%00', undefined, NOT_FOUND],
    ['GET', '/v1/chat/%00/edits', undefined, NOT_FOUND],
    ['GET', '/v1/chat?scope=network:%00', undefined, REFUSED],
    ['GET', '/v1/chat?scope=host&before=%00', undefined, REFUSED],
    ['GET', '/v1/chat?scope=host&after=%00', undefined, REFUSED],
  ])('is no fault of the server: %s %s %j', async (method, path, body, [status, code]) => {
    const answer = await server.call(method, path, { token, ...(body !== undefined && { body }) });
    expect([answer.status, answer.body]).toMatchObject([status, code === undefined ? {} : { code }]);
  });

  it('in a message over WebSocket is none either', async () => {
    const client = await server.connect(token, 'v1');
    const position = { room: `network:${NUL}`, epoch: 'e', seq: 0 };
    const asked: [string, object][] = [
      ['chat.send', { scope: 'host', body: NUL }],
      ['chat.send', { scope: `network:${NUL}`, body: 'x' }],
      ['chat.edit', { message_id: NUL, new_body: 'x' }],
      ['chat.delete', { message_id: NUL, mode: 'soft' }],
      ['chat.redact', { message_id: NUL, mask: 'x' }],
      ['chat.history', { scope: 'host', before: NUL }],
      ['chat.history', { scope: 'host', after: NUL }],
      ['room.join', { room: `network:${NUL}` }],
      ['presence.list', { room: `network:${NUL}` }],
      ['session.resume', { positions: [position] }],
      ['auth.refresh', { refresh_token: NUL }],
    ];
    const codes: unknown[] = [];
    for (const [type, data] of asked) codes.push([type, (await client.ask(type, type, data)).error?.code]);
    const refused = asked.map(([type]) => [type, 'ERR_INVALID_MESSAGE']);
    expect(codes).toEqual([...refused.slice(0, -1), ['auth.refresh', 'ERR_UNAUTHORIZED']]);
    await client.close();
  });
});
