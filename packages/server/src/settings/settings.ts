import type { Rate } from './quantity-kinds.js';

/** Everything an operator can set. Times end in `Ms` (milliseconds), sizes in `Bytes`. README.md says what each is for. */
export interface Settings {
  readonly dev: boolean;
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly busUrl: string;
  readonly jwtSecret?: string;
  readonly jwtJwksUrl?: string;
  readonly jwtIssuer?: string;
  readonly jwtAudience?: string;
  readonly accessTokenTtlMs: number;
  readonly refreshTokenTtlMs: number;
  readonly wsMaxConnections: number;
  readonly wsMaxConnectionsPerUser: number;
  readonly wsMaxUnauthenticated: number;
  readonly wsMaxMessageBytes: number;
  readonly wsSendBufferSize: number;
  readonly wsWriteWaitMs: number;
  readonly wsPongWaitMs: number;
  readonly wsPingPeriodMs: number;
  readonly wsRateClient: Rate;
  readonly wsRateNetwork: Rate;
  readonly wsConnectRate: Rate;
  readonly registerRate: Rate;
  readonly maxNetworksPerUser: number;
  readonly trustProxy: readonly string[];
  readonly wsAllowedOrigins: readonly string[];
  readonly chatEditWindowMs: number;
  readonly eventRetentionMs: number;
  readonly drainTimeoutMs: number;
  readonly logLevel: LogLevel;
  readonly staticDir?: string;
}

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
