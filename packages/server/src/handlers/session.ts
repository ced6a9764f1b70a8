import type { Handler } from './handler.js';

/** B3.3. */
export const resumeSession: Handler<'session.resume'> = async ({ session }, { positions }) => ({
  reply: { rooms: await session.resume(positions) },
});
