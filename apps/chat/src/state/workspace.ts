import type { Network, Scope, User } from './entities.js';
import { networkOf, networkScope } from './entities.js';
import { type NetworkLists, withChanged, withListed, withoutMine, withoutOpen } from './network-lists.js';
import {
  namesIn,
  nobody,
  type People,
  type PeopleEvent,
  type PresenceByUser,
  people,
  presenceIn,
} from './people.js';
import type { Problem } from './problem.js';
import { emptyRoom, type RoomEvent, type RoomView, roomView, visibleOutgoing } from './room-view.js';

/** What the SDK says about its connection, as the page shows it. */
export interface ConnectionView {
  readonly status: 'idle' | 'connecting' | 'connected' | 'waiting' | 'suspended' | 'failed' | 'closed';
  /** The server refused the last attempt, because this person has too many connections. */
  readonly crowded: boolean;
  /** Wall clock, milliseconds. */
  readonly nextRetryAt: number | null;
}

/** Why a network one was reading is no longer there; `ended`: one is out of it, and nobody said why. */
export interface Departure {
  readonly kind: 'kicked' | 'banned' | 'left' | 'ended' | 'deleted';
  readonly networkName: string;
  readonly reason: string;
}

export interface Notice {
  readonly id: number;
  readonly tone: 'info' | 'problem';
  readonly text: string;
}

export interface Workspace {
  readonly me: User;
  readonly connection: ConnectionView;
  /** There has been a connection that can be lost. */
  readonly connectedBefore: boolean;
  readonly networks: NetworkLists;
  /** Networks that one has asked to join. Whether an admin has denied it is not told. */
  readonly asked: readonly string[];
  readonly selected: Scope;
  /** `arriving`: it is not known yet which room to show first. */
  readonly phase: 'arriving' | 'here';
  readonly rooms: Readonly<Record<string, RoomView>>;
  readonly people: Readonly<Record<string, People>>;
  /** user id -> name, presence: whatever was learned anywhere. */
  readonly names: Readonly<Record<string, string>>;
  readonly presence: PresenceByUser;
  /** scope -> messages that came while another room was shown. */
  readonly unread: Readonly<Record<string, number>>;
  readonly departures: Readonly<Record<string, Departure>>;
  readonly notices: readonly Notice[];
  /** Whether what waits to be sent outlives this page. */
  readonly durable: boolean;
}

export type WorkspaceEvent =
  | { readonly type: 'connection.changed'; readonly connection: ConnectionView }
  | { readonly type: 'networks.loading' }
  | { readonly type: 'networks.failed'; readonly problem: Problem }
  | { readonly type: 'networks.loaded'; readonly mine: readonly Network[]; readonly open: readonly Network[] }
  | { readonly type: 'network.entered'; readonly network: Network }
  | { readonly type: 'network.asked'; readonly networkId: string }
  | {
      readonly type: 'network.changed';
      readonly networkId: string;
      readonly changes: Partial<Pick<Network, 'name' | 'visibility' | 'joinPolicy'>>;
    }
  | {
      readonly type: 'network.gone';
      readonly networkId: string;
      readonly kind: Departure['kind'];
      readonly reason: string;
    }
  | { readonly type: 'room.selected'; readonly scope: Scope }
  | { readonly type: 'room.event'; readonly scope: string; readonly event: RoomEvent }
  | { readonly type: 'message.located'; readonly messageId: string; readonly event: RoomEvent }
  | PeopleEvent
  | { readonly type: 'name.learned'; readonly userId: string; readonly name: string }
  | { readonly type: 'presence.changed'; readonly userId: string; readonly status: string }
  | { readonly type: 'storage.failed' }
  | { readonly type: 'notice.raised'; readonly tone: Notice['tone']; readonly text: string }
  | { readonly type: 'notice.dismissed'; readonly id: number };

/** Ids longer than this are not made for reading. */
const READABLE_ID = 12;
/** Notices shown at once; an older one gives way. */
const NOTICES_SHOWN = 4;

export function initialWorkspace(me: User, asked: Workspace['asked'] = []): Workspace {
  return {
    me,
    phase: 'arriving',
    selected: 'host',
    connection: { status: 'idle', crowded: false, nextRetryAt: null },
    connectedBefore: false,
    networks: { loading: { status: 'loading' }, mine: [], open: [] },
    asked,
    rooms: {},
    people: {},
    names: { [me.id]: me.name },
    presence: {},
    unread: {},
    departures: {},
    notices: [],
    durable: true,
  };
}

export const roomOf = (state: Workspace, scope: string): RoomView => state.rooms[scope] ?? emptyRoom;
export const peopleOf = (state: Workspace, networkId: string): People => state.people[networkId] ?? nobody;
/** A name to show; for people never met elsewhere their id, or its beginning. */
export const nameOf = (state: Workspace, userId: string): string =>
  state.names[userId] ?? (userId.length > READABLE_ID ? `User ${userId.slice(0, 6)}` : userId);

export function workspace(state: Workspace, event: WorkspaceEvent): Workspace {
  switch (event.type) {
    case 'connection.changed':
      return withConnection(state, event.connection);
    case 'networks.loading':
      return { ...state, networks: { ...state.networks, loading: { status: 'loading' } } };
    case 'networks.failed':
      return {
        ...state,
        networks: { ...state.networks, loading: { status: 'failed', problem: event.problem } },
      };
    case 'networks.loaded':
      return withNetworks(state, event.mine, event.open);
    case 'network.entered':
      return entered(state, event.network);
    case 'network.asked':
      return { ...state, asked: [...new Set([...state.asked, event.networkId])] };
    case 'network.changed':
      return { ...state, networks: withChanged(state.networks, event.networkId, event.changes) };
    case 'network.gone':
      return gone(state, event.networkId, event.kind, event.reason);
    case 'room.selected':
      return { ...state, phase: 'here', selected: event.scope, unread: omit(state.unread, event.scope) };
    case 'room.event':
      return counted(inRoom(state, event.scope, event.event), event.scope, event.event);
    case 'message.located':
      return located(state, event.messageId, event.event);
    case 'people.loading':
    case 'people.failed':
    case 'people.loaded':
    case 'member.gone':
    case 'request.settled':
      return withPeople(state, event);
    case 'name.learned':
      return { ...state, names: { ...state.names, [event.userId]: event.name } };
    case 'presence.changed':
      return { ...state, presence: { ...state.presence, [event.userId]: event.status } };
    case 'storage.failed':
      return { ...state, durable: false };
    case 'notice.raised':
      return noticed(state, event.tone, event.text);
    case 'notice.dismissed':
      return { ...state, notices: state.notices.filter((notice) => notice.id !== event.id) };
  }
}

function withConnection(state: Workspace, connection: ConnectionView): Workspace {
  const connectedBefore = state.connectedBefore || connection.status === 'connected';
  return { ...state, connection, connectedBefore };
}

function withNetworks(state: Workspace, listed: readonly Network[], open: readonly Network[]): Workspace {
  const networks = withListed(state.networks, listed, open);
  const ids = new Set(networks.mine.map(({ id }) => id));
  return {
    ...state,
    networks,
    asked: state.asked.filter((id) => !ids.has(id)),
    departures: Object.fromEntries(Object.entries(state.departures).filter(([id]) => !ids.has(id))),
  };
}

function entered(state: Workspace, network: Network): Workspace {
  const { mine, open } = state.networks;
  if (mine.some((known) => known.id === network.id)) return state;
  return withNetworks(state, [...mine, network], open);
}

/** The room closes for good: what was read there goes, and why is said where it stood. What one wrote is not lost. */
function gone(state: Workspace, networkId: string, kind: Departure['kind'], reason: string): Workspace {
  const network = state.networks.mine.find((known) => known.id === networkId);
  if (!network) return kind === 'deleted' || kind === 'ended' ? explained(state, networkId, kind) : state;
  const offered = network.visibility === 'public' && kind !== 'banned' && kind !== 'deleted';
  const scope = networkScope(networkId);
  const closed: Workspace = {
    ...state,
    networks: withoutMine(state.networks, network, offered),
    rooms: omit(state.rooms, scope),
    people: omit(state.people, networkId),
    unread: omit(state.unread, scope),
    departures: { ...state.departures, [networkId]: { kind, networkName: network.name, reason } },
  };
  const unsent = visibleOutgoing(roomOf(state, scope)).map(({ draft }) => draft.body);
  if (unsent.length === 0) return closed;
  return noticed(
    closed,
    'problem',
    `This may not have reached ${network.name} any more:\n${unsent.join('\n')}`,
  );
}

/** The event that one left comes before why, for example that the network is deleted. Then nobody is offered it any more. */
function explained(state: Workspace, networkId: string, kind: 'deleted' | 'ended'): Workspace {
  const departure = state.departures[networkId];
  const networks = kind === 'deleted' ? withoutOpen(state.networks, networkId) : state.networks;
  if (departure?.kind !== 'left' && departure?.kind !== 'ended') return { ...state, networks };
  return { ...state, networks, departures: { ...state.departures, [networkId]: { ...departure, kind } } };
}

function inRoom(state: Workspace, scope: string, event: RoomEvent): Workspace {
  const room = roomOf(state, scope);
  const next = roomView(room, event);
  return next === room ? state : { ...state, rooms: { ...state.rooms, [scope]: next } };
}

function counted(state: Workspace, scope: string, event: RoomEvent): Workspace {
  const unseen =
    event.type === 'message.arrived' && event.message.user_id !== state.me.id && scope !== state.selected;
  if (!unseen || (networkOf(scope) !== undefined && !isMember(state, scope))) return state;
  return { ...state, unread: { ...state.unread, [scope]: (state.unread[scope] ?? 0) + 1 } };
}

const isMember = (state: Workspace, scope: string) =>
  state.networks.mine.some((network) => networkScope(network.id) === scope);

/** Changes of messages name the message but not its room; ids are unique, so whichever room has it takes the event. */
function located(state: Workspace, messageId: string, event: RoomEvent): Workspace {
  const found = Object.entries(state.rooms).find(([, room]) =>
    room.messages.some((message) => message.id === messageId),
  );
  return found ? inRoom(state, found[0], event) : state;
}

function withPeople(state: Workspace, event: PeopleEvent): Workspace {
  const { networkId } = event;
  const next = {
    ...state,
    people: { ...state.people, [networkId]: people(peopleOf(state, networkId), event) },
  };
  if (event.type !== 'people.loaded') return next;
  return {
    ...next,
    names: { ...state.names, ...namesIn(event) },
    presence: { ...state.presence, ...presenceIn(event, state.presence) },
  };
}

function noticed(state: Workspace, tone: Notice['tone'], text: string): Workspace {
  const id = (state.notices.at(-1)?.id ?? 0) + 1;
  const others = state.notices.filter((notice) => notice.text !== text);
  return { ...state, notices: [...others, { id, tone, text }].slice(-NOTICES_SHOWN) };
}

function omit<T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> {
  const { [key]: _, ...rest } = record;
  return rest;
}
