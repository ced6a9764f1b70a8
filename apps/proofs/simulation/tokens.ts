import type { Clock } from '@goconnect/protocol';
import type { AccessTokens } from '@goconnect/server/core';

interface Claims {
  readonly userId: string;
  readonly tenantId: string;
  readonly familyId?: string;
  readonly expiresAt: number;
  /** No two tokens are equal. */
  readonly serial: number;
}

/** Access tokens without cryptography, which takes real time: a token says in plain words who its bearer is. */
export class PlainTokens implements AccessTokens {
  #serial = 0;

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly ttlMs: () => number,
  ) {}

  mint(userId: string, tenantId: string, ttlMs: number, familyId?: string): string {
    const claims: Claims = {
      userId,
      tenantId,
      expiresAt: this.clock.now() + ttlMs,
      serial: ++this.#serial,
      ...(familyId !== undefined && { familyId }),
    };
    return Buffer.from(JSON.stringify(claims)).toString('base64url');
  }

  async verify(token: string): ReturnType<AccessTokens['verify']> {
    if (token === '') return { ok: false, fault: 'missing' };
    const claims = JSON.parse(Buffer.from(token, 'base64url').toString()) as Claims;
    const expiresInMs = claims.expiresAt - this.clock.now();
    if (expiresInMs <= 0) return { ok: false, fault: 'expired' };
    const { userId, tenantId, familyId } = claims;
    const identity = { userId, tenantId, isAdmin: false, isModerator: false, expiresInMs };
    return { ok: true, identity: { ...identity, ...(familyId !== undefined && { familyId }) } };
  }

  async issue(
    user: { readonly id: string; readonly tenantId: string },
    familyId: string,
  ): ReturnType<AccessTokens['issue']> {
    const ttlMs = this.ttlMs();
    return {
      token: this.mint(user.id, user.tenantId, ttlMs, familyId),
      expiresIn: Math.floor(ttlMs / 1_000),
    };
  }
}
