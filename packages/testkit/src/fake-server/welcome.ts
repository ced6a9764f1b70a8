import type { EventData } from '@goconnect/protocol/validators';
import type { Connection } from './connection.js';
import type { ContractSettings } from './contract-settings.js';
import type { World } from './world.js';

/** The first message on a v1 connection (B2). */
export function welcome(
  connection: Connection,
  world: World,
  settings: ContractSettings,
  tokenLifeMs: number,
): object {
  const data: EventData<'session.welcome'> = {
    session_id: connection.id,
    user_id: connection.user.id,
    tenant_id: connection.user.tenantId,
    server: { name: 'goconnect-fake', version: '0' },
    server_time: world.timestamp(),
    token_expires_in: Math.max(0, Math.floor(tokenLifeMs / 1_000)),
    rooms: [...connection.rooms].map((room) => world.position(room)),
    limits: {
      max_message_bytes: settings.maxMessageBytes,
      messages_per_minute: settings.messagesPerMinute,
      network_messages_per_minute: settings.networkMessagesPerMinute,
    },
    heartbeat: { ping_period_ms: settings.pingPeriodMs, pong_wait_ms: settings.pongWaitMs },
    resume: { window_ms: settings.resumeWindowMs, max_events_per_room: settings.maxEventsPerRoom },
    dedupe_window_ms: settings.dedupeWindowMs,
  };
  return { type: 'session.welcome', data };
}
