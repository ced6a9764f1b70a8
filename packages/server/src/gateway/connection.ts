import { CLOSE_CODES, type Clock, type CloseName, type Random } from '@goconnect/protocol';
import type { Actor } from '../domain/entities.js';
import type { AdmissionRequest, Dialect } from '../ports/gateway.js';
import type { GatewayMetrics } from '../ports/metrics.js';
import type { ConnectionInbound, ServerSocket } from '../ports/server-socket.js';
import type { Identity } from '../ports/tokens.js';
import { Allowance } from './allowance.js';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  stepConnection,
} from './connection-state.js';
import { EarlyArrivals } from './early-arrivals.js';
import type { GatewaySettings } from './gateway-settings.js';
import { Lane } from './lane.js';
import type { OutgoingEvent } from './outgoing-event.js';
import type { Listener, Room } from './room.js';
import { type Amount, type Chunk, SendQueue } from './send-queue.js';
import type { Flushable, Turn } from './turn.js';
import { userKey } from './user-key.js';
import { VitalWatch } from './vital-watch.js';
import type { VitalAct } from './vitals.js';

/** What a connection needs of those around it. */
export interface ConnectionHost {
  readonly settings: GatewaySettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly turn: Turn;
  readonly metrics: GatewayMetrics;
  entered(connection: Connection): void;
  request(connection: Connection, frame: string): void;
  /** `code` says how it ended. */
  silenced(connection: Connection, code: number): void;
  released(connection: Connection): void;
}

/** Runs the effects of one connection's machine: on its socket, its send queue and its vitals. */
export class Connection implements Listener, Flushable, ConnectionInbound {
  readonly dialect: Dialect;
  readonly clientId: string | undefined;
  readonly allowance: Allowance;
  readonly early = new EarlyArrivals();
  /** Kept by `Rooms`. */
  readonly rooms = new Set<Room>();
  /** Names of rooms that its client left, where its user may be a member still. */
  readonly left = new Set<string>();
  /** Requests that wait for the store. */
  inFlight = 0;

  #identity: Identity;
  #state: ConnectionState = { status: 'opening' };
  /** What the end of the turn already knows that it has to do here. */
  #atTurnEnd: 'nothing' | 'flush' = 'nothing';
  #reading: 'on' | 'paused' = 'on';
  readonly #lane = new Lane();
  /** Whoever is in the lane, while too much waits. */
  #awaitingLight: (() => void) | undefined;
  readonly #queue: SendQueue;
  readonly #vitals: VitalWatch;
  readonly #socket: ServerSocket;
  readonly #host: ConnectionHost;

  constructor(
    readonly id: string,
    /** Later connections have larger ones. */
    readonly stamp: number,
    { identity, dialect, clientId }: AdmissionRequest,
    socket: ServerSocket,
    host: ConnectionHost,
  ) {
    this.dialect = dialect;
    this.clientId = clientId;
    this.allowance = new Allowance(host.settings.clientRate);
    this.#identity = identity;
    this.#queue = new SendQueue(host.settings.sendBufferMessages);
    this.#socket = socket;
    this.#host = host;
    this.#vitals = new VitalWatch(
      host,
      identity.expiresInMs,
      () => this.#reading === 'on',
      (act) => this.#act(act),
    );
  }

  get status(): ConnectionState['status'] {
    return this.#state.status;
  }

  get actor(): Actor {
    return this.#identity;
  }

  get userId(): string {
    return this.#identity.userId;
  }

  get familyId(): string | undefined {
    return this.#identity.familyId;
  }

  /** What waits for this client, the write under way included. */
  get queued(): Amount {
    return this.#queue.amount;
  }

  get lastLife(): number {
    return this.#vitals.lastLife;
  }

  /** Milliseconds that the access token still lives. */
  get expiresInMs(): number {
    return this.#vitals.expiresInMs;
  }

  // What the client hears.

  queue(chunk: Chunk): void {
    if (this.#state.status !== 'open') return;
    this.#queue.push(chunk);
    if (this.#atTurnEnd === 'nothing') this.#host.turn.connection(this);
    this.#atTurnEnd = 'flush';
  }

  /** One message for this client alone. `type` is what metrics count it as. */
  send(frame: Buffer, type: string): void {
    this.queue({ bytes: frame, messages: 1 });
    this.#host.metrics.sent(type, 1);
  }

  sendEvent(outgoing: OutgoingEvent): void {
    this.send(outgoing.frame(this.dialect), outgoing.event.type);
  }

  /**
   * Runs what sends a lot: one after the other, and each only when little waits for the client, or the connection is no
   * longer open. So a client that reads is not closed for what it asked for, however slow its line (A6.3).
   */
  whenLight<T>(work: () => Promise<T>): Promise<T> {
    return this.#lane.run(async () => {
      if (this.#state.status === 'open' && !this.#queue.light) {
        await new Promise<void>((resolve) => {
          this.#awaitingLight = resolve;
        });
      }
      return await work();
    });
  }

  flush(): void {
    this.#atTurnEnd = 'nothing';
    if (this.#queue.status === 'overflowed') this.close('slow_consumer');
    if (this.#state.status !== 'open') return;
    for (let frames = this.#queue.take(); frames; frames = this.#queue.take()) {
      if (this.#socket.write(frames, this.#onFlushed) === 'under_way') {
        this.#vitals.writing();
        break;
      }
      this.#queue.flushed();
    }
    if (this.#awaitingLight && this.#queue.light) this.#goOn();
  }

  #goOn(): void {
    this.#awaitingLight?.();
    this.#awaitingLight = undefined;
  }

  close(name: CloseName, reason: string = name): void {
    if (this.#state.status === 'opening' || this.#state.status === 'open') this.#host.metrics.failed(name);
    this.#step({ type: 'close', code: CLOSE_CODES[name], reason });
  }

  closeWith(code: number, reason: string): void {
    this.#step({ type: 'close', code, reason });
  }

  terminate(): void {
    this.#step({ type: 'give_up' });
  }

  /** Asks for a sign of life out of turn (A6.5). */
  probe(): void {
    this.#socket.ping();
  }

  /** The rooms are known. */
  opened(): void {
    this.#step({ type: 'rooms_read' });
  }

  /** Of the same user only: rooms and places are kept for the one who was let in. */
  renew(identity: Identity): void {
    if (userKey(identity) !== userKey(this.#identity)) throw new Error('the new token is for somebody else');
    this.#identity = identity;
    if (this.#state.status === 'opening' || this.#state.status === 'open')
      this.#vitals.renew(identity.expiresInMs);
  }

  // What the socket tells.

  text(frame: string): void {
    this.alive();
    this.take(frame);
  }

  /** What the client said: now, or while its rooms were being read. */
  take(frame: string): void {
    if (this.#state.status === 'open') this.#host.request(this, frame);
    else if (this.#state.status === 'opening') this.#keep(frame);
  }

  /** Whoever says much before the store has answered waits for it, and loses nothing. */
  #keep(frame: string): void {
    const left = this.early.frame(frame);
    if (left === 'room') return;
    if (left === 'too_many') this.close('internal_error');
    else if (this.#reading === 'on') {
      this.#reading = 'paused';
      this.#socket.pause();
    }
  }

  #readOn(): void {
    if (this.#reading === 'on') return;
    this.#reading = 'on';
    this.alive();
    this.#socket.resume();
  }

  binary(): void {
    this.close('unsupported_data');
  }

  alive(): void {
    this.#vitals.alive();
  }

  closed(code: number): void {
    this.#step({ type: 'socket_closed', code });
  }

  #step(event: ConnectionEvent): void {
    const { state, effects } = stepConnection(this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.type) {
      case 'enter_rooms':
        this.#host.entered(this);
        this.#readOn();
        break;
      case 'fall_silent':
        this.#fallSilent(effect.code);
        break;
      case 'send_close':
        this.#socket.close(effect.code, effect.reason);
        // The answer to that has to be read.
        this.#readOn();
        break;
      case 'await_close':
        this.#vitals.closing(this.#host.settings.writeWaitMs, () => this.#step({ type: 'close_unanswered' }));
        break;
      case 'terminate':
        this.#socket.terminate();
        break;
      case 'release':
        this.#vitals.stop();
        this.#host.released(this);
        break;
    }
  }

  /** What was queued before still goes out, ahead of the close frame; a client that was too slow gets only the latter. */
  #fallSilent(code: number): void {
    this.#host.silenced(this, code);
    const rest = this.#queue.takeAll();
    if (this.#queue.status === 'taking' && rest.length > 0) this.#socket.write(rest, () => {});
    this.#goOn();
  }

  readonly #onFlushed = (): void => {
    this.#queue.flushed();
    this.#vitals.written();
    this.flush();
  };

  #act(act: VitalAct): void {
    switch (act) {
      case 'ping':
        this.#socket.ping();
        break;
      case 'expired':
        this.close('token_expired');
        break;
      case 'dead_peer':
      case 'stuck_write':
        this.#host.metrics.failed(act);
        this.terminate();
        break;
    }
  }
}
