import { z } from 'zod';
import { epoch, room, seq, statusWord } from './fields.js';

export const roomJoin = z.object({ room });
/** `epoch` and `seq` are there on a v1 connection (B3.2). */
export const roomJoinAck = z.object({
  room: z.string().min(1).max(128),
  status: statusWord('joined'),
  epoch: epoch.optional(),
  seq: seq.optional(),
});

export const roomLeave = z.object({ room });
export const roomLeaveAck = z.object({ room: z.string().min(1).max(128), status: statusWord('left') });
