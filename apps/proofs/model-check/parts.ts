import {
  mayRepeat,
  type Place,
  type RoomLog,
  type RoomOrder,
  type RoomOrderEvent,
  sendMessage,
  stepConnection,
  stepPresence,
  stepRoomLog,
  stepRoomOrder,
  stepSession,
} from './cores.js';

/** What is walked: each part is the function that ships, unless a bug was planted in its place. */
export interface Parts {
  readonly stepSession: typeof stepSession;
  readonly mayRepeat: typeof mayRepeat;
  readonly stepRoomLog: (
    log: RoomLog<number> | undefined,
    event: Parameters<typeof stepRoomLog<number>>[1],
  ) => ReturnType<typeof stepRoomLog<number>>;
  readonly stepConnection: typeof stepConnection;
  readonly stepPresence: typeof stepPresence;
  readonly stepRoomOrder: (
    order: RoomOrder,
    event: RoomOrderEvent<Place>,
    mostTries: number,
  ) => ReturnType<typeof stepRoomOrder<Place>>;
  readonly sendMessage: typeof sendMessage;
  /** When a committed transaction is on disk. */
  readonly durable: 'at_commit' | 'later';
}

export const SHIPPED: Parts = {
  stepSession,
  mayRepeat,
  stepRoomLog: stepRoomLog<number>,
  stepConnection,
  stepPresence,
  stepRoomOrder: stepRoomOrder<Place>,
  sendMessage,
  durable: 'at_commit',
};

/** A promise that was broken, in a walk. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

export function must(holds: boolean, promise: string): void {
  if (!holds) throw new Violation(promise);
}
