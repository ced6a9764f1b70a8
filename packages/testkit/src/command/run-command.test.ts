import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFakeServer } from '../fake-server/create-fake-server.js';
import { runCommand } from './run-command.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect-testkit-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const NEVER = new Promise<void>(() => {});

const run = (...args: string[]) => runUntil(NEVER, ...args);

async function runUntil(stopped: Promise<void>, ...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const host = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    stopped,
  };
  const code = await runCommand(args, host);
  return { code, out: out.join(''), err: err.join('') };
}

/** A plain HTTP server that answers each request so. */
async function answering(listener: RequestListener) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    name: `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('goconnect-testkit', () => {
  it('judges a server by tokens alone, writes every kind of report and exits with 0', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const [json, junit, tap] = ['r.json', 'r.xml', 'r.tap'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const { code, out, err } = await run(
      'conformance',
      'server',
      server.url,
      '--token',
      server.token('ada'),
      '--token',
      server.token('grace'),
      '--any-origin',
      '--json',
      json,
      '--junit',
      junit,
      '--tap',
      tap,
    );
    expect(out).toMatch(/\d+ passed, 0 failed, \d+ skipped: conforms\n$/);
    expect(err).toMatch(/^[.s]+\n$/);
    expect(out).toContain('memberships cannot be changed: give --http');
    expect(code).toBe(0);
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ target: 'server', conforms: true });
    expect(await readFile(junit, 'utf8')).toContain('<testsuite name="goconnect server"');
    expect(await readFile(tap, 'utf8')).toMatch(/^TAP version 13\n1\.\.\d+\nok 1/);
    for (const file of [json, junit, tap]) expect(await readFile(file, 'utf8')).not.toContain('eyJ');
  }, 60_000);

  it('replays a recording to a server', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const file = join(folder, 'recording.json');
    const steps = [
      { connection: 1, at: 0, kind: 'open', protocol: '' },
      { connection: 1, at: 1, kind: 'sent', text: '{"type":"room.join","op_id":"a","data":{"room":"host"}}' },
      { connection: 1, at: 2, kind: 'received', text: '{"type":"ack","op_id":"a","data":{}}' },
    ];
    await writeFile(file, JSON.stringify({ version: 1, steps }));
    expect(await run('replay', file, server.url, '--token', server.token('ada'))).toMatchObject({
      code: 0,
      out: '0 differences\n',
    });
    server.when('room.join').fail('ERR_FORBIDDEN');
    expect(await run('replay', file, server.url, '--token', server.token('ada'))).toMatchObject({
      code: 1,
      out: expect.stringContaining('a: recorded ack, got ERR_FORBIDDEN'),
    });
  });

  it('takes no word that it does not know behind `serve`', async () => {
    const { code, err } = await run('serve', 'extra');
    expect([code, err]).toEqual([2, 'There is no command "serve extra". See goconnect-testkit --help.\n']);
  });

  it('judges a server whose users have names beyond ASCII', async () => {
    await using server = await createFakeServer({
      transport: 'ws',
      users: [{ id: 'jürgen' }, { id: '李' }],
      networks: [],
    });
    const tokens = ['--token', server.token('jürgen'), '--token', server.token('李')];
    const { code, out } = await run('conformance', 'server', server.url, ...tokens, '--only', 'B2');
    expect([code, out]).toEqual([0, expect.stringContaining(': conforms')]);
  });

  it('judges a server that knows no subprotocol', async () => {
    await using server = await createFakeServer({ transport: 'ws', v1: false });
    const tokens = ['--token', server.token('ada'), '--token', server.token('grace')];
    const { code, out } = await run('conformance', 'server', server.url, ...tokens, '--any-origin');
    expect([code, out]).toEqual([0, expect.stringMatching(/ 0 failed, .*: conforms\n$/)]);
    expect(out).toContain('the server does not select goconnect.v1');
  }, 60_000);

  it('ends as incomplete when the tokens run out, in place of failing what is left', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const tokens = ['--token', server.token('ada'), '--token', server.token('grace', { expiresIn: 5 })];
    const json = join(folder, 'out.json');
    const { code, out, err } = await run('conformance', 'server', server.url, ...tokens, '--json', json);
    expect([code, out]).toEqual([
      2,
      expect.stringContaining('the tokens ran out: give ones that live longer'),
    ]);
    expect(err).toContain('Ended after 0 cases: the tokens ran out');
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ complete: false, conforms: false });
  });

  it('takes neither the same user twice nor a second token that is refused', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const judge = (token: string) =>
      run('conformance', 'server', server.url, '--token', server.token('ada'), '--token', token);
    expect(await judge(server.token('ada'))).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^Both users are "ada"\. Give two different users[^\n]*\n$/),
    });
    expect(await judge('nonsense')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^The second token is refused at ws:[^\n]*closed with 4501[^\n]*\n$/),
    });
  });

  it('says so when there is HTTP at the address and no WebSocket', async () => {
    await using host = await answering((_, response) => response.writeHead(404).end('no such page'));
    const tokens = ['--token', 'a', '--token', 'b'];
    const { code, err } = await run('conformance', 'server', `ws://${host.name}/v1/ws`, ...tokens);
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/^There is no WebSocket at ws:.*with status 404, no such page.*\n$/),
    ]);
  });

  it('can be stopped while an HTTP API takes a call and never answers', async () => {
    let called = () => {};
    const stopped = new Promise<void>((resolve) => {
      called = resolve;
    });
    await using host = await answering(() => called());
    const { code, err } = await runUntil(
      stopped,
      'conformance',
      'server',
      `ws://${host.name}/v1/ws`,
      '--http',
      `http://${host.name}`,
    );
    expect([code, err]).toEqual([130, 'Stopped before the first case.\n']);
  });

  it('writes what it has when it is stopped, marked as incomplete', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const [json, junit, tap] = ['s.json', 's.xml', 's.tap'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    let stop = () => {};
    const stopped = new Promise<void>((resolve) => {
      stop = resolve;
    });
    const err: string[] = [];
    const host = {
      out: () => {},
      err: (text: string) => {
        if (err.push(text) === 3) stop();
      },
      stopped,
    };
    const tokens = ['--token', server.token('ada'), '--token', server.token('grace')];
    const files = ['--json', json, '--junit', junit, '--tap', tap];
    const code = await runCommand(['conformance', 'server', server.url, ...tokens, ...files], host);
    expect([code, err.at(-1)]).toEqual([130, expect.stringMatching(/^Stopped after \d+ cases\.\n$/)]);
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ complete: false, conforms: false });
    expect(await readFile(junit, 'utf8')).toContain('<error message="the run was stopped before its end"/>');
    expect(await readFile(tap, 'utf8')).toContain('Bail out!');
  });

  it.each(['--json', '--junit', '--tap'])(
    'looks before the run whether %s can be written',
    async (option) => {
      const { code, out, err } = await run(
        ...['conformance', 'server', 'ws://127.0.0.1:1/v1/ws', '--token', 'a', '--token', 'b'],
        ...[option, join(folder, 'no', 'such', 'folder')],
      );
      expect([code, out, err]).toEqual([
        2,
        '',
        expect.stringMatching(/^[^\n]*cannot be written: ENOENT[^\n]*\n$/),
      ]);
    },
  );

  it('says so when the tokens are refused, in place of failing every case', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const { code, err } = await run('conformance', 'server', server.url, '--token', 'a', '--token', 'b');
    expect([code, err]).toEqual([2, expect.stringMatching(/first token is refused.*closed with 4501/)]);
  });

  it('exits with 1 when a MUST fails', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    server.when('presence.ping').twice();
    const { code, out } = await run(
      'conformance',
      'server',
      server.url,
      '--token',
      server.token('ada'),
      '--token',
      server.token('grace'),
      '--only',
      'A2.6',
    );
    expect(out).toContain('does not conform');
    expect(code).toBe(1);
  }, 60_000);

  it('holds it against a server that lets pages of any origin in, unless that is said', async () => {
    await using server = await createFakeServer({ transport: 'ws' });
    const tokens = ['--token', server.token('ada'), '--token', server.token('grace')];
    const { code, out } = await run('conformance', 'server', server.url, ...tokens, '--only', 'A5.2/403');
    expect([code, out]).toEqual([1, expect.stringContaining('give --any-origin')]);
  });

  it('serves until it is told to stop, and says where', async () => {
    const file = join(folder, 'scenario.json');
    await writeFile(file, JSON.stringify({ users: [{ id: 'solo' }], networks: [] }));
    const { code, out } = await runUntil(Promise.resolve(), 'serve', '--port', '0', '--scenario', file);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^clients connect to ws:\/\/127\.0\.0\.1:\d+\/v1\/ws\ntests control it at http:\/\/127\.0\.0\.1:\d+\n$/,
      ),
    ]);
  });

  it.each([
    [['conformance'], /Nothing to judge.*conformance server.*conformance client/],
    [['conformance', 'server'], /No server was given.*ws:\/\//],
    [['conformance', 'printer'], /no command "conformance printer".*--help/],
    [['replay'], /No recording was given.*replay <file>/],
    [['dance'], /no command "dance".*--help/],
    [['serve', '--port', 'x'], /--port is "x".*whole number/],
    [['serve', '--port', ''], /--port is "".*whole number/],
    [['serve', '--control-port', '0x10'], /--control-port is "0x10".*whole number/],
    [['conformance', 'server', 'ws://', '--token', 'a', '--token', 'b'], /ws:\/\/ is no WebSocket address/],
    [['conformance', 'server', 'ws://[bad', '--token', 'a', '--token', 'b'], /no WebSocket address/],
    [['conformance', 'server', 'ws://x#y', '--token', 'a', '--token', 'b'], /no WebSocket address/],
    [['conformance', 'server', 'ws://x', '--http', 'banana'], /banana is no HTTP address.*http:\/\//],
    [['conformance', 'server', 'ws://x', '--http', 'ws://x'], /no HTTP address/],
    [
      ['conformance', 'server', 'ws://x', '--token', 'a', '--token', 'b', '--only', 'A9.9'],
      /No case has "A9\.9" in its name.*--only/,
    ],
    [['conformance', 'client', '--command', 'true', '--only', 'A9.9'], /No case has "A9\.9" in its name/],
    [['serve', '--colour', 'red'], /colour/],
    [['serve', '--scenario', '/no/such.json'], /cannot be read/],
    [['conformance', 'server', 'http://x', '--token', 'a', '--token', 'b'], /no WebSocket address.*ws:\/\//],
    [['conformance', 'server', 'ws://x', '--token', 'a'], /need two users.*--token twice/],
    [['conformance', 'client'], /No client was given.*--command/],
    [['conformance', 'client', '/no/such.mjs'], /\/no\/such\.mjs cannot be loaded.*--command/],
    [
      ['conformance', 'server', 'ws://127.0.0.1:1/v1/ws', '--token', 'a', '--token', 'b'],
      /Nothing answers at ws:\/\/127\.0\.0\.1:1\/v1\/ws: .*ECONNREFUSED.*Start the server/,
    ],
    [
      ['conformance', 'server', 'ws://x', '--http', 'http://127.0.0.1:1'],
      /Nothing answers at http.*HTTP API/,
    ],
    [['replay', '/no/such.json', 'ws://x', '--token', 'a'], /\/no\/such\.json cannot be read.*recordSession/],
    [
      ['conformance', 'server', 'ws://x', '--http', 'http://x', '--login', 'nobody'],
      /no colon.*email:password/,
    ],
  ])('%j exits with 2 and says what to do', async (args, message) => {
    const { code, err } = await run(...args);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });

  it('shows the version of its package', async () => {
    const { version } = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(await run('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('refuses a scenario with an unknown key, naming those it takes', async () => {
    const file = join(folder, 'wrong.json');
    await writeFile(file, '{"fault":[]}');
    expect(await run('serve', '--scenario', file)).toMatchObject({
      code: 2,
      err: expect.stringContaining('unknown key "fault". It takes seed, v1'),
    });
  });
});
