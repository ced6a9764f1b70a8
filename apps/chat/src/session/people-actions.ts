import type { Problem } from '../state/problem.js';
import { type GivenRole, networkRights } from '../state/rights.js';
import { viewerOf } from '../state/viewer.js';
import { nameOf, peopleOf } from '../state/workspace.js';
import { announced, attempt } from './attempts.js';
import type { SessionContext } from './session-context.js';

/** Networks whose people are asked for without being looked at. */
const NETWORKS_MET = 20;

export type PeopleActions = ReturnType<typeof createPeopleActions>;

/** The people of networks. What resolves with a problem has none to show if there was none; nothing rejects. */
export function createPeopleActions({ me, api, store }: SessionContext) {
  const { dispatch } = store;
  /** Ids whose names have been asked for. */
  const met = new Set<string>();

  async function load(networkId: string): Promise<void> {
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

  async function settle(
    networkId: string,
    userId: string,
    work: () => Promise<unknown>,
    outcome: string,
  ): Promise<void> {
    await announced(store, async () => {
      await work();
      dispatch({ type: 'request.settled', networkId, userId });
      dispatch({ type: 'notice.raised', tone: 'info', text: `${nameOf(store.get(), userId)} ${outcome}.` });
    });
    await load(networkId);
  }

  async function expel(
    networkId: string,
    userId: string,
    work: () => Promise<unknown>,
  ): Promise<Problem | undefined> {
    return await attempt(async () => {
      await work();
      dispatch({ type: 'member.gone', networkId, userId });
      await load(networkId);
    });
  }

  /** Something done to a network whose people are then asked for anew. */
  async function govern(networkId: string, work: () => Promise<unknown>): Promise<Problem | undefined> {
    const problem = await attempt(async () => void (await work()));
    // Also after a refusal: one's own role may be another one by now.
    await load(networkId);
    return problem;
  }

  return {
    load,
    /** Asked for once, then kept up to date by events. */
    async ensure(networkId: string) {
      const { loading, members } = peopleOf(store.get(), networkId);
      if (loading.status !== 'ready' || members.length === 0) await load(networkId);
    },
    /** Those of one's networks: whose names, presence and requests the page should know before one looks there. */
    async meetEveryone() {
      const known = store.get().networks.mine.slice(0, NETWORKS_MET);
      await Promise.all(known.map(({ id }) => load(id)));
    },
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
    approve: (networkId: string, userId: string) =>
      settle(networkId, userId, () => api.approve(networkId, userId), 'was let in'),
    deny: (networkId: string, userId: string) =>
      settle(networkId, userId, () => api.deny(networkId, userId), 'was not let in'),
    kick: (networkId: string, userId: string, reason: string) =>
      expel(networkId, userId, () => api.kick(networkId, userId, reason)),
    ban: (networkId: string, userId: string, reason: string) =>
      expel(networkId, userId, () => api.ban(networkId, userId, reason)),
    unban: (networkId: string, userId: string) => govern(networkId, () => api.unban(networkId, userId)),
    setRole: (networkId: string, userId: string, role: GivenRole) =>
      govern(networkId, () => api.setRole(networkId, userId, role)),
  };
}
