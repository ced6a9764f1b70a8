import type { Network } from './entities.js';
import type { Loading } from './loading.js';

/** The networks one is in, and those that one may join or ask to join. */
export interface NetworkLists {
  readonly loading: Loading;
  readonly mine: readonly Network[];
  readonly open: readonly Network[];
}

/** Networks of which one took oneself for a member, and which are not among these. */
export function missingIn(lists: NetworkLists, listed: readonly Network[]): readonly Network[] {
  const ids = new Set(listed.map(({ id }) => id));
  return lists.mine.filter(({ id }) => !ids.has(id));
}

/** One of `mine` that is missing in a new list stays: the list may be cut short, or older than one's entering. `network.gone` closes it. */
export function withListed(
  lists: NetworkLists,
  listed: readonly Network[],
  open: readonly Network[],
): NetworkLists {
  const mine = [...listed, ...missingIn(lists, listed)];
  const ids = new Set(mine.map(({ id }) => id));
  return { loading: { status: 'ready' }, mine, open: open.filter(({ id }) => !ids.has(id)) };
}

export function withChanged(lists: NetworkLists, networkId: string, changes: Partial<Network>): NetworkLists {
  const apply = (networks: readonly Network[]) =>
    networks.map((network) => (network.id === networkId ? { ...network, ...changes } : network));
  return { ...lists, mine: apply(lists.mine), open: apply(lists.open) };
}

/** `offered`: one may come back. */
export function withoutMine(lists: NetworkLists, network: Network, offered: boolean): NetworkLists {
  const mine = lists.mine.filter(({ id }) => id !== network.id);
  return { ...lists, mine, open: offered ? [...lists.open, network] : lists.open };
}

export const withoutOpen = (lists: NetworkLists, networkId: string): NetworkLists => ({
  ...lists,
  open: lists.open.filter(({ id }) => id !== networkId),
});
