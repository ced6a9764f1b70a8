import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { RoomPosition } from '../domain/entities.js';
import type { RoomOperations, SessionOperations } from '../operations/operations.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import type { Logger } from '../ports/logger.js';
import { loudness } from '../ports/store-error.js';
import { BOUNDS } from './bounds.js';
import { catchUp } from './catch-up.js';
import type { Connection } from './connection.js';
import { applyEarly, type MembershipDeps, showsPresence } from './membership.js';
import type { Room } from './room.js';
import type { Welcome } from './welcome.js';

export interface EntranceDeps extends MembershipDeps {
  readonly operations: {
    readonly rooms: RoomOperations;
    readonly sessions: Pick<SessionOperations, 'isLive'>;
  };
  readonly sendBufferMessages: number;
  readonly clock: Clock;
  readonly endOfTurn: EndOfTurn;
  readonly logger: Logger;
  readonly welcome: Welcome;
}

/** Brings new connections into the rooms they belong to (A3.2). */
export class Entrance {
  readonly #deps: EntranceDeps;
  /** Rooms of connections that are being opened. */
  readonly #positions = new Map<Connection, readonly RoomPosition[]>();
  /** v1 connections that have not said anything yet. */
  readonly #silent = new Map<Connection, TimerHandle>();

  constructor(deps: EntranceDeps) {
    this.#deps = deps;
  }

  async begin(connection: Connection): Promise<void> {
    const { operations, rooms, logger, endOfTurn } = this.#deps;
    try {
      for (;;) {
        const forgotten = rooms.forgotten;
        // The login may have been revoked before this connection could be told (A5.3).
        const [positions, live] = await Promise.all([
          operations.rooms.roomsOf(connection.actor),
          isLive(operations.sessions, connection),
        ]);
        // Reading so many took its time, and entering them takes as much: everybody else has a turn between.
        if (positions.length > BOUNDS.roomsInOneTurn)
          await new Promise<void>((resolve) => endOfTurn(resolve));
        if (connection.status !== 'opening') return;
        if (!live) return connection.close('token_expired');
        // What was said while we read is in the rooms' windows, unless one of them was forgotten meanwhile.
        if (forgotten !== rooms.forgotten || positions.some((one) => rooms.isBehind(one))) continue;
        this.#positions.set(connection, positions);
        return connection.opened();
      }
    } catch (error) {
      if (connection.status !== 'opening') return;
      const fields = { connection: connection.id, err: error };
      logger[loudness(error)](fields, 'the rooms of a connection could not be read');
      connection.close('internal_error');
    }
  }

  /** The connection is open now. */
  entered(connection: Connection): void {
    const { rooms, users, clock, welcome } = this.#deps;
    const positions = this.#positions.get(connection) ?? [];
    this.#positions.delete(connection);
    if (connection.dialect === 'v1') welcome(connection, positions);
    for (const position of positions) rooms.enter(connection, position);
    applyEarly(this.#deps, connection, connection.early.takeEvents());
    const member = [...connection.rooms].filter((room) => room.parked(connection)?.removedAt === undefined);
    users.opened(connection, member.map((room) => room.name).filter(showsPresence));
    if (connection.dialect === 'base') this.#release(connection);
    else
      this.#silent.set(
        connection,
        clock.setTimeout(() => this.spoke(connection), BOUNDS.firstWordMs),
      );
  }

  /** The connection said something, or had time to: whatever no resume holds flows now (B3.3). */
  spoke(connection: Connection): void {
    const timer = this.#silent.get(connection);
    if (timer === undefined) return;
    this.leave(connection);
    this.#release(connection);
  }

  leave(connection: Connection): void {
    this.#positions.delete(connection);
    this.#deps.clock.clearTimeout(this.#silent.get(connection));
    this.#silent.delete(connection);
  }

  /** Lets one room's events reach the connection, what it missed first. */
  follow(connection: Connection, room: Room): void {
    if (room.parked(connection)?.mode !== 'held') return;
    const { rooms, operations, sendBufferMessages } = this.#deps;
    catchUp({ rooms, operations: operations.rooms, sendBufferMessages }, connection, room).then(
      (end) => {
        if (end.kind === 'lost') connection.close('internal_error');
      },
      (error: unknown) => {
        const fields = { connection: connection.id, room: room.name, err: error };
        this.#deps.logger[loudness(error)](fields, 'a connection could not be caught up');
        connection.close('internal_error');
      },
    );
  }

  #release(connection: Connection): void {
    for (const room of connection.rooms) this.follow(connection, room);
  }
}

/** False once the login that a token descends from was revoked. */
export async function isLive(
  sessions: Pick<SessionOperations, 'isLive'>,
  { familyId }: { readonly familyId?: string | undefined },
): Promise<boolean> {
  return familyId === undefined || (await sessions.isLive(familyId));
}
