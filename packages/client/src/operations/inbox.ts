import type { Incoming } from '@goconnect/protocol/validators';
import type { Line } from '../session/session.js';
import type { Emitter } from '../support/emitter.js';
import type { EventContext, GoConnectEvents } from './client-events.js';
import type { Requests } from './requests.js';
import type { RoomLogs } from './room-logs.js';

/** What goes through the order of a room's log before it is delivered. */
export type Entry = Extract<Incoming, { kind: 'event' | 'invalid' }>;

/** Where each envelope goes that a server sent. */
export function receive(
  item: Incoming,
  line: Line,
  current: Line | undefined,
  {
    requests,
    logs,
    deliver,
    emitter,
  }: {
    readonly requests: Requests;
    readonly logs: RoomLogs<Entry>;
    deliver(entry: Entry): void;
    readonly emitter: Emitter<GoConnectEvents, EventContext>;
  },
): void {
  switch (item.kind) {
    case 'reply':
      return requests.onReply(item.opId, item.data);
    case 'error':
      return requests.onRefusal(item.opId, item.error);
    case 'unknown':
      return emitter.emit('unknown', { type: item.type, data: item.data, faults: [] }, {});
    default: {
      const position = item.kind === 'event' ? item.event.position : item.position;
      if (position && line.mode === 'v1') return logs.entry(position.room, position.seq, item);
      // While two connections overlap, the new one speaks; what has a position is sorted by that.
      if (line === current) deliver(item);
    }
  }
}

/** Hands an event, or word of an unusable one, to the listeners. */
export function deliver(item: Entry, emitter: Emitter<GoConnectEvents, EventContext>): void {
  if (item.kind === 'invalid')
    return emitter.emit('unknown', { type: item.type, data: undefined, faults: item.faults }, {});
  const { type, data, position, meta } = item.event;
  const context: EventContext = { room: position?.room ?? roomOf(data), seq: position?.seq, meta };
  // `type` and `data` belong together, which the compiler cannot see in a union.
  emitter.emit(type, data as never, context);
}

function roomOf(data: object): string | undefined {
  if ('scope' in data) return String(data.scope);
  return 'network_id' in data ? `network:${data.network_id}` : undefined;
}
