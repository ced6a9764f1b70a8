import {
  type Clock,
  type EventData,
  type EventType,
  eventValidators,
  parseRoom,
  RECOVERABLE_EVENTS,
} from '@goconnect/protocol';
import type { EventBody } from '../domain/entities.js';
import type { Bus } from '../ports/bus.js';
import type { Store } from '../ports/store.js';

/**
 * Sends an event of the contract to everyone in a room. Recoverable events become entries of the room's log first
 * (B3.1): the promise resolves once they are durable.
 *
 * @throws TypeError for a room or data that the contract does not know
 */
export type Broadcast = <K extends EventType>(room: string, type: K, data: EventData<K>) => Promise<void>;

export function createBroadcast({
  store,
  bus,
  clock,
}: {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Clock;
}): Broadcast {
  return async (room, type, data) => {
    if (!parseRoom(room)) throw new TypeError('broadcast: room is "host", "tenant:<id>" or "network:<id>"');
    const event = checkEvent(type, data);
    if (RECOVERABLE_EVENTS.has(event.type)) {
      await store.write(async (tx) => {
        await tx.log.append(room, event, clock.now());
      });
    } else {
      bus.publish([{ kind: 'transient', audience: { kind: 'room', room }, event }]);
    }
  };
}

function checkEvent(type: EventType, data: unknown): EventBody {
  if (!Object.hasOwn(eventValidators, type)) throw new TypeError('broadcast: no such event');
  const checked = eventValidators[type](data, 'data');
  if (!checked.ok)
    throw new TypeError(
      `broadcast: ${checked.faults.map(({ path, expected }) => `${path}: ${expected}`).join(', ')}`,
    );
  // The validator of `type` made the data: the pair is one member of the union, which the compiler cannot see.
  return { type, data: checked.value } as EventBody;
}
