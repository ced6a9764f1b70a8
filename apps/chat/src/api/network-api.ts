import type { Ban, JoinRequest, Member, Network } from '../state/entities.js';
import type { Message } from '../state/message.js';
import type { GivenRole } from '../state/rights.js';
import { http } from './http.js';
import { fields, list, text, textOr } from './parse.js';
import { parseBan, parseJoinRequest, parseMember, parseMessage, parseNetwork } from './parse-entities.js';

export interface NewNetwork {
  readonly name: string;
  readonly visibility: Network['visibility'];
  readonly joinPolicy: Network['joinPolicy'];
}

export interface InviteTerms {
  readonly days: number;
  readonly uses: number;
}

const DAY_SECONDS = 86_400;

/** Pages of a list that are followed; more than this no side bar shows. */
const PAGES = 5;

/** The calls that act for a person; `token` gives a valid access token each time. */
export function createNetworkApi(base: string, token: () => Promise<string>) {
  const get = async (path: string, signal?: AbortSignal) =>
    fields(await http(`${base}/v1/${path}`, { token: await token(), signal }));
  const send = async (method: 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) =>
    fields(await http(`${base}/v1/${path}`, { method, token: await token(), body })).data;
  const post = async (path: string, body: unknown = {}) =>
    fields(await http(`${base}/v1/${path}`, { method: 'POST', token: await token(), body })).data;
  const at = (networkId: string, action: string) => `networks/${encodeURIComponent(networkId)}/${action}`;

  const all = async (
    path: string,
    name: string,
    query: Readonly<Record<string, string>> = {},
  ): Promise<readonly unknown[]> => {
    const found: unknown[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES; page += 1) {
      const asked = new URLSearchParams({ ...query, ...(cursor === null ? {} : { cursor }) });
      const answer = await get(`${path}?${asked}`);
      found.push(...list(answer.data, name));
      cursor = textOr(answer, 'next_cursor', null);
      if (cursor === null) break;
    }
    return found;
  };

  return {
    networks: async (visibility: 'mine' | 'public'): Promise<readonly Network[]> =>
      (await all('networks', 'networks', { visibility, limit: '100' })).map(parseNetwork),
    async create({ name, visibility, joinPolicy }: NewNetwork): Promise<Network> {
      return parseNetwork(await post('networks', { name, visibility, join_policy: joinPolicy }));
    },
    /** `member` at once, or `pending` until an admin has answered. */
    async join(networkId: string, inviteToken?: string): Promise<'member' | 'pending'> {
      const data = await post(
        at(networkId, 'join'),
        inviteToken === undefined ? {} : { invite_token: inviteToken },
      );
      return fields(data).status === 'pending' ? 'pending' : 'member';
    },
    async update(networkId: string, { name, visibility, joinPolicy }: NewNetwork): Promise<Network> {
      const body = { name, visibility, join_policy: joinPolicy };
      return parseNetwork(await send('PATCH', `networks/${encodeURIComponent(networkId)}`, body));
    },
    remove: (networkId: string) => send('DELETE', `networks/${encodeURIComponent(networkId)}`),
    async find(networkId: string): Promise<Network> {
      return parseNetwork((await get(`networks/${encodeURIComponent(networkId)}`)).data);
    },
    setRole: (networkId: string, userId: string, role: GivenRole) =>
      send('PUT', at(networkId, `members/${encodeURIComponent(userId)}/role`), { role }),
    /** The token is told once, here. */
    async invite(networkId: string, { days, uses }: InviteTerms): Promise<string> {
      const body = { expires_in: days * DAY_SECONDS, uses };
      return text(fields(await post(at(networkId, 'invites'), body)), 'token');
    },
    unban: (networkId: string, userId: string) => post(at(networkId, 'unban'), { user_id: userId }),
    async bans(networkId: string): Promise<readonly Ban[]> {
      return list((await get(at(networkId, 'bans'))).data, 'bans').map(parseBan);
    },
    async nameOf(userId: string): Promise<string> {
      return text(fields((await get(`users/${encodeURIComponent(userId)}`)).data), 'name');
    },
    leave: (networkId: string) => post(at(networkId, 'leave')),
    approve: (networkId: string, userId: string) => post(at(networkId, 'approve'), { user_id: userId }),
    deny: (networkId: string, userId: string) => post(at(networkId, 'deny'), { user_id: userId }),
    kick: (networkId: string, userId: string, reason: string) =>
      post(at(networkId, 'kick'), removal(userId, reason)),
    ban: (networkId: string, userId: string, reason: string) =>
      post(at(networkId, 'ban'), removal(userId, reason)),
    members: async (networkId: string): Promise<readonly Member[]> =>
      (await all(at(networkId, 'members'), 'members')).map(parseMember),
    requests: async (networkId: string): Promise<readonly JoinRequest[]> =>
      (await all(at(networkId, 'requests'), 'requests')).map(parseJoinRequest),
    /** A page of messages, newest first, and the cursor of the next one. */
    async history(scope: string, before: string | undefined, limit: number) {
      const query = new URLSearchParams({
        scope,
        limit: String(limit),
        ...(before === undefined ? {} : { before }),
      });
      const answer = await get(`chat?${query}`);
      // As a list of the HTTP API, or shaped like the reply of `chat.history`.
      const nested = Array.isArray(answer.data) ? answer : fields(answer.data);
      const page: readonly Message[] = list(nested.data ?? nested.messages, 'messages').map(parseMessage);
      return { page, next: textOr(nested, 'next_cursor', null) ?? textOr(nested, 'next', null) };
    },
    async logout(refreshToken: string, accessToken: string): Promise<void> {
      const body = { refresh_token: refreshToken };
      await http(`${base}/v1/auth/logout`, { method: 'POST', token: accessToken, body });
    },
  };
}

const removal = (userId: string, reason: string) => ({
  user_id: userId,
  ...(reason === '' ? {} : { reason }),
});

export type NetworkApi = ReturnType<typeof createNetworkApi>;
