import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { toolOrSkip } from '../../../scripts/tools.mjs';
import { type Exposition, readExposition } from './testing/exposition.js';
import { startTestServer, type TestServer } from './testing/test-server.js';

const DEPLOY = fileURLToPath(new URL('../deploy', import.meta.url));
const HOSTILE = ['__proto__', 'constructor', 'x'.repeat(5_000), 'a"} 1\nevil_metric{b="', '💥', 'call.start'];
const promtool = toolOrSkip('promtool');

let server: TestServer;
let text: string;
let shown: Exposition;

const read = async () => {
  const response = await fetch(`${server.url}/metrics`);
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return await response.text();
};

/** A bit of everything a client may do, then what `/metrics` says. */
beforeAll(async () => {
  server = await startTestServer({ wsRateClient: '12/1m' });
  const token = await server.tokenOf('ada');
  const ada = await server.connect(token, 'v1');
  const grace = await server.connect(await server.tokenOf('grace'));
  const welcome = await ada.event('session.welcome');
  const say = (opId: string) => ada.ask('chat.send', opId, { scope: 'host', body: 'hello' });
  await say('one');
  await say('one');
  await ada.ask('chat.delete', 'two', { message_id: 'msg-unknown', mode: 'soft' });
  const [first] = (welcome.data?.rooms ?? []) as { room: string; epoch: string; seq: number }[];
  const positions = [
    first,
    { room: 'host', epoch: 'another', seq: 1 },
    { room: 'network:no', epoch: 'e', seq: 1 },
  ];
  await ada.ask('session.resume', 'three', { positions });
  for (const [index, type] of HOSTILE.entries()) await ada.ask(type, `hostile-${index}`);
  for (let count = 0; count < 12; count++) await say(`many-${count}`);
  await ada.ask('presence.ping', 'ping-1');
  await ada.ask('presence.ping', 'ping-2');

  const intruder = new WebSocket(`${server.url.replace('http', 'ws')}/v1/ws?token=eyJ.wrong.token`);
  await new Promise((resolve) => intruder.once('error', resolve));
  await server.call('GET', '/v1/networks', { token: 'nonsense' });
  await server.call('GET', `/v1/networks/${'n'.repeat(40)}`, { token });
  await server.call('GET', '/somewhere/<script>');
  grace.socket.close(4_123, 'as I like');
  await grace.closed;
  await vi.waitUntil(async () => /^websocket_connections_total 1$/m.test(await read()));
  text = await read();
  shown = readExposition(text);
});
afterAll(() => server?.end());

describe('the published metrics', () => {
  it('have their names and say what they said in v0.1.0', () => {
    expect(shown.value('websocket_connections_total')).toBe(1);
    expect(shown.value('websocket_rooms_total')).toBeGreaterThan(0);
    expect(shown.value('websocket_messages_received_total', { type: 'chat.send' })).toBe(14);
    expect(shown.value('websocket_messages_sent_total', { type: 'chat.message' })).toBeGreaterThan(1);
    expect(shown.value('websocket_errors_total', { type: 'ERR_INVALID_MESSAGE' })).toBe(HOSTILE.length);
  });

  it('that are gauges called _total are deprecated, and stand beside one that is well named', () => {
    for (const what of ['connections', 'rooms']) {
      expect(text).toMatch(
        new RegExp(`^# HELP websocket_${what}_total .*Deprecated, use goconnect_websocket_${what}`, 'm'),
      );
      expect(text).toContain(`# TYPE websocket_${what}_total untyped\n`);
      expect(text).toContain(`# TYPE goconnect_websocket_${what} gauge\n`);
      expect(shown.value(`goconnect_websocket_${what}`)).toBe(shown.value(`websocket_${what}_total`));
    }
  });
});

describe('what else is counted', () => {
  it.each([
    ['goconnect_requests_total', { type: 'chat.send', outcome: 'ok' }, 11],
    ['goconnect_requests_total', { type: 'chat.send', outcome: 'repeat' }, 1],
    ['goconnect_requests_total', { type: 'chat.delete', outcome: 'refused' }, 1],
    ['goconnect_rate_limited_total', { limit: 'presence.ping' }, 1],
    ['goconnect_resumed_rooms_total', { status: 'gap' }, 1],
    ['goconnect_resumed_rooms_total', { status: 'denied' }, 1],
    ['goconnect_upgrades_refused_total', { reason: 'invalid' }, 1],
    ['goconnect_strangers_dropped_total', {}, 0],
    ['goconnect_auth_failures_total', { reason: 'malformed' }, 1],
    ['goconnect_auth_failures_total', { reason: 'invalid' }, 1],
    ['goconnect_websocket_opened_total', { dialect: 'v1' }, 1],
    ['goconnect_websocket_closed_total', { code: 'other' }, 1],
    ['goconnect_draining', {}, 0],
    ['goconnect_websocket_connections_limit', {}, 10_000],
    ['goconnect_store_refused_works_total', {}, 0],
    ['goconnect_store_fault', { fault: 'disk_full' }, 0],
  ])('%s%j', (name, labels, value) => expect(shown.value(name, labels)).toBe(value));

  it('times answers with their commit, commits and fan-out', () => {
    expect(shown.value('goconnect_request_duration_seconds_count', { type: 'chat.send' })).toBe(14);
    expect(shown.value('goconnect_request_duration_seconds_sum', { type: 'chat.send' })).toBeGreaterThan(0);
    expect(shown.value('goconnect_store_commit_duration_seconds_sum')).toBeGreaterThan(0);
    expect(shown.value('goconnect_store_commit_works_sum')).toBeGreaterThan(9);
    expect(shown.value('goconnect_fanout_deliveries_total')).toBeGreaterThan(9);
    expect(shown.value('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThan(0);
  });
});

it('tokens of a login that ended are counted at both doors', async () => {
  const pair = await server.call('POST', '/v1/auth/login', {
    body: { email: 'ada@goconnect.example', password: 'goconnect' },
  });
  const token = pair.data.access_token ?? '';
  await server.call('POST', '/v1/auth/logout', { token, body: { refresh_token: pair.data.refresh_token } });
  expect((await server.call('GET', '/v1/networks', { token })).status).toBe(401);
  const late = new WebSocket(`${server.url.replace('http', 'ws')}/v1/ws?token=${token}`);
  await new Promise((resolve) => late.once('error', resolve));
  const after = readExposition(await read());
  expect(after.value('goconnect_auth_failures_total', { reason: 'revoked' })).toBe(2);
  expect(after.value('goconnect_upgrades_refused_total', { reason: 'revoked' })).toBe(1);
});

it('no word of a client becomes a series, however hostile', async () => {
  const say = async (round: number) => {
    const ada = await server.connect(await server.tokenOf('ada'));
    for (let count = 0; count < 18; count++) await ada.ask(`made.up.${round}.${count}`, `op-${count}`);
    for (let count = 0; count < 18; count++) await server.call('GET', `/made/up/${round}/${count}`);
    await server.call('PROPFIND', '/v1/networks');
    await ada.close();
  };
  // What a garbage collector is seen to do first is no matter of a client.
  const series = (exposition: string) =>
    readExposition(exposition)
      .samples.filter(({ name }) => !name.startsWith('nodejs_'))
      .map(({ name, labels }) => JSON.stringify([name, labels]));
  // Twice, for the last request of a round may be counted after the scrape.
  for (const round of [1, 2]) await say(round);
  const before = new Set(series(await read()));
  await say(3);
  const after = await read();
  expect(series(after).filter((one) => !before.has(one))).toEqual([]);
  const values = readExposition(after).samples.map(({ name, labels }) => JSON.stringify([name, labels]));
  for (const word of [
    'made.',
    'made/',
    '__proto__',
    'constructor',
    'xxx',
    'evil',
    '💥',
    'call.start',
    'script',
    'nnn',
  ])
    expect(values.filter((value) => value.includes(word))).toEqual([]);
});

it.skipIf(promtool === undefined)('promtool finds nothing to say about them', () => {
  const { status, stdout, stderr } = spawnSync(promtool ?? '', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  expect([stdout, stderr, status]).toEqual(['', '', 0]);
});

/** Names of metrics in a PromQL expression: words that are no function, label or keyword. */
function metricsIn(expression: string): string[] {
  const bare = expression
    .replace(/"[^"]*"/g, '')
    .replace(/\{[^}]*\}|\[[^\]]*\]/g, '')
    .replace(/\b(?:by|without|on|ignoring) *\([^)]*\)/g, '');
  const words = bare.match(/[a-z_][\w:]*/gi) ?? [];
  const own = new Set(['or', 'and', 'unless', 'bool', 'offset']);
  return words.filter((word) => !own.has(word) && !new RegExp(`\\b${word} *\\(`).test(bare));
}

describe('alerts and dashboard', () => {
  const alerts = readFileSync(`${DEPLOY}/prometheus/alerts.yml`, 'utf8');
  const dashboard = JSON.parse(readFileSync(`${DEPLOY}/grafana/goconnect.json`, 'utf8')) as {
    panels: { title: string; description?: string; targets?: { expr: string }[] }[];
  };
  const expressions = [
    ...[...alerts.matchAll(/^ +expr: (.*)$/gm)].map(([, expr = '']) => expr),
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
  ];

  it('name only metrics that the server has', () => {
    expect(expressions.length).toBeGreaterThan(50);
    const named = new Set(expressions.flatMap(metricsIn));
    expect(named.size).toBeGreaterThan(25);
    // Prometheus makes this one itself.
    named.delete('up');
    expect([...named].filter((name) => !shown.names.has(name))).toEqual([]);
  });

  it('select only labels that those metrics have', () => {
    const labels = new Map<string, Set<string>>();
    for (const sample of shown.samples) {
      const known = labels.get(sample.name) ?? new Set();
      for (const label of Object.keys(sample.labels)) known.add(label);
      labels.set(sample.name, known);
    }
    // What Prometheus adds when it scrapes.
    const added = new Set(['instance', 'job']);
    const wrong = expressions.flatMap((expr) =>
      [...expr.matchAll(/(\w+)\{([^}]*)\}/g)].flatMap(([, name = '', selector = '']) =>
        [...selector.matchAll(/(\w+) *[=!]/g)]
          .map(([, label = '']) => label)
          .filter((label) => !added.has(label) && !labels.get(name)?.has(label))
          .map((label) => `${name}{${label}}`),
      ),
    );
    expect(wrong).toEqual([]);
  });

  it('say what a panel shows and what to do about an alert', () => {
    const panels = dashboard.panels.filter(({ targets }) => targets !== undefined);
    expect(panels.filter(({ description = '' }) => !description.endsWith('.'))).toEqual([]);
    expect(alerts.match(/^ +action: ".*\."$/gm)).toHaveLength(alerts.match(/- alert:/g)?.length ?? 0);
  });

  it.skipIf(promtool === undefined)(
    'are what promtool takes, and each alert fires when it should',
    () => {
      const run = (...args: string[]) =>
        execFileSync(promtool ?? '', args, { cwd: `${DEPLOY}/prometheus`, encoding: 'utf8', stdio: 'pipe' });
      expect(run('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
      expect(run('check', 'config', 'scrape.yml')).toContain('SUCCESS');
      run('test', 'rules', 'alerts.test.yml');
      const proven = readFileSync(`${DEPLOY}/prometheus/alerts.test.yml`, 'utf8');
      for (const [, name = ''] of alerts.matchAll(/- alert: (\w+)/g)) {
        expect(proven).toContain(`${name} fires`);
        expect(proven).toContain(`${name} is silent`);
      }
      // Three processes of promtool, which compute days of an alert's life.
    },
    60_000,
  );
});
