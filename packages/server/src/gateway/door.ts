import type { Clock, Random } from '@goconnect/protocol';
import type { SessionOperations } from '../operations/operations.js';
import type { ClientAddress } from '../ports/client-address.js';
import type { AdmissionRequest, Admitted, Refusal } from '../ports/gateway.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import type { ServerSocket } from '../ports/server-socket.js';
import type { Admissions } from './admissions.js';
import { BOUNDS } from './bounds.js';
import { Connection, type ConnectionHost } from './connection.js';
import { type Entrance, isLive } from './entrance.js';
import type { Farewell } from './farewell.js';
import type { GatewaySettings } from './gateway-settings.js';
import { KeyedRates } from './keyed-rates.js';
import { randomId } from './random-id.js';
import type { Users } from './users.js';

export interface DoorDeps {
  readonly admissions: Admissions;
  readonly farewell: Farewell;
  readonly users: Users;
  readonly entrance: Entrance;
  readonly sessions: Pick<SessionOperations, 'isLive'>;
  readonly host: ConnectionHost;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: GatewayMetrics;
  readonly settings: Pick<GatewaySettings, 'connectRate'>;
}

/** Who may come in, and how a connection begins. */
export class Door {
  readonly #deps: DoorDeps;
  readonly #connectRates: KeyedRates;

  constructor(deps: DoorDeps) {
    this.#deps = deps;
    this.#connectRates = new KeyedRates(deps.settings.connectRate, BOUNDS.ratedAddresses);
  }

  /** Why nobody is let in, whoever they are. */
  closed(): Refusal | undefined {
    return this.#deps.farewell.closedDoor() ?? this.#deps.admissions.full();
  }

  /** Before it is known who wants to come in. */
  knock({ key, limited }: ClientAddress): Refusal | undefined {
    const closed = this.closed();
    if (closed || !limited) return closed;
    const place = this.#connectRates.take(key, this.#deps.clock.monotonic());
    return place.kind === 'taken'
      ? undefined
      : { kind: 'refused', why: 'connect_rate', retryAfterMs: place.retryAfterMs };
  }

  async admit(request: AdmissionRequest): Promise<Admitted | Refusal> {
    const { admissions, farewell, sessions } = this.#deps;
    const closed = farewell.closedDoor();
    if (closed) return closed;
    if (!(await isLive(sessions, request.identity)))
      return { kind: 'refused', why: 'revoked', retryAfterMs: 0 };
    const refusal = await admissions.take(request);
    if (refusal) return refusal;
    const abandon = () => {
      admissions.upgraded(request.identity);
      admissions.free();
    };
    // The store may have taken its time, and whoever comes in after the end would never be closed.
    const closedMeanwhile = farewell.closedDoor();
    if (closedMeanwhile) {
      abandon();
      return closedMeanwhile;
    }
    return { kind: 'admitted', open: (socket) => this.#open(request, socket), abandon };
  }

  #open(request: AdmissionRequest, socket: ServerSocket): Connection {
    const { admissions, farewell, users, entrance, metrics, random, host } = this.#deps;
    admissions.upgraded(request.identity);
    const twins = [...(users.get(request.identity)?.connections ?? [])].filter(
      ({ clientId }) => clientId !== undefined && clientId === request.clientId,
    );
    const connection = new Connection(randomId(random), users.stamp(), request, socket, host);
    users.add(connection);
    farewell.came(connection);
    metrics.connections(farewell.present);
    metrics.noted({ kind: 'opened', dialect: request.dialect });
    // After the newer one is there, so that its user does not seem to leave.
    for (const twin of twins) twin.close('replaced');
    void entrance.begin(connection);
    return connection;
  }
}
