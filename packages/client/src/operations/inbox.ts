import { type Incoming, isEventType } from '@goconnect/protocol/validators';
import type { Emitter } from '../support/emitter.js';
import type { EventContext, GoConnectEvents } from './client-events.js';

/** What may be an entry of a room's log: also one that this version cannot read must not look like a lost one. */
export type Entry = Extract<Incoming, { kind: 'event' | 'invalid' | 'unknown' }>;

/** False for a removal. Of one's own one hears wherever one is (A4.2): a room that is not followed is not entered by it. */
export function begins(entry: Entry): boolean {
  return entry.kind !== 'event' || !/left|admin/.test(entry.type);
}

/** Hands an entry to the listeners (A1.4). */
export function deliver(
  entry: Entry,
  validate: 'strict' | 'report' | 'off',
  emitter: Emitter<GoConnectEvents, EventContext>,
): void {
  const { kind, type, data, position } = entry;
  const known = type !== undefined && isEventType(type) && (kind === 'event' || validate !== 'strict');
  const context: EventContext = {
    room: position?.room ?? roomOf(data),
    seq: position?.seq,
    meta: kind === 'event' ? entry.meta : undefined,
  };
  // `type` and `data` belong together, which the compiler cannot see in a union; unchecked data is what the application asked for.
  if (known) emitter.emit(type, data as never, context);
  if (kind === 'event' || (known && validate === 'off')) return;
  emitter.emit('unknown', { type, data, faults: kind === 'invalid' ? entry.faults : [] }, context);
}

function roomOf(data: unknown): string | undefined {
  const { scope, network_id } = (data ?? {}) as { scope?: unknown; network_id?: unknown };
  if (typeof scope === 'string') return scope;
  return typeof network_id === 'string' ? `network:${network_id}` : undefined;
}
