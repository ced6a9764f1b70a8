import { ApiError } from '../api/api-error.js';
import type { InviteTerms, NewNetwork } from '../api/network-api.js';
import { type Member, type Network, networkScope, type Scope } from '../state/entities.js';
import { missingIn } from '../state/network-lists.js';
import type { Problem } from '../state/problem.js';
import type { Departure } from '../state/workspace.js';
import { announced, attempt, NETWORK_WORDS, type Words } from './attempts.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

const INVITE_WORDS: Words = {
  ERR_NOT_FOUND: 'This invitation is not valid any more: it was used up or has run out. Ask for a new one.',
  ERR_FORBIDDEN: 'This invitation does not let you in. It was used up, has run out, or you are banned there.',
  ERR_INVALID_MESSAGE: 'This is not a whole invitation. Copy it again, from the first to the last character.',
};

export type NetworkActions = ReturnType<typeof createNetworkActions>;

/** Networks as one enters, changes and leaves them. Each action resolves with the problem, if there was one; none rejects. */
export function createNetworkActions({ me, api, store }: SessionContext) {
  const { dispatch } = store;

  /** Closes a network that one is no longer in. While nobody answers it stays as it is. */
  async function checkMembership(network: Network): Promise<void> {
    const kind = await api.members(network.id).then(
      // Who is set over the whole deployment may read in networks of others, too.
      (members) => ((me.isAdmin || me.isModerator) && !isAmong(members, me.id) ? 'ended' : undefined),
      (error: unknown) => departureOf(error, network),
    );
    if (kind !== undefined) dispatch({ type: 'network.gone', networkId: network.id, kind, reason: '' });
  }

  async function load(): Promise<void> {
    const problem = await attempt(async () => {
      const [mine, open] = await Promise.all([api.networks('mine'), api.networks('public')]);
      dispatch({ type: 'networks.loaded', mine, open });
      await Promise.all(missingIn(store.get().networks, mine).map(checkMembership));
    });
    if (problem) dispatch({ type: 'networks.failed', problem });
  }

  /** Nobody is told of a denial, so nothing here says that an answer is still to come. */
  function asked(networkId: string, name: string): void {
    dispatch({ type: 'network.asked', networkId });
    const text = `You have asked to join ${name}. If an admin lets you in, it appears in your list.`;
    dispatch({ type: 'notice.raised', tone: 'info', text });
  }

  /** Networks that one leaves here and now: nobody need ask why. */
  const leaving = new Set<string>();

  return {
    load,
    async update(networkId: string, changes: NewNetwork) {
      return await attempt(
        async () => {
          const changed = await api.update(networkId, changes);
          dispatch({ type: 'network.changed', networkId, changes: changed });
        },
        { ERR_INVALID_MESSAGE: 'A name has 3 to 64 characters.' },
      );
    },
    async remove(networkId: string) {
      return await attempt(async () => {
        await api.remove(networkId);
        dispatch({ type: 'network.gone', networkId, kind: 'deleted', reason: '' });
      });
    },
    /** Resolves with the token, which is never shown again, or with the problem. */
    async invite(networkId: string, terms: InviteTerms): Promise<string | Problem> {
      try {
        return await api.invite(networkId, terms);
      } catch (error) {
        return problemOf(error, NETWORK_WORDS);
      }
    },
    /** Resolves with the scope to open, or with the problem. */
    async joinByInvite(networkId: string, token: string): Promise<Scope | Problem> {
      try {
        await api.join(networkId, token);
        const network = await api.find(networkId);
        dispatch({ type: 'network.entered', network });
        return networkScope(networkId);
      } catch (error) {
        return problemOf(error, INVITE_WORDS);
      }
    },
    /** Resolves with the scope to open, or undefined while it waits for approval or failed. */
    async join(networkId: string) {
      let joined = false;
      const problem = await announced(
        store,
        async () => {
          joined = (await api.join(networkId)) === 'member';
          const network = store.get().networks.open.find(({ id }) => id === networkId);
          if (!joined) return asked(networkId, network?.name ?? 'this network');
          if (network) dispatch({ type: 'network.entered', network });
        },
        {
          ERR_FORBIDDEN:
            'You may not join this network. It may need an invitation, or you have been banned from it.',
        },
      );
      if (problem?.code === 'ERR_NOT_FOUND')
        dispatch({ type: 'network.gone', networkId, kind: 'deleted', reason: '' });
      return joined ? networkScope(networkId) : undefined;
    },
    /** The server says that one is out. Unless it has said why, it is asked: a deleted network ends like this, too. */
    async lost(networkId: string) {
      const network = store.get().networks.mine.find(({ id }) => id === networkId);
      if (!network) return;
      dispatch({ type: 'network.gone', networkId, kind: 'left', reason: '' });
      if (leaving.has(networkId)) return;
      const kind = await api.find(networkId).then(
        () => undefined,
        (error: unknown) => departureOf(error, network),
      );
      if (kind !== undefined) dispatch({ type: 'network.gone', networkId, kind, reason: '' });
    },
    async leave(networkId: string) {
      leaving.add(networkId);
      const problem = await attempt(
        async () => {
          await api.leave(networkId);
          dispatch({ type: 'network.gone', networkId, kind: 'left', reason: '' });
        },
        {
          ERR_FORBIDDEN: 'The owner cannot leave a network.',
          ERR_CONFLICT: 'The owner cannot leave a network.',
        },
      );
      leaving.delete(networkId);
      return problem;
    },
    /** Resolves with the scope of the new network, or with the problem. */
    async create(input: NewNetwork): Promise<Scope | Problem> {
      try {
        const network = await api.create(input);
        dispatch({ type: 'network.entered', network });
        return networkScope(network.id);
      } catch (error) {
        return problemOf(error, { ERR_INVALID_MESSAGE: 'A name has 3 to 64 characters.' });
      }
    },
  };
}

const isAmong = (members: readonly Member[], id: string) => members.some(({ userId }) => userId === id);

/** What a refusal says of a network one was in. A private one is not there for those outside, whether deleted or not. */
function departureOf(error: unknown, { visibility }: Network): Departure['kind'] | undefined {
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 404 && visibility === 'public') return 'deleted';
  return status === 403 || status === 404 ? 'ended' : undefined;
}
