/**
 * One user's presence, whatever the number of connections (A4.1). `since` is wall clock, milliseconds: since when the
 * user is what others were told.
 */
export type PresenceState =
  | { readonly status: 'offline'; readonly since: number }
  | { readonly status: 'online'; readonly since: number; readonly connections: number }
  /** The last connection broke; others are not told before the grace is over. */
  | { readonly status: 'lingering'; readonly since: number };

export type PresenceEvent =
  | { readonly type: 'opened'; readonly at: number }
  | { readonly type: 'closed'; readonly at: number; readonly clean: boolean }
  | { readonly type: 'grace_over'; readonly at: number };

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
      return opened(state, event.at);
    case 'closed':
      return closed(state, event);
    case 'grace_over':
      return state.status === 'lingering' ? offline(event.at) : { state, effects: [] };
  }
}

function opened(state: PresenceState, at: number): PresenceStep {
  const { since } = state;
  switch (state.status) {
    case 'offline':
      return { state: online(at, 1), effects: [{ type: 'announce', status: 'online', since: at }] };
    case 'online':
      return { state: online(since, state.connections + 1), effects: [] };
    case 'lingering':
      return { state: online(since, 1), effects: [{ type: 'cancel_grace' }] };
  }
}

function closed(
  state: PresenceState,
  { at, clean }: { readonly at: number; readonly clean: boolean },
): PresenceStep {
  if (state.status !== 'online') return { state, effects: [] };
  const { since, connections } = state;
  if (connections > 1) return { state: online(since, connections - 1), effects: [] };
  return clean ? offline(at) : { state: { status: 'lingering', since }, effects: [{ type: 'start_grace' }] };
}

function online(since: number, connections: number): PresenceState {
  return { status: 'online', since, connections };
}

function offline(at: number): PresenceStep {
  return {
    state: { status: 'offline', since: at },
    effects: [{ type: 'announce', status: 'offline', since: at }],
  };
}
