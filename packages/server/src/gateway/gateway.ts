import { CLOSE_CODES, type Clock, type Random } from '@goconnect/protocol';
import type { Operations } from '../operations/operations.js';
import type { Bus, BusMessage, BusSource } from '../ports/bus.js';
import type { ClientAddress } from '../ports/client-address.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import type { AdmissionRequest, Admitted, DrainOptions, Gateway, Refusal } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import type { ServerSocket } from '../ports/server-socket.js';
import type { AccessTokens } from '../ports/tokens.js';
import type { Tracing } from '../ports/tracing.js';
import { Admissions } from './admissions.js';
import { BOUNDS } from './bounds.js';
import { Connection, type ConnectionHost } from './connection.js';
import { Elsewhere } from './elsewhere.js';
import { Entrance, isLive } from './entrance.js';
import { Farewell } from './farewell.js';
import type { GatewaySettings } from './gateway-settings.js';
import { KeyedRates } from './keyed-rates.js';
import { LogChecks } from './log-checks.js';
import { missEntry, passEntry } from './membership.js';
import { NetworkRates } from './network-rates.js';
import { PositionCheck } from './position-check.js';
import { tellElsewhere } from './presence-elsewhere.js';
import { type PresenceUpdate, presenceEvent } from './presence-update.js';
import { randomId } from './random-id.js';
import { Requests } from './requests.js';
import { Rooms } from './rooms.js';
import { Roster } from './roster.js';
import { Sessions } from './sessions.js';
import { StandingCheck } from './standing-check.js';
import { tell } from './transient-delivery.js';
import { Turn } from './turn.js';
import { Users } from './users.js';
import { createWelcome } from './welcome.js';

export interface GatewayDeps {
  /** Names this node among those that share the bus. Default: a random name. */
  readonly node?: string;
  readonly operations: Operations;
  readonly bus: Bus;
  readonly tokens: AccessTokens;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: GatewayMetrics;
  readonly settings: GatewaySettings;
  /** Default: none, at no cost. */
  readonly tracing?: Tracing;
  /** Default: `setImmediate`. */
  readonly endOfTurn?: EndOfTurn;
}

/**
 * Makes the gateway: all connections of this process, the rooms they are in, and what flows between. It listens to
 * the bus from now on; `stop` ends that and everything else.
 */
export function createGateway(deps: GatewayDeps): Gateway {
  const { operations, bus, clock, random, metrics, logger, settings } = deps;
  const endOfTurn = deps.endOfTurn ?? setImmediate;
  const turn = new Turn(clock, endOfTurn);
  const elsewhere = new Elsewhere(clock);
  // After what is under way in this turn, as if the bus had brought it.
  const tellHere = (update: PresenceUpdate) =>
    queueMicrotask(() => tell(about, { kind: 'rooms', rooms: update.rooms }, presenceEvent(update)));
  const users: Users = new Users({
    clock,
    elsewhere,
    tell: tellHere,
    changed: (actor) => roster.changed(actor),
  });
  const rooms: Rooms = new Rooms({
    operations: operations.rooms,
    clock,
    turn,
    metrics,
    logger,
    onEntry: (room, entry) => passEntry(about, room, entry),
    onLate: (room, entry) => missEntry(about, room, entry),
  });
  const about = { rooms, users, now: () => clock.monotonic() };
  const reading = { ...about, operations: operations.rooms, sendBufferMessages: settings.sendBufferMessages };
  const entrance = new Entrance({
    ...reading,
    operations,
    clock,
    endOfTurn,
    logger,
    welcome: createWelcome(settings, clock),
  });
  const networkRates = new NetworkRates(settings.networkRate, () => roster.shares);
  const requests = new Requests({
    ...deps,
    presence: users,
    sessions: new Sessions({ ...reading, entrance, metrics, logins: operations.sessions }),
    networkRates,
    spoke: (connection) => entrance.spoke(connection),
  });
  const admissions = new Admissions({ settings, users, elsewhere, bus, clock });
  const checks = new LogChecks(
    [new PositionCheck({ rooms, operations: operations.rooms }), new StandingCheck({ users, operations })],
    { clock, logger },
  );
  const farewell = new Farewell({ clock, random });
  const roster = new Roster({
    node: deps.node ?? randomId(random),
    bus,
    clock,
    endOfTurn,
    elsewhere,
    here: users,
    changed(change) {
      tellElsewhere({ users, clock, tell: tellHere }, change);
      // Whom a drain sends away goes over to the other connection by itself (B5.1).
      if (!farewell.closedDoor()) admissions.settle(change.actor);
    },
    probe: (actor) => void admissions.probe(actor),
  });
  const connectRates = new KeyedRates(settings.connectRate, BOUNDS.ratedAddresses);

  const host: ConnectionHost = {
    settings,
    clock,
    random,
    turn,
    metrics,
    entered(connection) {
      entrance.entered(connection);
      farewell.opened(connection);
      for (const frame of connection.early.takeFrames()) connection.take(frame);
    },
    request: (connection, frame) => requests.receive(connection, frame),
    silenced(connection, code) {
      metrics.noted({ kind: 'closed', code });
      entrance.leave(connection);
      rooms.leaveAll(connection);
      users.remove(connection, code);
    },
    released(connection) {
      admissions.free();
      farewell.left(connection);
      metrics.connections(farewell.present);
    },
  };

  function open(request: AdmissionRequest, socket: ServerSocket): Connection {
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

  async function admit(request: AdmissionRequest): Promise<Admitted | Refusal> {
    const closed = farewell.closedDoor();
    if (closed) return closed;
    if (!(await isLive(operations.sessions, request.identity)))
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
    return { kind: 'admitted', open: (socket) => open(request, socket), abandon };
  }

  function knock({ key, limited }: ClientAddress): Refusal | undefined {
    const closed = farewell.closedDoor() ?? admissions.full();
    if (closed || limited === 'no') return closed;
    const place = connectRates.take(key, clock.monotonic());
    return place.kind === 'taken'
      ? undefined
      : { kind: 'refused', why: 'connect_rate', retryAfterMs: place.retryAfterMs };
  }

  function disconnect(message: Extract<BusMessage, { kind: 'disconnect' }>): void {
    for (const connection of users.withId(message.userId).flatMap(({ connections }) => [...connections])) {
      if (message.familyId !== undefined && connection.familyId !== message.familyId) continue;
      connection.closeWith(message.code, message.reason);
    }
  }

  function hear(message: BusMessage, from: BusSource): void {
    switch (message.kind) {
      case 'entry':
        if (from === 'elsewhere' && message.entry.type.startsWith('chat.'))
          networkRates.heard(message.entry.room, clock.monotonic());
        rooms.hear(message.entry);
        break;
      case 'transient':
        tell(about, message.audience, message.event);
        break;
      case 'disconnect':
        // Whoever caused this is still to be answered (A2.1).
        endOfTurn(() => disconnect(message));
        break;
      default:
        if (from === 'elsewhere') roster.hear(message);
    }
  }

  const unsubscribe = bus.subscribe((messages, from) => {
    for (const message of messages) {
      try {
        hear(message, from);
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

  return {
    closedDoor: () => farewell.closedDoor() ?? admissions.full(),
    knock,
    admit,
    presence: (tenantId, userIds) => users.of(tenantId, userIds),
    stats: () => ({
      connections: farewell.present,
      rooms: rooms.activeCount,
      nodes: roster.nodes,
      queued: farewell.queued(),
      draining: farewell.closedDoor() !== undefined,
    }),
    drain: (options: DrainOptions) => farewell.drain(options),
    async stop() {
      unsubscribe();
      unwatch();
      checks.stop();
      // Before its users leave one by one: where they come back to is told then.
      roster.stop();
      admissions.stop();
      await farewell.sendOff(CLOSE_CODES.going_away, 'going_away');
      rooms.stop();
      users.stop();
    },
  };
}
