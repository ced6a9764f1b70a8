import { ApiError } from '../api/api-error.js';
import type { InviteTerms, NewNetwork } from '../api/network-api.js';
import { type Member, type Network, networkScope, type Scope } from '../state/entities.js';
import type { Problem } from '../state/problem.js';
import { type GivenRole, networkRights } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { type Departure, missingIn, nameOf, peopleOf } from '../state/workspace.js';
import { problemOf } from './problem-of.js';
import type { SessionContext } from './session-context.js';

/** Networks whose people are asked for without being looked at. */
const NETWORKS_MET = 20;

const WORDS: Readonly<Record<string, string>> = {
  ERR_NOT_FOUND: 'This network is no longer there.',
  ERR_CONFLICT: 'This has been settled already.',
};

const INVITE_WORDS: Readonly<Record<string, string>> = {
  ERR_NOT_FOUND: 'This invitation is not valid any more: it was used up or has run out. Ask for a new one.',
  ERR_FORBIDDEN: 'This invitation does not let you in. It was used up, has run out, or you are banned there.',
  ERR_INVALID_MESSAGE: 'This is not a whole invitation. Copy it again, from the first to the last character.',
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
  async function announced(work: () => Promise<void>, own = {}): Promise<Problem | undefined> {
    const problem = await attempt(work, own);
    if (problem) dispatch({ type: 'notice.raised', tone: 'problem', text: problem.text });
    return problem;
  }

  /** Closes a network that one is no longer in. While nobody answers it stays as it is. */
  async function checkMembership(network: Network): Promise<void> {
    const kind = await api.members(network.id).then(
      // Who is set over the whole deployment may read in networks of others, too.
      (members) => ((me.isAdmin || me.isModerator) && !isAmong(members, me.id) ? 'ended' : undefined),
      (error: unknown) => departureOf(error, network),
    );
    if (kind !== undefined) dispatch({ type: 'network.gone', networkId: network.id, kind, reason: '' });
  }

  async function loadNetworks(): Promise<void> {
    const problem = await attempt(async () => {
      const [mine, open] = await Promise.all([api.networks('mine'), api.networks('public')]);
      dispatch({ type: 'networks.loaded', mine, open });
      await Promise.all(missingIn(store.get(), mine).map(checkMembership));
    });
    if (problem) dispatch({ type: 'networks.failed', problem });
  }

  async function loadPeople(networkId: string): Promise<void> {
    dispatch({ type: 'people.loading', networkId });
    const presenceBefore = store.get().presence;
    const problem = await attempt(async () => {
      const members = await api.members(networkId);
      const role = members.find(({ userId }) => userId === me.id)?.role;
      const { manage } = networkRights({ ...viewerOf(store.get(), 'host'), role });
      const [requests, bans] = manage
        ? await Promise.all([api.requests(networkId), api.bans(networkId)])
        : [[], []];
      dispatch({ type: 'people.loaded', networkId, members, requests, bans, presenceBefore });
    });
    if (problem) dispatch({ type: 'people.failed', networkId, problem });
  }

  /** Nobody is told of a denial, so nothing here says that an answer is still to come. */
  function asked(networkId: string, name: string): void {
    dispatch({ type: 'network.asked', networkId });
    const text = `You have asked to join ${name}. If an admin lets you in, it appears in your list.`;
    dispatch({ type: 'notice.raised', tone: 'info', text });
  }

  async function settle(
    networkId: string,
    userId: string,
    work: () => Promise<unknown>,
    outcome: string,
  ): Promise<void> {
    await announced(async () => {
      await work();
      dispatch({ type: 'request.settled', networkId, userId });
      dispatch({ type: 'notice.raised', tone: 'info', text: `${nameOf(store.get(), userId)} ${outcome}.` });
    });
    await loadPeople(networkId);
  }

  async function expel(
    networkId: string,
    userId: string,
    work: () => Promise<unknown>,
  ): Promise<Problem | undefined> {
    return await attempt(async () => {
      await work();
      dispatch({ type: 'member.gone', networkId, userId });
      await loadPeople(networkId);
    });
  }

  /** Something done to a network whose people are then asked for anew. */
  async function govern(networkId: string, work: () => Promise<unknown>): Promise<Problem | undefined> {
    const problem = await attempt(async () => void (await work()));
    // Also after a refusal: one's own role may be another one by now.
    await loadPeople(networkId);
    return problem;
  }

  /** Networks that one leaves here and now: nobody need ask why. */
  const leaving = new Set<string>();
  /** Ids whose names have been asked for. */
  const met = new Set<string>();

  return {
    loadNetworks,
    /** Asks for the names of those who are not known from any network. */
    async meet(userIds: readonly string[]): Promise<void> {
      const strangers = userIds.filter((id) => store.get().names[id] === undefined && !met.has(id));
      for (const id of new Set(strangers)) {
        met.add(id);
        // Somebody of another tenant has no name here.
        const name = await api.nameOf(id).catch(() => undefined);
        if (name !== undefined) dispatch({ type: 'name.learned', userId: id, name });
      }
    },
    setRole: (networkId: string, userId: string, role: GivenRole) =>
      govern(networkId, () => api.setRole(networkId, userId, role)),
    unban: (networkId: string, userId: string) => govern(networkId, () => api.unban(networkId, userId)),
    /** Resolves with the problem, if there was one. */
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
        return problemOf(error, WORDS);
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
    loadPeople,
    /** People of one's networks: whose names, presence and requests the page should know before one looks there. */
    async meetEveryone() {
      const known = store.get().networks.mine.slice(0, NETWORKS_MET);
      await Promise.all(known.map(({ id }) => loadPeople(id)));
    },
    /** Resolves with the scope to open, or undefined while it waits for approval or failed. */
    async join(networkId: string) {
      let joined = false;
      const problem = await announced(
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
    approve: (networkId: string, userId: string) =>
      settle(networkId, userId, () => api.approve(networkId, userId), 'was let in'),
    deny: (networkId: string, userId: string) =>
      settle(networkId, userId, () => api.deny(networkId, userId), 'was not let in'),
    kick: (networkId: string, userId: string, reason: string) =>
      expel(networkId, userId, () => api.kick(networkId, userId, reason)),
    ban: (networkId: string, userId: string, reason: string) =>
      expel(networkId, userId, () => api.ban(networkId, userId, reason)),
    /** People of a network are asked for once, then kept up to date by events. */
    async ensurePeople(networkId: string) {
      const { loading, members } = peopleOf(store.get(), networkId);
      if (loading.status !== 'ready' || members.length === 0) await loadPeople(networkId);
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
