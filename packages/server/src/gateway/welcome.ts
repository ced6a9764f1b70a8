import type { Clock } from '@goconnect/protocol';
import type { RoomPosition } from '../domain/entities.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import type { GatewaySettings } from './gateway-settings.js';
import { OutgoingEvent } from './outgoing-event.js';

/** Sends a v1 connection its first message (B2). */
export type Welcome = (connection: Connection, positions: readonly RoomPosition[]) => void;

export function createWelcome(settings: GatewaySettings, clock: Pick<Clock, 'now'>): Welcome {
  const announced = {
    server: settings.server,
    limits: {
      max_message_bytes: settings.maxMessageBytes,
      messages_per_minute: perMinute(settings.clientRate),
      network_messages_per_minute: perMinute(settings.networkRate),
    },
    heartbeat: { ping_period_ms: settings.pingPeriodMs, pong_wait_ms: settings.pongWaitMs },
    resume: { window_ms: settings.resumeWindowMs, max_events_per_room: BOUNDS.resumeEvents },
    dedupe_window_ms: settings.dedupeWindowMs,
  };
  return (connection, positions) => {
    const data = {
      session_id: connection.id,
      user_id: connection.actor.userId,
      tenant_id: connection.actor.tenantId,
      server_time: new Date(clock.now()).toISOString(),
      token_expires_in: Math.floor(connection.expiresInMs / 1_000),
      rooms: positions.map(({ room, epoch, seq }) => ({ room, epoch, seq })),
      ...announced,
    };
    connection.sendEvent(new OutgoingEvent({ type: 'session.welcome', data }));
  };
}

/**
 * Who keeps to it keeps to the limit, also in bursts: of a shorter window no more than it takes at once, of a longer one
 * a share for each minute that it touches. At least one, though, for 0 would say that nothing may be sent.
 */
function perMinute({ limit, windowMs }: { readonly limit: number; readonly windowMs: number }): number {
  return Math.max(1, Math.floor(limit / Math.ceil(windowMs / 60_000)));
}
