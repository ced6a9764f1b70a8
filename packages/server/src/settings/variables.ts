import { LIMITS } from '@goconnect/protocol';
import {
  busUrl,
  claim,
  databaseUrl,
  flag,
  folder,
  host,
  jwksUrl,
  oneOf,
  origins,
  proxies,
  secret,
} from './address-kinds.js';
import type { Kind } from './kind.js';
import { byteSize, duration, rate, wholeNumber } from './quantity-kinds.js';
import { LOG_LEVELS, type Settings } from './settings.js';

export interface Variable<T> {
  /** Name of the environment variable. */
  readonly name: string;
  readonly kind: Kind<T>;
  /** One sentence for `--help` and the README. */
  readonly about: string;
  /** `all`: never shown. `password`: shown without the password that a URL may hold. */
  readonly secret?: 'all' | 'password';
}

/** A5.1: HS256 wants a key at least as long as its hash. */
export const MIN_SECRET_BYTES = 32;

/** One row for each setting: its variable, what is accepted and what it is for. */
export const VARIABLES: { readonly [K in keyof Settings]-?: Variable<NonNullable<Settings[K]>> } = {
  dev: {
    name: 'GOCONNECT_DEV',
    kind: flag,
    about: 'Development mode: demo users and networks, a random secret kept beside the database.',
  },
  port: { name: 'PORT', kind: wholeNumber(0, 65_535), about: 'TCP port; 0 takes any free one.' },
  host: { name: 'HOST', kind: host, about: 'Address to listen on.' },
  databaseUrl: {
    name: 'DATABASE_URL',
    kind: databaseUrl,
    secret: 'password',
    about: 'Where everything is stored.',
  },
  busUrl: {
    name: 'BUS_URL',
    kind: busUrl,
    secret: 'password',
    about: 'How several servers hear of one another; none for a single one.',
  },
  jwtSecret: {
    name: 'JWT_SECRET',
    kind: secret(MIN_SECRET_BYTES),
    secret: 'all',
    about: 'Signs and checks access tokens (HS256).',
  },
  jwtJwksUrl: {
    name: 'JWT_JWKS_URL',
    kind: jwksUrl,
    secret: 'password',
    about: "Another issuer's public keys (EdDSA, ES256, RS256).",
  },
  jwtIssuer: { name: 'JWT_ISSUER', kind: claim, about: '`iss` that every access token must have.' },
  jwtAudience: { name: 'JWT_AUDIENCE', kind: claim, about: '`aud` that every access token must have.' },
  accessTokenTtlMs: {
    name: 'ACCESS_TOKEN_TTL',
    kind: duration('1s', '1d'),
    about: 'Life of an access token.',
  },
  refreshTokenTtlMs: {
    name: 'REFRESH_TOKEN_TTL',
    kind: duration('2s', '365d'),
    about: 'Life of a refresh token.',
  },
  wsMaxConnections: {
    name: 'WS_MAX_CONNECTIONS',
    kind: wholeNumber(1, 1_000_000),
    about: 'Connections of this server.',
  },
  wsMaxConnectionsPerUser: {
    name: 'WS_MAX_CONNECTIONS_PER_USER',
    kind: wholeNumber(1, 10_000),
    about: 'Connections of one user.',
  },
  wsMaxUnauthenticated: {
    name: 'WS_MAX_UNAUTHENTICATED',
    kind: wholeNumber(1, 1_000_000),
    about:
      'Sockets that are no WebSocket of a user (yet), HTTP included; past it the one that kept the server waiting longest goes.',
  },
  wsMaxMessageBytes: {
    name: 'WS_MAX_MESSAGE_SIZE',
    kind: byteSize('1KB', '16MB'),
    about: 'Largest frame a client may send.',
  },
  wsSendBufferSize: {
    name: 'WS_SEND_BUFFER_SIZE',
    kind: wholeNumber(1, 65_536),
    about: 'Messages queued for one client; past it the client is closed with 4408.',
  },
  wsWriteWaitMs: {
    name: 'WS_WRITE_WAIT',
    kind: duration('10ms', '10m'),
    about: 'How long a write may make no progress.',
  },
  wsPongWaitMs: {
    name: 'WS_PONG_WAIT',
    kind: duration('20ms', '1h'),
    about: 'How long a client may show no sign of life.',
  },
  wsPingPeriodMs: {
    name: 'WS_PING_PERIOD',
    kind: duration('10ms', '1h'),
    about: 'How often a client is pinged; shorter than WS_PONG_WAIT.',
  },
  wsRateClient: {
    name: 'WS_RATE_CLIENT',
    kind: rate(10_000),
    about: 'Messages of one connection, and changes of one user over HTTP.',
  },
  wsRateNetwork: { name: 'WS_RATE_NETWORK', kind: rate(100_000), about: 'Messages into one network.' },
  wsConnectRate: {
    name: 'WS_CONNECT_RATE',
    kind: rate(100_000),
    about:
      'Upgrades from one address (IPv6: one /64). Internal addresses are exempt unless TRUST_PROXY is set.',
  },
  registerRate: {
    name: 'REGISTER_RATE',
    kind: rate(100_000),
    about:
      'Attempts to register from one address (IPv6: one /64). Internal addresses are exempt unless TRUST_PROXY is set.',
  },
  maxNetworksPerUser: {
    name: 'MAX_NETWORKS_PER_USER',
    // With `host` and the tenant's room all of them must fit into one `session.resume` (B3.3).
    kind: wholeNumber(1, LIMITS.resumeRooms - 2),
    about: 'Networks that one user may be in, their own included.',
  },
  trustProxy: {
    name: 'TRUST_PROXY',
    kind: proxies,
    about: 'Proxies whose X-Forwarded-For says who the client is.',
  },
  wsAllowedOrigins: {
    name: 'WS_ALLOWED_ORIGINS',
    kind: origins,
    about: 'Origins of pages that may connect and call, besides those this server serves itself.',
  },
  chatEditWindowMs: {
    name: 'CHAT_EDIT_WINDOW',
    kind: duration('0s', '365d'),
    about: 'How long authors may edit.',
  },
  eventRetentionMs: {
    name: 'EVENT_RETENTION',
    kind: duration('5m', '3650d'),
    about: 'How long missed events can still be had by resuming.',
  },
  drainTimeoutMs: {
    name: 'DRAIN_TIMEOUT',
    kind: duration('0s', '1h'),
    about: 'How long clients have to move on when the server stops.',
  },
  logLevel: { name: 'LOG_LEVEL', kind: oneOf(LOG_LEVELS), about: 'Least severe log line that is written.' },
  staticDir: { name: 'STATIC_DIR', kind: folder, about: 'Folder of a web page served at /.' },
};
