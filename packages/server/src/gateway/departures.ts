import type { Clock } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { RoomOperations } from '../operations/operations.js';
import type { Bus } from '../ports/bus.js';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import type { Change, Elsewhere } from './elsewhere.js';
import { showsPresence } from './membership.js';
import { presenceUpdate } from './presence-update.js';
import type { Users } from './users.js';

export interface DeparturesDeps {
  readonly users: Pick<Users, 'isHere' | 'tellAgain' | 'noteLastSeen'>;
  readonly elsewhere: Pick<Elsewhere, 'since'>;
  readonly operations: Pick<RoomOperations, 'roomsOf'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Logger;
}

/**
 * Sees to it that everybody hears in the end whether a user is online, when two nodes knew too little of each other, or one
 * is no more (A4.1).
 */
export class Departures {
  readonly #deps: DeparturesDeps;

  constructor(deps: DeparturesDeps) {
    this.#deps = deps;
  }

  /**
   * A user is not on another node any more.
   * @param isFirst whether it is for this node to do what one of them has to
   */
  noted({ actor, before, after }: Change, isFirst: boolean): void {
    const told = after?.presence === 'told';
    if (!told && (before?.presence !== 'here' || after?.presence === 'here')) return;
    const { users, elsewhere, clock } = this.#deps;
    if (users.isHere(actor)) {
      if (told) users.tellAgain(actor);
      return;
    }
    if (elsewhere.since(actor) !== undefined) return;
    users.noteLastSeen(actor, after?.since ?? clock.now());
    if (!told && isFirst) void this.#tell(actor);
  }

  async #tell(actor: Actor): Promise<void> {
    const { users, elsewhere, operations, bus, clock, logger } = this.#deps;
    try {
      const rooms = await operations.roomsOf(actor);
      // Back meanwhile.
      if (users.isHere(actor) || elsewhere.since(actor) !== undefined) return;
      const names = rooms.map(({ room }) => room).filter(showsPresence);
      bus.publish([presenceUpdate(actor.userId, 'offline', clock.now(), names)]);
    } catch (error) {
      logger[loudness(error)]({ err: error }, 'nobody could be told that a user of another server is gone');
    }
  }
}
