import { z } from 'zod';

export const failure = z
  .object({
    code: z.enum([
      'ERR_INVALID_MESSAGE',
      'ERR_UNAUTHORIZED',
      'ERR_FORBIDDEN',
      'ERR_NOT_FOUND',
      'ERR_CONFLICT',
      'ERR_RATE_LIMIT',
      'ERR_HANDLER_FAILED',
    ]),
    message: z.string().describe('For people; programs look at `code` and `details`.'),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'Failure' });
