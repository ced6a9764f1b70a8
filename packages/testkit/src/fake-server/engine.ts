import { CLOSE_CODES, type Clock, type CloseName, type Request } from '@goconnect/protocol/validators';
import type { SeededRandom } from '../chance/random.js';
import { type Answer, carryOut, errorEnvelope, isRepeat, readRequest } from './answering.js';
import { Connection } from './connection.js';
import type { ContractSettings, Limits } from './contract-settings.js';
import { type Admitted, type DoorRules, readKnock, refuse, selectedProtocol } from './door.js';
import type { Entry, EventBody } from './entities.js';
import { FakeTokens } from './fake-tokens.js';
import type { HandlerContext } from './handler.js';
import { Inbox } from './inbox.js';
import type { Knock, PeerEvents } from './peer.js';
import { Presence } from './presence.js';
import { Refusal } from './refusal.js';
import { Script } from './script.js';
import { type ScriptedStep, scriptedSteps } from './scripted-steps.js';
import { SlidingLog } from './sliding-log.js';
import { Timers } from './timers.js';
import { welcome } from './welcome.js';
import { World } from './world.js';

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly door: DoorRules;
  readonly settings: ContractSettings;
}

/** The fake server behind its transport: connections, the contract, and the script that overrules it. */
export class Engine {
  readonly world: World;
  readonly tokens: FakeTokens;
  readonly inbox: Inbox;
  readonly script = new Script();
  readonly timers: Timers;
  readonly connections = new Map<string, Connection>();
  readonly random: SeededRandom;
  settings: ContractSettings;
  readonly #clock: Clock;
  readonly #door: DoorRules;
  readonly #presence: Presence;
  readonly #roomBudgets = new Map<string, SlidingLog>();
  #accepted = 0;

  constructor({ clock, random, door, settings }: EngineOptions) {
    this.#clock = clock;
    this.#door = door;
    this.settings = settings;
    this.random = random;
    this.world = new World({ clock, random, keepEvents: settings.maxEventsPerRoom });
    this.tokens = new FakeTokens(clock);
    this.inbox = new Inbox(clock);
    this.timers = new Timers(clock);
    this.#presence = new Presence(
      this.timers,
      () => clock.now(),
      (userId, status, since) => this.#presenceChanged(userId, status, since),
    );
  }

  knock(knock: Knock): void {
    const entrance = readKnock(knock, this.tokens, this.#door);
    if (entrance.kind === 'refuse') {
      refuse(knock, entrance);
      return;
    }
    // A server that knows only the published page knows no `client_id`.
    const twin = this.#door.offersV1 ? this.#twinOf(entrance) : undefined;
    const others = this.connectionsOf(entrance.grant.userId).filter((one) => one !== twin);
    if (others.length < this.settings.maxConnectionsPerUser) {
      this.#enter(knock, entrance, twin);
      return;
    }
    refuse(knock, {
      kind: 'refuse',
      dialect: entrance.dialect,
      status: 429,
      close: 'too_many_connections',
      code: 'ERR_RATE_LIMIT',
      message: 'Too many connections',
      details: { reason: 'too_many_connections' },
      retryAfterMs: 5_000,
    });
  }

  connectionsOf(userId: string): readonly Connection[] {
    return [...this.connections.values()].filter(({ user }) => user.id === userId);
  }

  limit(limits: Limits): void {
    this.settings = { ...this.settings, ...limits };
    for (const { budget } of this.connections.values()) budget.limit = this.settings.messagesPerMinute;
    for (const budget of this.#roomBudgets.values()) budget.limit = this.settings.networkMessagesPerMinute;
  }

  /** Appends to a room's log and tells whoever is in the room. */
  publish(room: string, event: EventBody): Entry {
    const entry = this.world.append(room, event);
    this.#broadcast(entry);
    return entry;
  }

  /** Tells an event that is in no log. */
  tell(event: EventBody, hears: (connection: Connection) => boolean): void {
    for (const connection of this.connections.values()) if (hears(connection)) connection.send(event);
  }

  close(connection: Connection, code: number, reason: string): void {
    connection.socket?.close(code, reason);
    // What comes after the close frame is nobody's any more.
    this.#left(connection, code);
  }

  /** As the contract does (A7). The reason is one word where the real server has no more to say. */
  closeAs(connection: Connection, name: CloseName, reason: string = name): void {
    this.close(connection, CLOSE_CODES[name], reason);
  }

  closeFamily(family: string): void {
    for (const connection of [...this.connections.values()]) {
      if (connection.family === family) this.closeAs(connection, 'token_expired', 'refresh token used twice');
    }
  }

  end(): void {
    this.timers.clear();
    for (const connection of [...this.connections.values()]) {
      connection.cancelExpiry();
      connection.socket?.terminate();
    }
    this.connections.clear();
    this.timers.clear();
  }

  #enter(knock: Knock, { dialect, grant, clientId }: Admitted, twin: Connection | undefined): void {
    const { world } = this;
    const user = world.user(grant.userId);
    const start = { id: world.nextId('session'), number: this.#accepted + 1, user, dialect, clientId };
    const connection = new Connection(
      { ...start, messagesPerMinute: this.settings.messagesPerMinute },
      grant.family,
    );
    connection.socket = knock.accept(selectedProtocol(dialect), this.#events(connection));
    if (!connection.socket) return;
    if (twin) this.closeAs(twin, 'replaced');
    this.#accepted++;
    this.connections.set(connection.id, connection);
    for (const room of world.roomsOf(user)) connection.rooms.add(room);
    const lifeMs = grant.expiresAt - this.#clock.monotonic();
    this.#expireAfter(connection, lifeMs);
    if (dialect === 'v1') connection.send(welcome(connection, world, this.settings, lifeMs));
    this.#presence.came(user.id);
  }

  #events(connection: Connection): PeerEvents {
    return {
      text: (frame) => this.#text(connection, frame),
      binary: () => this.closeAs(connection, 'unsupported_data'),
      closed: (code) => this.#left(connection, code),
    };
  }

  #text(connection: Connection, frame: string): void {
    if (!this.connections.has(connection.id)) return;
    const read = readRequest(frame, this.settings.maxMessageBytes, connection.dialect);
    if (read.kind === 'request') this.#request(connection, read.request);
    else if (read.kind === 'too_big') this.closeAs(connection, 'message_too_big', '');
    else {
      connection.send(read.envelope);
      const flooding = connection.faults.take(this.#clock.monotonic()) > 0;
      if (flooding) this.closeAs(connection, 'too_many_invalid');
    }
  }

  #request(connection: Connection, request: Request): void {
    const { type, op_id, data } = request;
    // The pair of type and data is one member of the union, which the compiler cannot see.
    const received = {
      type,
      op_id,
      data,
      connection: connection.number,
      userId: connection.user.id,
      at: this.#clock.monotonic(),
    };
    this.inbox.add(received as Parameters<Inbox['add']>[0]);
    const action = this.script.decide(request);
    if (!action) this.#answer(connection, request);
    else for (const step of scriptedSteps(request, action)) this.#run(connection, request, step);
  }

  #answer(
    connection: Connection,
    request: Request,
    answers: (envelope: Answer['envelope']) => readonly object[] = (envelope) => [envelope],
  ): void {
    if (!this.connections.has(connection.id)) return;
    const late = this.#overLimit(connection, request);
    const afterReply: (() => void)[] = [];
    const answer: Answer =
      late > 0
        ? { envelope: rateLimited(request, late), published: [] }
        : carryOut(request, this.#context(connection, afterReply));
    for (const envelope of answers(answer.envelope)) connection.send(envelope);
    for (const entry of answer.published) this.#broadcast(entry);
    for (const task of afterReply) task();
  }

  #run(connection: Connection, request: Request, step: ScriptedStep): void {
    switch (step.kind) {
      case 'send':
        connection.send(step.envelope);
        break;
      case 'raw':
        connection.socket?.send(step.text);
        break;
      case 'terminate':
        connection.socket?.terminate();
        break;
      case 'close':
        this.close(connection, step.code, step.reason);
        break;
      case 'carry_out':
        if (step.afterMs === undefined) this.#answer(connection, request, step.answers);
        else this.timers.after(step.afterMs, () => this.#answer(connection, request, step.answers));
    }
  }

  #context(
    connection: Connection,
    afterReply: (() => void)[],
  ): Omit<HandlerContext, 'publish' | 'opId' | 'meta'> {
    return {
      world: this.world,
      tokens: this.tokens,
      connection,
      user: connection.user,
      settings: this.settings,
      tell: (entry) => connection.send(onWire(entry, connection)),
      presenceOf: (userId) => {
        const { status, since } = this.#presence.of(userId);
        return { status, since: this.world.timestamp(since) };
      },
      closeFamily: (family) => afterReply.push(() => this.closeFamily(family)),
      renewed: (expiresInMs, family) => {
        connection.family = family;
        this.#expireAfter(connection, expiresInMs);
      },
    };
  }

  /** Milliseconds to wait, or 0 (A6.2). */
  #overLimit(connection: Connection, request: Request): number {
    const now = this.#clock.monotonic();
    if (request.type === 'presence.ping') return connection.pings.take(now);
    if (request.type === 'session.resume') return connection.resumes.take(now);
    if (isRepeat(request, connection, this.world)) return connection.repeats.take(now);
    const own = connection.budget.take(now);
    if (own > 0 || request.type !== 'chat.send' || request.data.scope === 'host') return own;
    const room = request.data.scope;
    const budget =
      this.#roomBudgets.get(room) ?? new SlidingLog(this.settings.networkMessagesPerMinute, 60_000);
    this.#roomBudgets.set(room, budget);
    return budget.take(now);
  }

  #broadcast(entry: Entry): void {
    for (const connection of this.connections.values()) {
      if (connection.rooms.has(entry.room)) connection.send(onWire(entry, connection));
    }
  }

  #expireAfter(connection: Connection, ms: number): void {
    connection.cancelExpiry();
    connection.cancelExpiry = this.timers.after(Math.max(0, ms), () =>
      this.closeAs(connection, 'token_expired'),
    );
  }

  /** The older connection of the same client instance (A6.5). */
  #twinOf({ grant, clientId }: Admitted): Connection | undefined {
    if (clientId === undefined) return undefined;
    return this.connectionsOf(grant.userId).find((one) => one.clientId === clientId);
  }

  #left(connection: Connection, code: number): void {
    if (!this.connections.delete(connection.id)) return;
    connection.cancelExpiry();
    this.#presence.went(connection.user.id, code === CLOSE_CODES.normal ? 0 : this.settings.presenceGraceMs);
  }

  #presenceChanged(userId: string, status: 'online' | 'offline', since: number): void {
    const rooms = this.world.roomsOf(this.world.user(userId));
    const event: EventBody = {
      type: 'presence.update',
      data: { user_id: userId, status, since: this.world.timestamp(since) },
    };
    this.tell(
      event,
      (connection) => connection.user.id !== userId && rooms.some((room) => connection.rooms.has(room)),
    );
  }
}

/** A base connection sees neither places nor traces: the published page has none. */
function onWire({ type, data, room, seq, meta }: Entry, { dialect }: Connection): object {
  return dialect === 'base' ? { type, data } : { type, data, room, seq, ...(meta && { meta }) };
}

function rateLimited(request: Request, retryAfterMs: number): Readonly<Record<string, unknown>> {
  const details = { retry_after_ms: retryAfterMs };
  return errorEnvelope(new Refusal('ERR_RATE_LIMIT', 'Too many messages', details), request);
}
