import type { Clock, TimerHandle } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { Bus, RosterConnection } from '../ports/bus.js';
import type { AdmissionRequest, Refusal } from '../ports/gateway.js';
import { BOUNDS } from './bounds.js';
import type { Connection } from './connection.js';
import type { Elsewhere } from './elsewhere.js';
import type { GatewaySettings } from './gateway-settings.js';
import { userKey } from './user-key.js';
import type { Users } from './users.js';

export interface AdmissionsDeps {
  readonly settings: Pick<GatewaySettings, 'maxConnections' | 'maxConnectionsPerUser'>;
  readonly users: Users;
  /** Connections of other nodes count as well. */
  readonly elsewhere: Pick<Elsewhere, 'connections'>;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: Clock;
}

/** What a client may do about a refusal: a place may be free the next moment, so the wait is short. */
const RETRY_AFTER_MS = 5_000;
const RETRY_REASON = JSON.stringify({ retry_after_ms: RETRY_AFTER_MS });

/** Who gets a place (A6.5). A place is taken by an upgrade under way as well as by a connection. */
export class Admissions {
  readonly #deps: AdmissionsDeps;
  readonly #upgrading = new Map<string, number>();
  /** Ends each wait that is under way. */
  readonly #waits = new Map<TimerHandle, (end: WaitEnd) => void>();
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
    if (!this.#hasPlace(request)) await this.#probeEverywhere(identity);
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

  /** Half-open zombies must not lock a user out: the connection silent for longest has to show life, or goes. */
  async probe(actor: Actor): Promise<void> {
    const { users, clock } = this.#deps;
    const oldest = silentest([...(users.get(actor)?.connections ?? [])]);
    if (!oldest) return;
    const before = oldest.lastLife;
    // Seen just now: there is nothing to find out.
    if (clock.monotonic() - before < BOUNDS.probeMs) return;
    oldest.probe();
    const waited = await this.#wait(BOUNDS.probeMs);
    if (waited === 'over' && oldest.lastLife === before) oldest.terminate();
  }

  /** Whoever waits finds out at once that there is no place any more. */
  stop(): void {
    for (const [timer, end] of this.#waits) {
      this.#deps.clock.clearTimeout(timer);
      end('stopped');
    }
  }

  /**
   * Ends connections of this node because of what other nodes have: older twins, and the latest of more than a user may have,
   * where several nodes let them in at one moment. All nodes go by the same order.
   */
  settle(actor: Actor): void {
    const { users, elsewhere, settings } = this.#deps;
    const own = () => [...(users.get(actor)?.connections ?? [])];
    const others = elsewhere.connections(actor);
    for (const connection of own())
      if (others.some((other) => isTwin(connection, other) && isLater(other, connection)))
        connection.close('replaced');
    const inOrder = withoutOlderTwins([...own(), ...others]).sort((one, other) =>
      isLater(one, other) ? 1 : -1,
    );
    const excess = new Set(inOrder.slice(settings.maxConnectionsPerUser));
    for (const connection of own())
      if (excess.has(connection)) connection.close('too_many_connections', RETRY_REASON);
  }

  #hasPlace({ identity, clientId }: AdmissionRequest): boolean {
    const { users, elsewhere, settings } = this.#deps;
    const own = users.get(identity)?.connections ?? [];
    const connections = withoutOlderTwins([...own, ...elsewhere.connections(identity)]);
    const others = connections.filter((one) => clientId === undefined || one.clientId !== clientId);
    const counted = others.length + (this.#upgrading.get(userKey(identity)) ?? 0);
    return counted < settings.maxConnectionsPerUser;
  }

  async #probeEverywhere(actor: Actor): Promise<void> {
    const own = this.probe(actor);
    if (this.#deps.elsewhere.connections(actor).length > 0) {
      const { userId, tenantId } = actor;
      this.#deps.bus.publish([{ kind: 'roster_probe', userId, tenantId }]);
      await this.#wait(BOUNDS.probeElsewhereMs);
    }
    await own;
  }

  #wait(delayMs: number): Promise<WaitEnd> {
    return new Promise((resolve) => {
      const end = (how: WaitEnd) => {
        this.#waits.delete(timer);
        resolve(how);
      };
      const timer = this.#deps.clock.setTimeout(() => end('over'), delayMs);
      this.#waits.set(timer, end);
    });
  }
}

/** `stopped`: nobody waits any more. */
type WaitEnd = 'over' | 'stopped';

/** What there is to know of a connection, wherever it is. */
type Known = Pick<RosterConnection, 'id' | 'clientId' | 'stamp'> | Connection;

function isTwin(one: Known, other: Known): boolean {
  return one.id !== other.id && one.clientId !== undefined && one.clientId === other.clientId;
}

/** Who moves is still known where they were: the node there closes the older one, or has done so and was not heard yet. */
function withoutOlderTwins(connections: readonly Known[]): Known[] {
  const latest = new Map<string, Known>();
  for (const one of connections) {
    if (one.clientId === undefined) continue;
    const known = latest.get(one.clientId);
    if (!known || isLater(one, known)) latest.set(one.clientId, one);
  }
  return connections.filter((one) => one.clientId === undefined || latest.get(one.clientId) === one);
}

function isLater(one: Known, other: Known): boolean {
  return one.stamp > other.stamp || (one.stamp === other.stamp && one.id > other.id);
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
