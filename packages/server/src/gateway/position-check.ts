import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { RoomOperations } from '../operations/operations.js';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import { BOUNDS } from './bounds.js';
import type { Rooms } from './rooms.js';

export interface PositionCheckDeps {
  readonly rooms: Pick<Rooms, 'activeNames' | 'stands'>;
  readonly operations: Pick<RoomOperations, 'positions'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Asks the log now and then where the rooms of this node stand. A bus may lose the last hint of a room, after which
 * nothing comes that would show the hole: a kick would be heard of with the next message only.
 */
export class PositionCheck {
  readonly #deps: PositionCheckDeps;
  #state:
    | { readonly status: 'waiting'; readonly timer: TimerHandle }
    | { readonly status: 'looking' | 'stopped' };

  constructor(deps: PositionCheckDeps) {
    this.#deps = deps;
    this.#state = this.#wait();
  }

  stop(): void {
    if (this.#state.status === 'waiting') this.#deps.clock.clearTimeout(this.#state.timer);
    this.#state = { status: 'stopped' };
  }

  #wait() {
    const { clock } = this.#deps;
    return {
      status: 'waiting',
      timer: clock.setTimeout(() => void this.#look(), BOUNDS.positionCheckMs),
    } as const;
  }

  async #look(): Promise<void> {
    this.#state = { status: 'looking' };
    try {
      await this.#readAll();
    } catch (error) {
      this.#deps.logger[loudness(error)]({ err: error }, 'where rooms stand could not be read');
    }
    if (!this.#stopped) this.#state = this.#wait();
  }

  async #readAll(): Promise<void> {
    const { rooms, operations } = this.#deps;
    const names = rooms.activeNames;
    for (let from = 0; from < names.length; from += BOUNDS.positionCheckRooms) {
      const positions = await operations.positions(names.slice(from, from + BOUNDS.positionCheckRooms));
      if (this.#stopped) return;
      for (const position of positions) rooms.stands(position);
    }
  }

  get #stopped(): boolean {
    return this.#state.status === 'stopped';
  }
}
