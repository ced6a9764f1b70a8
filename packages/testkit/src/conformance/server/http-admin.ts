import { isObject } from '../../support/is-object.js';
import { parsed } from '../../support/parsed.js';
import { TestkitError } from '../../support/testkit-error.js';
import type { ConformanceUser, ServerAdmin } from './server-target.js';

/** Log-in data of a user that already exists. */
export interface Login {
  readonly email: string;
  readonly password: string;
}

type Call = (
  method: string,
  path: string,
  token: string | undefined,
  body?: object,
) => Promise<Readonly<Record<string, unknown>>>;

export interface HttpAdminOptions {
  /** Ends what is asked at that moment, and whatever is asked after it. */
  readonly signal?: AbortSignal;
  /** Milliseconds in which each call has to be answered. Default: 20,000. */
  readonly deadlineMs?: number;
}

const PASSWORD = 'conformance-password';

export interface HttpAdmin extends ServerAdmin {
  login(login: Login): Promise<ConformanceUser>;
  /** Fresh tokens for a user who was logged in or registered here; undefined for another. */
  again(user: ConformanceUser): Promise<ConformanceUser> | undefined;
}

/** Acts through the server's HTTP API (`http://host:8080`). */
export function httpAdmin(base: string, options: HttpAdminOptions = {}): HttpAdmin {
  const call = caller(base, options);
  const logins = new Map<string, Login>();
  const login = async ({ email, password }: Login): Promise<ConformanceUser> => {
    const { access_token, refresh_token, expires_in, user } = await call(
      'POST',
      '/v1/auth/login',
      undefined,
      {
        email,
        password,
      },
    );
    const id = String(isObject(user) ? user.id : undefined);
    logins.set(id, { email, password });
    return {
      id,
      token: String(access_token),
      refreshToken: String(refresh_token),
      ...(typeof expires_in === 'number' && { expiresIn: expires_in }),
    };
  };
  const member = (networkId: string) => `/v1/networks/${encodeURIComponent(networkId)}`;
  return {
    login,
    again(user) {
      const known = logins.get(user.id);
      return known && login(known);
    },
    async newUser() {
      const email = `case-${Math.random().toString(36).slice(2)}@conformance.example`;
      await call('POST', '/v1/auth/register', undefined, { email, password: PASSWORD, name: 'Conformance' });
      return login({ email, password: PASSWORD });
    },
    async newNetwork(owner, { visibility = 'public', joinPolicy = 'open' } = {}) {
      const network = await call('POST', '/v1/networks', owner.token, {
        name: 'Conformance',
        visibility,
        join_policy: joinPolicy,
      });
      return String(network.id);
    },
    async join(networkId, user) {
      await call('POST', `${member(networkId)}/join`, user.token, {});
    },
    async approve(networkId, owner, user) {
      await call('POST', `${member(networkId)}/approve`, owner.token, { user_id: user.id });
    },
    async setRole(networkId, owner, user, role) {
      await call('PUT', `${member(networkId)}/members/${encodeURIComponent(user.id)}/role`, owner.token, {
        role,
      });
    },
    async leave(networkId, user) {
      await call('POST', `${member(networkId)}/leave`, user.token, {});
    },
    async kick(networkId, owner, user, reason) {
      await call('POST', `${member(networkId)}/kick`, owner.token, { user_id: user.id, reason });
    },
    async ban(networkId, owner, user, reason) {
      await call('POST', `${member(networkId)}/ban`, owner.token, { user_id: user.id, reason });
    },
    async rename(networkId, owner, name) {
      await call('PATCH', member(networkId), owner.token, { name });
    },
  };
}

function caller(base: string, { signal, deadlineMs = 20_000 }: HttpAdminOptions): Call {
  return async (method, path, token, body) => {
    const deadline = AbortSignal.timeout(deadlineMs);
    const url = new URL(base);
    // The API may stand below a path, as behind a proxy.
    url.pathname = url.pathname.replace(/\/+$/, '') + path;
    const asked = `${method} ${url.origin}${url.pathname}`;
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body && { 'content-type': 'application/json' }),
    };
    const sent = {
      method,
      headers,
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
      ...(body && { body: JSON.stringify(body) }),
    };
    // A server may also stop in the middle of an answer.
    const unanswered = (cause: unknown): never => {
      signal?.throwIfAborted();
      throw new TestkitError(
        'server_unreachable',
        deadline.aborted
          ? `${asked} was not answered within ${deadlineMs} ms.`
          : `Nothing answers at ${url.origin}.`,
        'Start the server, or correct the address of its HTTP API.',
        { cause },
      );
    };
    const response = await fetch(url, sent).catch(unanswered);
    const text = await response.text().catch(unanswered);
    const answer = parsed(text);
    const data = isObject(answer) ? answer.data : undefined;
    if (response.ok && isObject(data)) return data;
    const code = isObject(answer) ? String(answer.code) : 'no JSON';
    throw new TestkitError(
      'bad_argument',
      `${asked} was answered with ${response.status} ${code}.`,
      'The HTTP API of the contract is needed to make memberships happen; without it leave --http out.',
    );
  };
}
