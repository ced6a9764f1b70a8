import type { Ban, JoinRequest, Member } from './entities.js';
import type { Loading } from './loading.js';
import type { Problem } from './problem.js';

/** Members and pending requests of a network. */
export interface People {
  readonly loading: Loading;
  readonly members: readonly Member[];
  readonly requests: readonly JoinRequest[];
  readonly bans: readonly Ban[];
}

/** user id -> presence. */
export type PresenceByUser = Readonly<Record<string, string>>;

export type PeopleEvent =
  | { readonly type: 'people.loading'; readonly networkId: string }
  | { readonly type: 'people.failed'; readonly networkId: string; readonly problem: Problem }
  | {
      readonly type: 'people.loaded';
      readonly networkId: string;
      readonly members: readonly Member[];
      readonly requests: readonly JoinRequest[];
      readonly bans: readonly Ban[];
      /** What was known of presence when these were asked for: what was heard since is newer than they are. */
      readonly presenceBefore: PresenceByUser;
    }
  | { readonly type: 'member.gone'; readonly networkId: string; readonly userId: string }
  | { readonly type: 'request.settled'; readonly networkId: string; readonly userId: string };

export const nobody: People = { loading: { status: 'loading' }, members: [], requests: [], bans: [] };

export function people(known: People, event: PeopleEvent): People {
  switch (event.type) {
    case 'people.loading':
      return { ...known, loading: { status: 'loading' } };
    case 'people.failed':
      return { ...known, loading: { status: 'failed', problem: event.problem } };
    case 'people.loaded': {
      const { members, requests, bans } = event;
      return { loading: { status: 'ready' }, members, requests, bans };
    }
    case 'member.gone':
      return { ...known, members: known.members.filter(({ userId }) => userId !== event.userId) };
    case 'request.settled':
      return { ...known, requests: known.requests.filter(({ userId }) => userId !== event.userId) };
  }
}

type Loaded = Extract<PeopleEvent, { type: 'people.loaded' }>;

/** user id -> name, of everybody in these lists who has one there. A member's name is the newest. */
export function namesIn({ members, requests, bans }: Loaded): Readonly<Record<string, string>> {
  const named = [...requests, ...bans].filter(({ name }) => name !== '');
  return Object.fromEntries([...named, ...members].map(({ userId, name }) => [userId, name]));
}

/** Presence of the members of whom nothing was heard while they were being asked for. */
export function presenceIn({ members, presenceBefore }: Loaded, heard: PresenceByUser): PresenceByUser {
  const unheard = members.filter(({ userId }) => heard[userId] === presenceBefore[userId]);
  return Object.fromEntries(unheard.map(({ userId, presence }) => [userId, presence]));
}
