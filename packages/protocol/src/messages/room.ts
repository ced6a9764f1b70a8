import { z } from 'zod';
import { epoch, room, roomName, seq, statusWord } from './fields.js';

export const roomJoin = z.object({ room }).describe('Enters a room (who may: A3.4).');
export const roomJoinAck = z
  .object({ room: roomName, status: statusWord('joined'), epoch: epoch.optional(), seq: seq.optional() })
  .describe('The room is entered; on a v1 connection with the position of its log (B3.2).');

export const roomLeave = z.object({ room }).describe('Leaves a room.');
export const roomLeaveAck = z
  .object({ room: roomName, status: statusWord('left') })
  .describe('The room is left.');
