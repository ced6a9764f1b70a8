import type { Clock } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { AdmissionRequest, Refusal } from '../ports/gateway.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import type { GatewaySettings } from './gateway-settings.js';
import { userKey } from './user-key.js';
import type { Users } from './users.js';

export interface AdmissionsDeps {
  readonly settings: Pick<GatewaySettings, 'maxConnections' | 'maxConnectionsPerUser'>;
  readonly users: Users;
  readonly clock: Clock;
}

/** What a client may do about a refusal: a place may be free the next moment, so the wait is short. */
const RETRY_AFTER_MS = 5_000;

/** Who gets a place (A6.5). A place is taken by an upgrade under way as well as by a connection. */
export class Admissions {
  readonly #deps: AdmissionsDeps;
  readonly #upgrading = new Map<string, number>();
  #taken = 0;

  constructor(deps: AdmissionsDeps) {
    this.#deps = deps;
  }

  full(): Refusal | undefined {
    return this.#taken < this.#deps.settings.maxConnections ? undefined : refuse('full');
  }

  /** Takes a place; a refusal when there is none for this user. */
  async take(request: AdmissionRequest): Promise<Refusal | undefined> {
    const { identity } = request;
    if (!this.#hasPlace(request)) await this.#endSilent(identity);
    // Others may have come while we waited.
    if (!this.#hasPlace(request)) return refuse('too_many_connections');
    const full = this.full();
    if (full) return full;
    this.#taken++;
    const key = userKey(identity);
    this.#upgrading.set(key, (this.#upgrading.get(key) ?? 0) + 1);
    return undefined;
  }

  /** The upgrade is over, whatever came of it: as a connection, `Users` counts it. */
  upgraded(actor: Actor): void {
    const key = userKey(actor);
    const left = (this.#upgrading.get(key) ?? 1) - 1;
    if (left > 0) this.#upgrading.set(key, left);
    else this.#upgrading.delete(key);
  }

  free(): void {
    this.#taken--;
  }

  #hasPlace({ identity, clientId }: AdmissionRequest): boolean {
    const connections = [...(this.#deps.users.get(identity)?.connections ?? [])];
    const twins =
      clientId === undefined ? [] : connections.filter((connection) => connection.clientId === clientId);
    const counted = connections.length - twins.length + (this.#upgrading.get(userKey(identity)) ?? 0);
    return counted < this.#deps.settings.maxConnectionsPerUser;
  }

  /** Half-open zombies must not lock a user out: the connection silent for longest has to show life, or goes. */
  async #endSilent(actor: Actor): Promise<void> {
    const { users, clock } = this.#deps;
    const oldest = silentest([...(users.get(actor)?.connections ?? [])]);
    if (!oldest) return;
    const before = oldest.lastLife;
    // Seen just now: there is nothing to find out.
    if (clock.monotonic() - before < BOUNDS.probeMs) return;
    oldest.probe();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, BOUNDS.probeMs));
    if (oldest.lastLife === before) oldest.terminate();
  }
}

function silentest(connections: readonly Connection[]): Connection | undefined {
  return connections.reduce<Connection | undefined>(
    (oldest, next) => (oldest && oldest.lastLife <= next.lastLife ? oldest : next),
    undefined,
  );
}

function refuse(why: Refusal['why']): Refusal {
  return { kind: 'refused', why, retryAfterMs: RETRY_AFTER_MS };
}
