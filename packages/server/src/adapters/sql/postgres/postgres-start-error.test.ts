import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StartError } from '../../../domain/start-error.js';
import { openStore } from '../open-store.js';
import { type PostgresServer, postgresOrSkip, startPostgres } from '../testing/postgres-server.js';
import { clock, silent } from '../testing/store-contract.js';
import { postgresStartError } from './postgres-start-error.js';

const binaries = postgresOrSkip();

/** The one line with which a start on this URL ends; it names no secret. */
async function refusal(url: string): Promise<string> {
  const error: unknown = await openStore({ url, clock, logger: silent, servers: 'one' }).catch(
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(StartError);
  const { message } = error as StartError;
  expect(message).toMatch(/^DATABASE_URL: [^\n]+\.$/);
  expect(message).not.toContain('hunter2');
  return message;
}

const withMode = (url: string, query: string) => url.replace('@localhost', ':hunter2@localhost') + query;

describe.skipIf(binaries === undefined)('a server does not start on a PostgreSQL that', () => {
  let server: PostgresServer;
  let url: string;
  beforeAll(async () => {
    server = await startPostgres(binaries ?? '');
  });
  // A store that opens makes tables, whose owner may go on to look at them: each test has its own.
  beforeEach(async () => {
    url = await server.database();
  });
  afterAll(() => server?.stop());

  it.each(['&sslmode=verify-full', '&sslmode=require', '&ssl=true'])('speaks no TLS: %s', async (query) => {
    const warned: string[] = [];
    const warn = (warning: Error) => warned.push(warning.message);
    process.on('warning', warn);
    expect(await refusal(withMode(url, query))).toContain('speaks no TLS: set ssl = on');
    process.off('warning', warn);
    expect(warned).toEqual([]);
  });

  it('it could not speak to as it is told', async () => {
    expect(await refusal(withMode(url, '&sslmode=nonsense'))).toMatch(
      /sslmode is one of disable, .*no-verify/,
    );
    for (const file of ['/tmp', '/no/such/hunter2'])
      expect(await refusal(`${url}&sslrootcert=${file}`)).toContain(
        'sslrootcert, sslcert or sslkey cannot be read',
      );
  });

  it('gives its user too few connections', async () => {
    await server.run('CREATE ROLE narrow LOGIN CONNECTION LIMIT 1');
    const schema = /search_path%3D(\w+)/.exec(url)?.[1];
    await server.run(`GRANT ALL ON SCHEMA ${schema} TO narrow`);
    expect(await refusal(url.replace('goconnect@', 'narrow@'))).toContain(
      'this user has no connections left: raise its CONNECTION LIMIT',
    );
  });

  it.each(['pg_control_system()', 'pg_walfile_name(pg_lsn)', 'pg_postmaster_start_time()'])(
    'does not let its user call %s',
    async (signature) => {
      const [name] = signature.split('(');
      const schema = /search_path%3D(\w+)/.exec(url)?.[1];
      await server.run(`CREATE ROLE of_${name} LOGIN`);
      await server.run(`GRANT ALL ON SCHEMA ${schema} TO of_${name}`);
      await server.run(`REVOKE EXECUTE ON FUNCTION ${signature} FROM PUBLIC`);
      const told = await refusal(url.replace('goconnect@', `of_${name}@`));
      await server.run(`GRANT EXECUTE ON FUNCTION ${signature} TO PUBLIC`);
      await server.run(`DROP OWNED BY of_${name} CASCADE`);
      expect(told).toContain(`this user may not use ${name}, which everybody may by default`);
    },
  );

  it('does not let its user create tables', async () => {
    await server.run('CREATE ROLE reader LOGIN');
    const schema = /search_path%3D(\w+)/.exec(url)?.[1];
    await server.run(`GRANT USAGE ON SCHEMA ${schema} TO reader`);
    expect(await refusal(url.replace('goconnect@', 'reader@'))).toContain(
      'this user may not create tables: grant it CREATE on the schema',
    );
  });

  it('stops while another server has its database', async () => {
    const other = await openStore({ url, clock, logger: silent, servers: 'one' });
    const told = refusal(url);
    const waiting = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
    await expect.poll(() => server.run(waiting), { timeout: 10_000 }).toHaveLength(1);
    await server.restart(async () => {});
    expect(await told).toContain('it is just stopping or starting: try again in a moment');
    await other.close();
  });

  it('takes no writes', async () => {
    const readOnly = url.replace('options=', 'options=-cdefault_transaction_read_only%3Don%20');
    expect(await refusal(readOnly)).toContain('takes no writes');
  });
});

describe('what is no PostgreSQL', () => {
  let listener: Server;
  let answer: (socket: Socket) => void;
  beforeAll(async () => {
    listener = createServer((socket) => answer(socket.on('error', () => {}).resume()));
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => new Promise((resolve) => listener.close(resolve)));

  it.each([
    ['answers in HTTP', '', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['answers in HTTP, asked for TLS', '?sslmode=verify-full', 'HTTP/1.1 400 Bad Request\r\n\r\n'],
    ['says nothing and goes', '', ''],
  ])('is recognised when it %s', async (_, query, text) => {
    answer = (socket) => socket.end(text);
    const address = listener.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    expect(await refusal(`postgres://me:hunter2@127.0.0.1:${port}/x${query}`)).toMatch(
      /try again in a moment if PostgreSQL .* is PostgreSQL that listens there/,
    );
  });
});

it.each([
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'for another host'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'sslrootcert'],
  ['CERT_HAS_EXPIRED', 'renew it'],
  ['ECONNRESET', 'if PostgreSQL is just stopping or starting'],
  ['57P01', 'just stopping'],
  ['57P02', 'just stopping'],
  ['57P03', 'starting'],
  ['ERR_OSSL_PEM_NO_START_LINE', 'correct it'],
])('has a line for %s', (code, told) => {
  const line = postgresStartError(Object.assign(new Error('hunter2'), { code }));
  expect(line).toBeInstanceOf(StartError);
  expect((line as StartError).message).toContain(told);
});
