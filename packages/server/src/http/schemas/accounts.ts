import { z } from 'zod';
import { email, id, line, password, personName, secretToken, time } from './fields.js';

export const user = z
  .object({
    id,
    tenant_id: id,
    email,
    name: personName,
    is_admin: z.boolean(),
    is_moderator: z.boolean(),
    created_at: time,
  })
  .meta({ id: 'User' });

/** What everyone of a tenant may know of each other. */
export const person = z.object({ id, name: personName }).meta({ id: 'Person' });

export const registration = z
  .object({ email, password, name: personName.optional() })
  .meta({ id: 'Registration' });

// What is no possible password is simply a wrong one: the rules for new ones are nobody's hint. The address is looked
// up as it is, so it must be one that a database can look up.
export const credentials = z
  .object({ email: line(1, 254, 'The address of the account.'), password: z.string().min(1).max(1_024) })
  .meta({ id: 'Credentials' });

export const refreshToken = z.object({ refresh_token: secretToken }).meta({ id: 'RefreshToken' });

const pair = {
  access_token: secretToken,
  refresh_token: secretToken,
  expires_in: z.number().int().describe('Seconds the access token lives.'),
  token_type: z.literal('Bearer'),
};
export const tokenPair = z.object(pair).meta({ id: 'TokenPair' });
export const login = z.object({ ...pair, user }).meta({ id: 'Login' });
