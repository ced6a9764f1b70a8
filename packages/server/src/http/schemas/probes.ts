import { z } from 'zod';

const count = z.number().int().min(0);

export const health = z
  .object({ ok: z.boolean(), websocket: z.object({ connections: count, rooms: count }) })
  .meta({ id: 'Health' });

export const readiness = z
  .object({
    ready: z.boolean(),
    checks: z
      .record(z.string(), z.string())
      .describe('`ok`, or what is wrong. A `bus` that is `down` makes no server unready.'),
  })
  .meta({ id: 'Readiness' });
