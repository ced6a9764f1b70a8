import { z } from 'zod';
import { count, statusWord, token } from './fields.js';

export const authRefresh = z.object({ refresh_token: token });

export const authRefreshAck = z.object({
  access_token: token,
  refresh_token: token,
  /** Seconds the access token lives, from now. */
  expires_in: count,
  status: statusWord('refreshed'),
});
