import type { Clock } from '@goconnect/protocol';
import type { Bus, BusMessage, BusSource } from '../ports/bus.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import type { Logger } from '../ports/logger.js';
import type { LogChecks } from './log-checks.js';
import type { NetworkRates } from './network-rates.js';
import type { Rooms } from './rooms.js';
import type { Roster } from './roster.js';
import { tell } from './transient-delivery.js';
import type { Users } from './users.js';

export interface BusListenerDeps {
  readonly bus: Bus;
  readonly rooms: Rooms;
  readonly users: Users;
  readonly roster: Roster;
  readonly networkRates: NetworkRates;
  readonly checks: LogChecks;
  readonly clock: Clock;
  readonly endOfTurn: EndOfTurn;
  readonly logger: Logger;
}

/** Passes what the bus brings to whom it concerns, until the function that is returned is called. */
export function listenToBus(deps: BusListenerDeps): () => void {
  const { bus, roster, checks, logger } = deps;
  const unsubscribe = bus.subscribe((messages, from) => {
    for (const message of messages) {
      try {
        hear(deps, message, from);
      } catch (error) {
        // One bad message must not cost everyone the rest.
        logger.error({ err: error, kind: message.kind }, 'a message of the bus was not understood');
      }
    }
  });
  const unwatch = bus.watch((line) => {
    roster.line(line);
    // What others said meanwhile is in the log.
    if (line === 'up') checks.lookNow();
  });
  return () => {
    unsubscribe();
    unwatch();
  };
}

function hear(deps: BusListenerDeps, message: BusMessage, from: BusSource): void {
  const { rooms, users, roster, networkRates, clock, endOfTurn } = deps;
  switch (message.kind) {
    case 'entry':
      if (from === 'elsewhere' && message.entry.type.startsWith('chat.'))
        networkRates.heard(message.entry.room, clock.monotonic());
      rooms.hear(message.entry);
      break;
    case 'transient':
      tell({ rooms, users }, message.audience, message.event);
      break;
    case 'disconnect':
      // Whoever caused this is still to be answered (A2.1).
      endOfTurn(() => disconnect(users, message));
      break;
    default:
      if (from === 'elsewhere') roster.hear(message);
  }
}

function disconnect(users: Users, message: Extract<BusMessage, { kind: 'disconnect' }>): void {
  for (const connection of users.withId(message.userId).flatMap(({ connections }) => [...connections])) {
    if (message.familyId !== undefined && connection.familyId !== message.familyId) continue;
    connection.closeWith(message.code, message.reason);
  }
}
