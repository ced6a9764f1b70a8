import { z } from 'zod';
import { seconds, statusWord, token } from './fields.js';

export const authRefresh = z
  .object({ refresh_token: token })
  .describe('Exchanges a refresh token for a new pair; the old one is spent (A5.3).');

export const authRefreshAck = z
  .object({
    access_token: token,
    refresh_token: token,
    expires_in: seconds.describe('Seconds the access token lives, counted from its receipt.'),
    status: statusWord('refreshed'),
  })
  .describe('The new pair of tokens.');
