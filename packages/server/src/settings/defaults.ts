import type { Settings } from './settings.js';

/** A default as an operator would write it; one for development mode and one for everywhere else where they differ. */
export type Default = string | { readonly dev: string; readonly otherwise: string };

/** Every default, once, with the reason beside it. What is not here is unset unless somebody sets it. */
export const DEFAULTS = {
  dev: '0',
  port: '8080',
  // A machine with well-known demo passwords is nobody else's business.
  host: { dev: '127.0.0.1', otherwise: '0.0.0.0' },
  databaseUrl: 'file:./data/goconnect.db',
  busUrl: 'none',
  // How long a leaked access token is of use; the published reply of auth.refresh says 900 seconds.
  accessTokenTtlMs: '15m',
  // How long one may be away and still be logged in.
  refreshTokenTtlMs: '7d',
  // As published, down to WS_PING_PERIOD, but for WS_MAX_UNAUTHENTICATED.
  wsMaxConnections: '10000',
  wsMaxConnectionsPerUser: '5',
  // A burst of real clients is through in milliseconds; who stays is the oldest and goes first.
  wsMaxUnauthenticated: '1000',
  wsMaxMessageBytes: '512KB',
  wsSendBufferSize: '256',
  wsWriteWaitMs: '10s',
  wsPongWaitMs: '60s',
  // 9/10 of WS_PONG_WAIT: a ping sent in time is answered in time. Proxies must allow 75 s of silence.
  wsPingPeriodMs: '54s',
  wsRateClient: '100/1m',
  wsRateNetwork: '1000/1m',
  // An office of some hundred people behind one address comes back within a minute of a restart.
  wsConnectRate: '600/1m',
  // A class that signs up together is through in a minute or two; each account costs a password hash and a row for good.
  registerRate: '30/1m',
  // More than people keep track of. Each connection enters them all: a thousand keep the loop for some 25 ms at a time.
  maxNetworksPerUser: '1000',
  // Whoever is trusted for nothing may say about clients what they like.
  trustProxy: 'none',
  // The host that a page came from is always allowed; other hosts must be named.
  wsAllowedOrigins: { dev: '*', otherwise: '' },
  // A3.6.
  chatEditWindowMs: '15m',
  // Who was away for longer is told of a gap (B3.4) and reads the history.
  eventRetentionMs: '7d',
  // Less than the 30 s that orchestrators wait before they kill; Ctrl-C on one's own machine should not be felt.
  drainTimeoutMs: { dev: '1s', otherwise: '20s' },
  // In development mode the terminal belongs to the start-up text and to what is wrong.
  logLevel: { dev: 'warn', otherwise: 'info' },
} as const satisfies { readonly [K in keyof Settings]?: Default };
