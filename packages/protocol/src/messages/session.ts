import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import { count, epoch, opaqueId, openEnum, room, seq, shortText, timestamp } from './fields.js';

/** Where a room's log stood when the server said so (B3.2). */
export const roomPosition = z.object({ room: z.string().min(1).max(128), epoch, seq });

/** B2: the first message on a v1 connection. A client times everything from these, never from its wall clock. */
export const sessionWelcome = z.object({
  session_id: opaqueId,
  user_id: opaqueId,
  tenant_id: opaqueId,
  server: z.object({ name: shortText, version: shortText }),
  server_time: timestamp,
  /** Seconds the access token of this connection still lives. */
  token_expires_in: count,
  rooms: z.array(roomPosition).max(LIMITS.resumeRooms),
  limits: z.object({ max_message_bytes: count, messages_per_minute: count, network_messages_per_minute: count }),
  heartbeat: z.object({ ping_period_ms: count, pong_wait_ms: count }),
  resume: z.object({ window_ms: count, max_events_per_room: count }),
  dedupe_window_ms: count,
});

/** The last position of a room that the client has seen. */
export const seenPosition = z.object({ room, epoch, seq });
export const sessionResume = z.object({ positions: z.array(seenPosition).max(LIMITS.resumeRooms) });

export const resumedRoom = z.object({
  room: z.string().min(1).max(128),
  status: openEnum('recovered', 'gap', 'denied'),
  /** Absent for a denied room: a stranger is not told how much is said there. */
  epoch: epoch.optional(),
  seq: seq.optional(),
  /** Of a gap: the oldest `seq` that can still be had. */
  from: seq.optional(),
});
export const sessionResumeAck = z.object({ rooms: z.array(resumedRoom).max(LIMITS.resumeRooms) });

/** B5.1: sent before a server goes; `reconnect_after_ms` is drawn per client. */
export const sessionDraining = z.object({ reconnect_after_ms: count, deadline_ms: count, reason: shortText });
