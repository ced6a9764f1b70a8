import { setTimeout as sleep } from 'node:timers/promises';
import { httpAdmin, type Login } from './http-admin.js';
import { keepTokens } from './keep-tokens.js';
import type { ConformanceUser, ServerTarget } from './server-target.js';
import { claimsOf } from './token-claims.js';

export interface HttpTargetOptions {
  /** `ws://host:8080/v1/ws`. */
  readonly url: string;
  /** `http://host:8080`. Without it, cases that change memberships are skipped. */
  readonly http?: string;
  /** Users that exist. With `http` and fewer than two, new ones are registered. */
  readonly logins?: readonly Login[];
  /** In place of log-ins: access tokens of two users of one tenant. */
  readonly tokens?: readonly string[];
  readonly foreignToken?: string;
  /** Also runs cases that wait for minutes. */
  readonly slow?: boolean;
  /** The server is in development mode and lets pages of any origin in. */
  readonly anyOrigin?: boolean;
  readonly deadlineMs?: number;
  /** Ends what is asked of the HTTP API, also during the run. */
  readonly signal?: AbortSignal;
}

/** A server on the network as a target: logs in, or registers whom it needs. */
export async function httpTarget(options: HttpTargetOptions): Promise<ServerTarget> {
  const { url, http, logins = [], tokens = [], foreignToken, slow = false, anyOrigin, deadlineMs } = options;
  const { signal } = options;
  const admin = http === undefined ? undefined : httpAdmin(http, { ...(signal && { signal }) });
  const users: ConformanceUser[] = tokens.map(userOfToken);
  for (const login of admin ? logins : []) if (admin) users.push(await admin.login(login));
  while (admin && users.length < 2) users.push(await admin.newUser());
  const foreigner = foreignToken === undefined ? undefined : userOfToken(foreignToken);
  return {
    kind: 'server',
    url,
    users,
    tokens: keepTokens(users, foreigner ? [foreigner] : [], (user) => admin?.again(user)),
    ...(admin && { admin }),
    ...(foreigner && { foreigner }),
    ...(slow && { passTime: (ms: number) => sleep(ms, undefined, signal && { signal }) }),
    ...(anyOrigin !== undefined && { anyOrigin }),
    ...(deadlineMs !== undefined && { deadlineMs }),
  };
}

/** Whose token it is: the claims say so; no case trusts them further. */
function userOfToken(token: string): ConformanceUser {
  const { user_id, sub } = claimsOf(token);
  return { id: String(user_id ?? sub ?? 'unknown'), token };
}
