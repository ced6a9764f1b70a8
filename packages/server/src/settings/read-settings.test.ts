import { describe, expect, it } from 'vitest';
import { printableSettings } from './described-settings.js';
import { optionsEnvironment } from './options-environment.js';
import { readSettings } from './read-settings.js';
import { SettingsError } from './settings-error.js';
import { VARIABLES } from './variables.js';

const secret = 'canary-0123456789-0123456789-0123456789';
const production = { JWT_SECRET: secret };

function faultsOf(env: Record<string, string>): SettingsError {
  try {
    readSettings(env);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('settings', () => {
  it('have the published defaults (A6.1)', () => {
    expect(readSettings(production)).toEqual({
      dev: false,
      port: 8080,
      host: '0.0.0.0',
      databaseUrl: 'file:./data/goconnect.db',
      busUrl: 'none',
      jwtSecret: secret,
      accessTokenTtlMs: 900_000,
      refreshTokenTtlMs: 604_800_000,
      wsMaxConnections: 10_000,
      wsMaxConnectionsPerUser: 5,
      wsMaxUnauthenticated: 1_000,
      wsMaxMessageBytes: 524_288,
      wsSendBufferSize: 256,
      wsWriteWaitMs: 10_000,
      wsPongWaitMs: 60_000,
      wsPingPeriodMs: 54_000,
      wsRateClient: { count: 100, windowMs: 60_000 },
      wsRateNetwork: { count: 1_000, windowMs: 60_000 },
      wsConnectRate: { count: 600, windowMs: 60_000 },
      registerRate: { count: 30, windowMs: 60_000 },
      maxNetworksPerUser: 1_000,
      trustProxy: [],
      wsAllowedOrigins: [],
      chatEditWindowMs: 900_000,
      eventRetentionMs: 604_800_000,
      drainTimeoutMs: 20_000,
      logLevel: 'info',
    });
  });

  it('need no secret in development mode, and listen on this machine only', () => {
    expect(readSettings({ GOCONNECT_DEV: '1' })).toMatchObject({
      dev: true,
      host: '127.0.0.1',
      wsAllowedOrigins: ['*'],
      logLevel: 'warn',
    });
  });

  it('take an empty variable as one that is not there', () => {
    expect(readSettings({ ...production, PORT: '', WS_PONG_WAIT: '' }).wsPongWaitMs).toBe(60_000);
  });

  it.each([
    ['PORT', '0', 'port', 0],
    ['HOST', '::1', 'host', '::1'],
    ['HOST', 'chat.example', 'host', 'chat.example'],
    ['DATABASE_URL', 'sqlite::memory:', 'databaseUrl', 'sqlite::memory:'],
    ['DATABASE_URL', 'file:/var/lib/go connect/db', 'databaseUrl', 'file:/var/lib/go connect/db'],
    ['DATABASE_URL', 'file:a%b.db', 'databaseUrl', 'file:a%b.db'],
    ['DATABASE_URL', 'file:///var/lib/go%20connect/db', 'databaseUrl', 'file:///var/lib/go%20connect/db'],
    ['DATABASE_URL', 'postgres://u:p@db:5432/x', 'databaseUrl', 'postgres://u:p@db:5432/x'],
    ['JWT_JWKS_URL', 'https://id.example/jwks', 'jwtJwksUrl', 'https://id.example/jwks'],
    ['JWT_JWKS_URL', 'http://localhost:9000/jwks', 'jwtJwksUrl', 'http://localhost:9000/jwks'],
    ['JWT_JWKS_URL', 'file:./keys.json', 'jwtJwksUrl', 'file:./keys.json'],
    ['JWT_JWKS_URL', 'file:///etc/my%20keys.json', 'jwtJwksUrl', 'file:///etc/my%20keys.json'],
    ['WS_MAX_MESSAGE_SIZE', '4096B', 'wsMaxMessageBytes', 4_096],
    ['WS_MAX_MESSAGE_SIZE', '1MB', 'wsMaxMessageBytes', 1_048_576],
    ['WS_WRITE_WAIT', '500ms', 'wsWriteWaitMs', 500],
    ['REFRESH_TOKEN_TTL', '30d', 'refreshTokenTtlMs', 2_592_000_000],
    ['CHAT_EDIT_WINDOW', '0s', 'chatEditWindowMs', 0],
    ['WS_RATE_CLIENT', '20/1s', 'wsRateClient', { count: 20, windowMs: 1_000 }],
    [
      'WS_ALLOWED_ORIGINS',
      'https://a.example, http://b.example:81',
      'wsAllowedOrigins',
      ['https://a.example', 'http://b.example:81'],
    ],
    ['TRUST_PROXY', 'none', 'trustProxy', []],
    [
      'TRUST_PROXY',
      'loopback, 10.0.0.0/8,2001:db8::/32',
      'trustProxy',
      ['loopback', '10.0.0.0/8', '2001:db8::/32'],
    ],
    ['WS_CONNECT_RATE', '5/1s', 'wsConnectRate', { count: 5, windowMs: 1_000 }],
    ['REGISTER_RATE', '5/1h', 'registerRate', { count: 5, windowMs: 3_600_000 }],
    ['LOG_LEVEL', 'silent', 'logLevel', 'silent'],
  ])('accept %s=%s', (variable, text, field, value) => {
    expect(readSettings({ ...production, [variable]: text })).toMatchObject({ [field]: value });
  });

  it.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['PORT', '8080 '],
    ['PORT', '0x50'],
    ['PORT', '1e3'],
    ['PORT', '9'.repeat(400)],
    ['HOST', 'two hosts'],
    ['HOST', 'host\nX: y'],
    ['HOST', '-'],
    ['DATABASE_URL', 'mysql://db/x'],
    ['DATABASE_URL', 'file:'],
    ['DATABASE_URL', 'file:a?mode=ro'],
    ['DATABASE_URL', 'file://data/x.db'],
    ['DATABASE_URL', 'file:///tmp/%zz.db'],
    ['DATABASE_URL', 'file:///tmp/a%2Fb.db'],
    ['DATABASE_URL', 'file:///tmp/a%00b.db'],
    ['DATABASE_URL', 'file:a\0b.db'],
    ['DATABASE_URL', './data.db'],
    ['DATABASE_URL', 'postgres://'],
    ['DATABASE_URL', 'postgres://u@db/x '],
    ['BUS_URL', 'kafka://x'],
    ['BUS_URL', 'redis://'],
    ['BUS_URL', 'redis://bus/zero'],
    ['BUS_URL', 'redis://bus?family=6'],
    ['BUS_URL', 'redis://:%zz@bus'],
    ['BUS_URL', 'redis://bus:0'],
    ['BUS_URL', 'rediss://u:p@bus:00/1'],
    ['BUS_URL', 'redis://:p@bus '],
    ['BUS_URL', ' redis://:p@bus'],
    ['BUS_URL', 'redis://:p@bus\n'],
    ['BUS_URL', 'redis://:p\tq@bus'],
    ['BUS_URL', 'redis://:p q@bus'],
    ['BUS_URL', 'redis://bus\x01'],
    ['JWT_SECRET', ' '.repeat(48)],
    ['JWT_SECRET', '\t '.repeat(16)],
    ['JWT_JWKS_URL', 'http://id.example/jwks'],
    ['JWT_JWKS_URL', 'http://127.0.0.1.evil.example/jwks'],
    ['JWT_JWKS_URL', 'ftp://id.example/jwks'],
    ['JWT_JWKS_URL', ' https://id.example/jwks'],
    ['JWT_JWKS_URL', 'file://data/keys.json'],
    ['JWT_JWKS_URL', 'https://user:password@id.example/jwks'],
    ['JWT_JWKS_URL', 'https://user@id.example/jwks'],
    ['JWT_JWKS_URL', 'http://:password@localhost/jwks'],
    ['JWT_ISSUER', 'x'.repeat(257)],
    ['ACCESS_TOKEN_TTL', '900'],
    ['ACCESS_TOKEN_TTL', '0s'],
    ['ACCESS_TOKEN_TTL', '2d'],
    ['ACCESS_TOKEN_TTL', '1.5h'],
    ['ACCESS_TOKEN_TTL', '15 m'],
    ['REFRESH_TOKEN_TTL', '1w'],
    ['WS_MAX_CONNECTIONS', '0'],
    ['WS_MAX_CONNECTIONS', 'many'],
    ['WS_MAX_CONNECTIONS_PER_USER', '0'],
    ['WS_MAX_MESSAGE_SIZE', '512'],
    ['WS_MAX_MESSAGE_SIZE', '512kb'],
    ['WS_MAX_MESSAGE_SIZE', '1GB'],
    ['WS_SEND_BUFFER_SIZE', '1e9'],
    ['WS_WRITE_WAIT', 'Infinity'],
    ['WS_PONG_WAIT', '-60s'],
    ['WS_PING_PERIOD', '60'],
    ['WS_RATE_CLIENT', '100'],
    ['WS_RATE_CLIENT', '100/0s'],
    ['WS_RATE_CLIENT', '0/1m'],
    ['WS_RATE_CLIENT', '1/1m/1m'],
    ['WS_RATE_NETWORK', '1000000/1m'],
    ['WS_MAX_UNAUTHENTICATED', '0'],
    ['WS_CONNECT_RATE', '5'],
    ['REGISTER_RATE', '0/1m'],
    ['TRUST_PROXY', '1'],
    ['TRUST_PROXY', 'true'],
    ['TRUST_PROXY', '*'],
    ['TRUST_PROXY', '10.0.0.0/0'],
    ['TRUST_PROXY', '10.0.0.0/33'],
    ['TRUST_PROXY', '10.0.0.1/8/8'],
    ['TRUST_PROXY', 'proxy.example'],
    ['TRUST_PROXY', 'loopback,,private'],
    ['TRUST_PROXY', '::1/129'],
    ['WS_ALLOWED_ORIGINS', 'https://a.example/'],
    ['WS_ALLOWED_ORIGINS', 'https://a.example,*'],
    ['WS_ALLOWED_ORIGINS', 'https://*.example'],
    ['WS_ALLOWED_ORIGINS', 'a.example'],
    ['WS_ALLOWED_ORIGINS', 'https://user@a.example'],
    ['CHAT_EDIT_WINDOW', 'forever'],
    ['EVENT_RETENTION', '1s'],
    ['LOG_LEVEL', 'INFO'],
    ['GOCONNECT_DEV', 'true'],
    ['STATIC_DIR', 'a\0b'],
  ])('refuse %s=%j, naming the variable, the value and what is accepted', (variable, text) => {
    const error = faultsOf({ ...production, [variable]: text });
    expect(error.faults.map((fault) => fault.variable)).toEqual([variable]);
    expect(error.message).toContain(`${variable}=`);
    expect(error.message).toContain('accepted is');
    expect(error.message.length).toBeLessThan(500);
    expect(error.message.split('\n')).toHaveLength(2);
  });

  it('list several faults at once', () => {
    const error = faultsOf({ PORT: 'x', WS_PONG_WAIT: 'y', WS_ALLOWED_ORIGINS: '*' });
    expect(error.faults.map((fault) => fault.variable)).toEqual([
      'PORT',
      'WS_PONG_WAIT',
      'JWT_SECRET',
      'WS_ALLOWED_ORIGINS',
    ]);
  });

  it.each([
    ['JWT_SECRET', { JWT_SECRET: '' }, /JWT_SECRET: required.*32 bytes.*JWT_JWKS_URL/],
    [
      'WS_PING_PERIOD',
      { ...production, WS_PING_PERIOD: '60s' },
      /WS_PING_PERIOD=1m: less than WS_PONG_WAIT \(1m\)/,
    ],
    [
      'ACCESS_TOKEN_TTL',
      { ...production, ACCESS_TOKEN_TTL: '1d', REFRESH_TOKEN_TTL: '1h' },
      /less than REFRESH_TOKEN_TTL/,
    ],
    [
      'WS_MAX_CONNECTIONS_PER_USER',
      { ...production, WS_MAX_CONNECTIONS: '4' },
      /at most WS_MAX_CONNECTIONS \(4\)/,
    ],
    [
      'WS_ALLOWED_ORIGINS',
      { ...production, WS_ALLOWED_ORIGINS: '*' },
      /WS_ALLOWED_ORIGINS=\*: .*name the origins/,
    ],
    [
      'DATABASE_URL',
      { ...production, BUS_URL: 'redis://u:canary-pw@bus:6379' },
      /DATABASE_URL=file:\.\/data\/goconnect\.db: with BUS_URL postgres:.*SQLite is for a single one/,
    ],
    [
      'DATABASE_URL',
      { ...production, BUS_URL: 'rediss://bus', DATABASE_URL: 'sqlite::memory:' },
      /DATABASE_URL=sqlite::memory:: with BUS_URL/,
    ],
    [
      'JWT_SECRET',
      { GOCONNECT_DEV: '1', BUS_URL: 'redis://bus', DATABASE_URL: 'postgres://u@db/x' },
      /JWT_SECRET: required with BUS_URL.*JWT_JWKS_URL/,
    ],
    ['JWT_SECRET', { BUS_URL: 'redis://bus', DATABASE_URL: 'postgres://u@db/x' }, /JWT_SECRET: required \(/],
  ])('are checked against one another: %s', (variable, env, text) => {
    const error = faultsOf(env);
    expect(error.faults.map((fault) => fault.variable)).toEqual([variable]);
    expect(error.message).toMatch(text);
  });

  it.each(['redis://bus', 'redis://bus:7000/0', 'redis://:p%40ss@[::1]/', 'rediss://u:p@bus/15'])(
    'take the bus %s beside a database for several servers',
    (url) => {
      const env = { ...production, DATABASE_URL: 'postgresql://u@db/x', BUS_URL: url };
      expect(readSettings(env).busUrl).toBe(url);
      expect(printableSettings(readSettings(env))).not.toMatch(/BUS_URL=.*p/);
      const { JWT_SECRET: _, ...keyless } = env;
      const foreign = { ...keyless, GOCONNECT_DEV: '1', JWT_JWKS_URL: 'https://id.example/jwks' };
      expect(readSettings(foreign).busUrl).toBe(url);
    },
  );

  it('never show a secret, wrong or right (A5.5)', () => {
    const hostile = {
      JWT_SECRET: 'canary-short',
      DATABASE_URL: 'postgre://u:canary-p@ss@db/x?password=canary',
      BUS_URL: 'amqp://u:canary@x',
      JWT_JWKS_URL: 'ftp://u:canary@x/?key=canary',
    };
    const { message, faults } = faultsOf(hostile);
    expect(faults).toHaveLength(4);
    expect(message).not.toContain('canary');
    expect(message).toContain('(12 bytes, not shown)');

    const printed = printableSettings(
      readSettings({ ...production, DATABASE_URL: 'postgres://u:canary@db/x' }),
    );
    expect(printed).not.toContain('canary');
    expect(printed).toContain('DATABASE_URL=postgres://***@db/x');
    expect(printed).toContain('WS_PING_PERIOD=54s');
  });

  it.each([
    ['postgres://user:canary', 'postgres://***'],
    ['postgres://user:canary/db', 'postgres://***'],
    ['postgres://user:canary:5432/db?x=canary', 'postgres://***'],
    ['redis:user:canary', 'redis:***'],
    ['"postgres://user:canary@db/x"', '"postgres://***@db/x"'],
    ["'postgres://user:canary/db'", "'postgres://***"],
    ['postgres//user:canary@db/x', 'postgres//***@db/x'],
    ['postgres2://user:canary@db/x', 'postgres2://***@db/x'],
    ['user:canary', 'user:***'],
    ['file:a:b?c', 'file:a:b?***'],
    ['postgre://db:5432/x', 'postgre://db:5432/x'],
    ['postgre://[::1]:5432/x', 'postgre://[::1]:5432/x'],
    ['file//a.db', 'file//a.db'],
  ])('never show what may be a password whose @ was forgotten: %s', (url, shown) => {
    const { faults } = faultsOf({ ...production, DATABASE_URL: url });
    expect(faults).toMatchObject([{ variable: 'DATABASE_URL', value: shown }]);
  });

  it('are read back from what they are printed as', () => {
    const settings = readSettings({ ...production, WS_RATE_CLIENT: '7/90s', WS_MAX_MESSAGE_SIZE: '1025B' });
    const env = Object.fromEntries(
      printableSettings(settings)
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
    expect(readSettings({ ...env, ...production })).toEqual(settings);
  });

  it('have a variable each, and no two the same', () => {
    const names = Object.values(VARIABLES).map((variable) => variable.name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('options of a program', () => {
  const read = (options: Parameters<typeof optionsEnvironment>[0]) =>
    readSettings(optionsEnvironment(options));

  it('may be values or the texts an operator writes, and win over `env`', () => {
    const options = {
      jwtSecret: secret,
      port: 0,
      wsPingPeriodMs: 1_500,
      wsPongWaitMs: '2s',
      wsAllowedOrigins: ['https://a.example'],
    };
    expect(read({ ...options, env: { PORT: '99', WS_WRITE_WAIT: '3s' } })).toMatchObject({
      ...options,
      wsPongWaitMs: 2_000,
      wsWriteWaitMs: 3_000,
    });
    expect(read({ dev: true, wsRateClient: { count: 5, windowMs: 2_000 } })).toMatchObject({
      dev: true,
      wsRateClient: { count: 5, windowMs: 2_000 },
    });
  });

  it('are held to the same rules', () => {
    expect(() => read({ jwtSecret: secret, port: 70_000 })).toThrow(/PORT=70000/);
    expect(() => read({ jwtSecret: secret, wsPingPeriodMs: Number.NaN })).toThrow(/WS_PING_PERIOD=/);
    expect(() => read({ jwtSecret: secret, wsPingPeriodMs: 0.5 })).toThrow(/WS_PING_PERIOD=/);
    expect(() => read({ jwtSecret: secret, wsAllowedOrigins: [] })).not.toThrow();
  });

  it('with a name that does not exist are refused', () => {
    const misspelt = { jwtSecret: secret, wsPingPeriod: '5s' };
    expect(() => read(misspelt)).toThrow(/wsPingPeriod: no such option/);
  });
});
