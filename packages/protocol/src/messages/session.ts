import { z } from 'zod';
import { LIMITS } from '../primitives/limits.js';
import {
  count,
  epoch,
  milliseconds,
  opaqueId,
  openEnum,
  prose,
  room,
  roomName,
  seconds,
  seq,
  timestamp,
} from './fields.js';

export const roomPosition = z
  .object({ room: roomName, epoch, seq })
  .describe("Where a room's log stood when the server said so (B3.2).");

export const sessionWelcome = z
  .object({
    session_id: opaqueId,
    user_id: opaqueId,
    tenant_id: opaqueId,
    server: z.object({ name: prose, version: prose }),
    server_time: timestamp,
    token_expires_in: seconds.describe('Seconds the access token of this connection still lives.'),
    rooms: z.array(roomPosition).max(LIMITS.resumeRooms),
    limits: z.object({
      max_message_bytes: count,
      messages_per_minute: count,
      network_messages_per_minute: count,
    }),
    heartbeat: z.object({ ping_period_ms: milliseconds, pong_wait_ms: milliseconds }),
    resume: z.object({ window_ms: milliseconds, max_events_per_room: count }),
    dedupe_window_ms: milliseconds,
  })
  .describe('The first message on a v1 connection; a client times everything from it (B2).');

export const seenPosition = z
  .object({ room, epoch, seq })
  .describe("The last position of a room's log that the client has seen.");
export const sessionResume = z
  .object({ positions: z.array(seenPosition).max(LIMITS.resumeRooms) })
  .describe('Asks for every event after the given positions (B3.3).');

export const resumedRoom = z
  .object({
    room: roomName,
    status: openEnum('recovered', 'gap', 'denied'),
    // Absent for a denied room: a stranger is not told how much is said there.
    epoch: epoch.optional(),
    seq: seq.optional(),
    from: seq.optional().describe('Of a gap: the oldest `seq` that can still be had.'),
  })
  .describe('What became of one room of a resume.');
export const sessionResumeAck = z
  .object({ rooms: z.array(resumedRoom).max(LIMITS.resumeRooms) })
  .describe('All missed events have been sent.');

export const sessionDraining = z
  .object({
    reconnect_after_ms: milliseconds.describe(
      'Milliseconds after which this client opens its next connection.',
    ),
    deadline_ms: milliseconds.describe('Milliseconds after which the server closes this connection.'),
    reason: prose,
  })
  .describe('The server is about to go (B5.1).');
