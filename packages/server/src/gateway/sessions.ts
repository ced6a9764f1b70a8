import type { Session } from '../handlers/handler.js';
import type { SessionOperations } from '../operations/operations.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import type { Identity } from '../ports/tokens.js';
import type { Connection } from './connection.js';
import { type Entrance, isLive } from './entrance.js';
import { type ResumptionDeps, resume } from './resumption.js';
import type { Rooms } from './rooms.js';
import type { Users } from './users.js';

export interface SessionsDeps extends ResumptionDeps {
  readonly rooms: Rooms;
  readonly users: Users;
  readonly entrance: Entrance;
  readonly logins: Pick<SessionOperations, 'isLive'>;
  readonly metrics: Pick<GatewayMetrics, 'noted'>;
}

/** Connections as handlers see them. */
export class Sessions {
  readonly #deps: SessionsDeps;
  /** Resumes of one connection run one after the other: two would send the same entries across one another. */
  readonly #resumes = new WeakMap<Connection, Promise<unknown>>();

  constructor(deps: SessionsDeps) {
    this.#deps = deps;
  }

  of(connection: Connection): Session {
    const { rooms, users, entrance } = this.#deps;
    return {
      actor: connection.actor,
      dialect: connection.dialect,
      enter(position) {
        if (connection.status !== 'open') return position;
        const removedAt = users.get(connection.actor)?.removed.of(position.room) ?? 0;
        const outside = !rooms.get(position.room)?.has(connection);
        // It was told of that outside of the room; and what this node did not pass on may hold a removal, too.
        if (outside && (removedAt > position.seq || rooms.isBehind(position))) return undefined;
        const { room, parked } = rooms.enter(connection, position);
        if (removedAt > parked.after) parked.removedAt = removedAt;
        return room.position(connection);
      },
      follow(name) {
        const room = rooms.get(name);
        if (room) entrance.follow(connection, room);
      },
      leave(name) {
        const room = rooms.get(name);
        if (!room?.has(connection)) return;
        rooms.leave(connection, room);
        connection.left.add(name);
      },
      resume: (positions) => this.#resume(connection, positions),
      renew: (identity) => this.#renew(connection, identity),
    };
  }

  async #renew(connection: Connection, identity: Identity): Promise<void> {
    connection.renew(identity);
    // If that login ended since the new token was made, it closed its own connections, of which this may have been none yet.
    if (!(await isLive(this.#deps.logins, identity))) connection.close('token_expired');
  }

  readonly #count = (rooms: readonly { readonly status: string }[]): void => {
    for (const { status } of rooms) this.#deps.metrics.noted({ kind: 'resumed', status });
  };

  #resume(
    connection: Connection,
    positions: Parameters<Session['resume']>[0],
  ): ReturnType<Session['resume']> {
    const before = this.#resumes.get(connection);
    const run = () => {
      const running = resume(this.#deps, connection, positions);
      // The rooms that were asked for are stopped now; the others need not wait any longer.
      this.#deps.entrance.spoke(connection);
      return running;
    };
    const result = before ? before.then(run) : run();
    this.#resumes.set(
      connection,
      result.then(this.#count, () => {
        // Some of its rooms stand still: only a new connection is whole again.
        connection.close('internal_error');
      }),
    );
    return result;
  }
}
