import { CLOSE_CODES, type Clock, type Random } from '@goconnect/protocol';
import type { Operations } from '../operations/operations.js';
import type { Bus } from '../ports/bus.js';
import type { EndOfTurn } from '../ports/end-of-turn.js';
import type { DrainOptions, Gateway } from '../ports/gateway.js';
import type { Logger } from '../ports/logger.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import type { AccessTokens } from '../ports/tokens.js';
import type { Tracing } from '../ports/tracing.js';
import { Admissions } from './admissions.js';
import type { ConnectionHost } from './connection.js';
import { Door } from './door.js';
import { Elsewhere } from './elsewhere.js';
import { Entrance } from './entrance.js';
import { Farewell } from './farewell.js';
import type { GatewaySettings } from './gateway-settings.js';
import { listenToBus } from './listen-to-bus.js';
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
    queueMicrotask(() => tell(here, { kind: 'rooms', rooms: update.rooms }, presenceEvent(update)));
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
    onEntry: (room, entry) => passEntry(here, room, entry),
    onLate: (room, entry) => missEntry(here, room, entry),
  });
  const here = { rooms, users, now: () => clock.monotonic() };
  const readDeps = {
    ...here,
    operations: operations.rooms,
    sendBufferMessages: settings.sendBufferMessages,
  };
  const entrance = new Entrance({
    ...readDeps,
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
    sessions: new Sessions({ ...readDeps, entrance, metrics, logins: operations.sessions }),
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

  const door = new Door({
    ...deps,
    admissions,
    farewell,
    users,
    entrance,
    sessions: operations.sessions,
    host,
  });
  const stopListening = listenToBus({
    bus,
    rooms,
    users,
    roster,
    networkRates,
    checks,
    clock,
    endOfTurn,
    logger,
  });

  return {
    closedDoor: () => door.closed(),
    knock: (address) => door.knock(address),
    admit: (request) => door.admit(request),
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
      stopListening();
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
