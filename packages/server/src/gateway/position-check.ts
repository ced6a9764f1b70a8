import type { RoomOperations } from '../operations/operations.js';
import { BOUNDS } from './bounds.js';
import type { Check, Look } from './log-checks.js';
import type { Rooms } from './rooms.js';

export interface PositionCheckDeps {
  readonly rooms: Pick<Rooms, 'activeNames' | 'stands'>;
  readonly operations: Pick<RoomOperations, 'positions'>;
}

/** Asks where the rooms stand that somebody is in. Without it a kick would be heard of with the next message only. */
export class PositionCheck implements Check {
  readonly #deps: PositionCheckDeps;

  constructor(deps: PositionCheckDeps) {
    this.#deps = deps;
  }

  async look({ signal, breathe }: Look): Promise<void> {
    const { rooms, operations } = this.#deps;
    const names = rooms.activeNames;
    for (let from = 0; from < names.length; from += BOUNDS.checkRooms) {
      if (from > 0) await breathe();
      const positions = await operations.positions(names.slice(from, from + BOUNDS.checkRooms));
      if (signal.aborted) return;
      for (const position of positions) rooms.stands(position);
    }
  }
}
