import type { GatewaySettings } from '../gateway/gateway-settings.js';
import type { Settings } from '../settings/settings.js';
import { VERSION } from './version.js';

/** Tenant of everyone who registers here, and of the demo. Tokens of another issuer may name others. */
export const TENANT_ID = 'default';

/** B4.1. */
const DEDUPE_WINDOW_MS = 86_400_000;

/** What of the settings concerns connections. */
export function gatewaySettings(settings: Settings): GatewaySettings {
  const { wsRateClient, wsRateNetwork, wsConnectRate } = settings;
  return {
    server: { name: 'goconnect-server', version: VERSION },
    maxConnections: settings.wsMaxConnections,
    maxConnectionsPerUser: settings.wsMaxConnectionsPerUser,
    maxMessageBytes: settings.wsMaxMessageBytes,
    sendBufferMessages: settings.wsSendBufferSize,
    writeWaitMs: settings.wsWriteWaitMs,
    pongWaitMs: settings.wsPongWaitMs,
    pingPeriodMs: settings.wsPingPeriodMs,
    clientRate: { limit: wsRateClient.count, windowMs: wsRateClient.windowMs },
    networkRate: { limit: wsRateNetwork.count, windowMs: wsRateNetwork.windowMs },
    connectRate: { limit: wsConnectRate.count, windowMs: wsConnectRate.windowMs },
    resumeWindowMs: settings.eventRetentionMs,
    dedupeWindowMs: DEDUPE_WINDOW_MS,
  };
}
