import { createHmac, randomUUID } from 'node:crypto';

/**
 * An access token as the server would give it (A5.1), made with its secret: a proof with a hundred users need not wait
 * for a hundred passwords to be hashed.
 */
export function mintToken(
  secret: string,
  claims: { readonly userId: string; readonly tenantId: string },
): string {
  const iat = Math.floor(Date.now() / 1_000);
  const payload = {
    user_id: claims.userId,
    tenant_id: claims.tenantId,
    is_admin: false,
    is_moderator: false,
    type: 'access',
    jti: randomUUID(),
    iat,
    exp: iat + 86_400,
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}
