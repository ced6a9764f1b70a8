/**
 * One user's presence on this node, whatever the number of connections (A4.1). `since` is wall clock, milliseconds: since
 * when the user is what others were told. While another node has the user as well, nobody is told of what happens here.
 */
export type PresenceState =
  | { readonly status: 'offline'; readonly since: number }
  | { readonly status: 'online'; readonly since: number; readonly connections: number }
  /** The last connection broke; others are not told before the grace is over. */
  | { readonly status: 'lingering'; readonly since: number };

export type PresenceEvent = { readonly at: number; readonly elsewhere: OtherNodes } & (
  | { readonly type: 'opened' }
  | { readonly type: 'closed'; readonly clean: boolean }
  | { readonly type: 'grace_over' }
);

/** Since when the user is online, where other nodes have them. */
export type OtherNodes = { readonly since: number } | undefined;

export type PresenceEffect =
  | { readonly type: 'announce'; readonly status: 'online' | 'offline'; readonly since: number }
  | { readonly type: 'start_grace' }
  | { readonly type: 'cancel_grace' };

export interface PresenceStep {
  readonly state: PresenceState;
  readonly effects: readonly PresenceEffect[];
}

export function stepPresence(state: PresenceState, event: PresenceEvent): PresenceStep {
  switch (event.type) {
    case 'opened':
      return opened(state, event);
    case 'closed':
      return closed(state, event);
    case 'grace_over':
      return state.status === 'lingering' ? offline(event) : { state, effects: [] };
  }
}

type Circumstances = Pick<PresenceEvent, 'at' | 'elsewhere'>;

function opened(state: PresenceState, { at, elsewhere }: Circumstances): PresenceStep {
  const { since } = state;
  switch (state.status) {
    case 'offline':
      if (elsewhere) return { state: online(elsewhere.since, 1), effects: [] };
      return { state: online(at, 1), effects: [{ type: 'announce', status: 'online', since: at }] };
    case 'online':
      return { state: online(since, state.connections + 1), effects: [] };
    case 'lingering':
      return { state: online(since, 1), effects: [{ type: 'cancel_grace' }] };
  }
}

function closed(
  state: PresenceState,
  { clean, ...circumstances }: Circumstances & { readonly clean: boolean },
): PresenceStep {
  if (state.status !== 'online') return { state, effects: [] };
  const { since, connections } = state;
  if (connections > 1) return { state: online(since, connections - 1), effects: [] };
  if (clean || circumstances.elsewhere) return offline(circumstances);
  return { state: { status: 'lingering', since }, effects: [{ type: 'start_grace' }] };
}

function online(since: number, connections: number): PresenceState {
  return { status: 'online', since, connections };
}

function offline({ at, elsewhere }: Circumstances): PresenceStep {
  const state = { status: 'offline', since: at } as const;
  if (elsewhere) return { state, effects: [] };
  return { state, effects: [{ type: 'announce', status: 'offline', since: at }] };
}
