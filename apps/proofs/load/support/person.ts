import { createHmac } from 'node:crypto';
import { SECRET } from './secret.js';

/** Somebody who may log in: users of tokens need no row of their own (A5.1). */
export interface Actor {
  readonly userId: string;
  readonly tenantId: string;
}

const LIFE_S = 86_400;

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** Person `number`, one of `tenantSize` colleagues; the same for each call. */
export function actor(number: number, tenantSize: number): Actor {
  return { userId: `user-${number}`, tenantId: `tenant-${Math.floor(number / tenantSize)}` };
}

/** An access token for this person, valid for a day. */
export function tokenOf(number: number, tenantSize: number): string {
  const { userId, tenantId } = actor(number, tenantSize);
  const iat = Math.floor(Date.now() / 1_000);
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
