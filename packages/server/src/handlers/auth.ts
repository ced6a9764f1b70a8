import type { Handler } from './handler.js';

/** A5.3. The subject must be the connection's; its expiry, rights and login follow the new token. */
export const refreshTokens: Handler<'auth.refresh'> = async ({ operations, tokens, session, opId }, data) => {
  const pair = await operations.sessions.refresh(data.refresh_token, { subject: session.actor, opId });
  const verified = await tokens.verify(pair.accessToken);
  if (!verified.ok) throw new Error(`the access token just made is ${verified.fault}`);
  await session.renew(verified.identity);
  return {
    reply: {
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken,
      expires_in: pair.expiresIn,
      status: 'refreshed',
    },
  };
};
