import type { NewNetwork } from '../api/network-api.js';
import { networkScope, type Scope } from '../state/entities.js';
import type { Problem } from '../state/problem.js';
import { mayApprove } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { peopleOf } from '../state/workspace.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

/** Networks whose people are asked for without being looked at. */
const NETWORKS_MET = 20;

const WORDS: Readonly<Record<string, string>> = {
  ERR_NOT_FOUND: 'This network is no longer there.',
  ERR_CONFLICT: 'This has been settled already.',
};

/** Networks and the people in them. Each action resolves with the problem, if there was one; none rejects. */
export function createNetworkActions({ me, api, store }: SessionContext) {
  const { dispatch } = store;

  async function attempt(work: () => Promise<void>, own = {}): Promise<Problem | undefined> {
    try {
      await work();
      return undefined;
    } catch (error) {
      return problemOf(error, { ...WORDS, ...own });
    }
  }

  /** As `attempt`, for actions without a form of their own to show the problem in. */
  async function announced(work: () => Promise<void>, own = {}): Promise<void> {
    const problem = await attempt(work, own);
    if (problem) dispatch({ type: 'notice.raised', tone: 'problem', text: problem.text });
  }

  async function loadNetworks(): Promise<void> {
    const problem = await attempt(async () => {
      const [mine, open] = await Promise.all([api.networks('mine'), api.networks('public')]);
      dispatch({ type: 'networks.loaded', mine, open });
    });
    if (problem) dispatch({ type: 'networks.failed', problem });
  }

  async function loadPeople(networkId: string): Promise<void> {
    dispatch({ type: 'people.loading', networkId });
    const problem = await attempt(async () => {
      const members = await api.members(networkId);
      const role = members.find(({ userId }) => userId === me.id)?.role;
      const requests = mayApprove({ ...viewerOf(store.get(), 'host'), role })
        ? await api.requests(networkId)
        : [];
      dispatch({ type: 'people.loaded', networkId, members, requests });
    });
    if (problem) dispatch({ type: 'people.failed', networkId, problem });
  }

  async function settle(networkId: string, userId: string, work: () => Promise<unknown>): Promise<void> {
    await announced(async () => {
      await work();
      dispatch({ type: 'request.settled', networkId, userId });
    });
    await loadPeople(networkId);
  }

  async function remove(
    networkId: string,
    userId: string,
    work: () => Promise<unknown>,
  ): Promise<Problem | undefined> {
    return await attempt(async () => {
      await work();
      dispatch({ type: 'member.gone', networkId, userId });
    });
  }

  return {
    loadNetworks,
    loadPeople,
    /** People of one's networks: whose names, presence and requests the page should know before one looks there. */
    async meetEveryone() {
      const known = store.get().networks.mine.slice(0, NETWORKS_MET);
      await Promise.all(known.map(({ id }) => loadPeople(id)));
    },
    /** Resolves with the scope to open, or undefined while it waits for approval or failed. */
    async join(networkId: string) {
      let joined = false;
      await announced(
        async () => {
          joined = (await api.join(networkId)) === 'member';
          if (!joined) return dispatch({ type: 'network.asked', networkId });
          const network = store.get().networks.open.find(({ id }) => id === networkId);
          if (network) dispatch({ type: 'network.entered', network });
        },
        {
          ERR_FORBIDDEN:
            'You may not join this network. It may need an invitation, or you have been banned from it.',
        },
      );
      return joined ? networkScope(networkId) : undefined;
    },
    async leave(networkId: string) {
      return await attempt(
        async () => {
          await api.leave(networkId);
          dispatch({ type: 'network.gone', networkId, kind: 'left', reason: '' });
        },
        {
          ERR_FORBIDDEN: 'The owner cannot leave a network.',
          ERR_CONFLICT: 'The owner cannot leave a network.',
        },
      );
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
    approve: (networkId: string, userId: string) =>
      settle(networkId, userId, () => api.approve(networkId, userId)),
    deny: (networkId: string, userId: string) => settle(networkId, userId, () => api.deny(networkId, userId)),
    kick: (networkId: string, userId: string, reason: string) =>
      remove(networkId, userId, () => api.kick(networkId, userId, reason)),
    ban: (networkId: string, userId: string, reason: string) =>
      remove(networkId, userId, () => api.ban(networkId, userId, reason)),
    /** People of a network are asked for once, then kept up to date by events. */
    async ensurePeople(networkId: string) {
      const { loading, members } = peopleOf(store.get(), networkId);
      if (loading.status !== 'ready' || members.length === 0) await loadPeople(networkId);
    },
  };
}
