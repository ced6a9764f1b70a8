import { createHmac } from 'node:crypto';

/** Signs the tokens of the bench's people. */
export const SECRET = 'a secret of the bench, and only of it';

/** Of those who are all in one. */
export const COMMON_TENANT = 'tenant';

const LIFE_S = 86_400;

/** @param {object} value */
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Users of tokens need no row of their own. @param {number} number @param {string} tenantId */
export const actor = (number, tenantId) => ({ userId: `user-${number}`, tenantId });

/** An access token for a person. @param {number} number @param {string} tenantId */
export function tokenOf(number, tenantId) {
  const iat = Math.floor(Date.now() / 1_000);
  const userId = actor(number, tenantId).userId;
  const claims = {
    type: 'access',
    sub: userId,
    user_id: userId,
    tenant_id: tenantId,
    iat,
    exp: iat + LIFE_S,
  };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(claims)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}
