import type { Incoming } from '@goconnect/protocol/validators';
import type { Emitter } from '../support/emitter.js';
import type { EventContext, GoConnectEvents } from './client-events.js';

/** An event, or word of one whose data is not what the contract says. */
export type Entry = Extract<Incoming, { kind: 'event' | 'invalid' }>;

/** Hands an entry to the listeners. */
export function deliver(entry: Entry, emitter: Emitter<GoConnectEvents, EventContext>): void {
  if (entry.kind === 'invalid') {
    emitter.emit('unknown', { type: entry.type, data: undefined, faults: entry.faults }, {});
    return;
  }
  const { type, data, position, meta } = entry.event;
  const context: EventContext = { room: position?.room ?? roomOf(data), seq: position?.seq, meta };
  // `type` and `data` belong together, which the compiler cannot see in a union.
  emitter.emit(type, data as never, context);
}

function roomOf(data: object): string | undefined {
  if ('scope' in data) return String(data.scope);
  return 'network_id' in data ? `network:${data.network_id}` : undefined;
}
