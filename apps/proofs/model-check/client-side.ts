import {
  BROKEN,
  type Operation,
  type Outbox,
  type SessionEffect,
  type SessionEnv,
  type SessionEvent,
  type SessionState,
} from './cores.js';
import { must, type Parts } from './parts.js';
import { accept, clientLeft } from './server-side.js';
import {
  type ClientSide,
  EPOCH,
  type Frame,
  operationOf,
  ownNumber,
  type Wire,
  type World,
} from './world.js';

/** Timers fire when the walk says so, therefore time stands still. */
const ENV: SessionEnv = {
  now: 1,
  random: 0,
  heardAt: 0,
  answeredAt: 0,
  renewal: undefined,
  greets: 'unknown',
  options: {
    connectTimeoutMs: 1,
    backoff: { minMs: 1, baseMs: 1, maxMs: 1 },
    heartbeat: { idleMs: 1, timeoutMs: 1, probeMs: 1 },
  },
};
const REMEMBERS = { mode: 'v1', dedupeMs: Number.POSITIVE_INFINITY } as const;

/** Runs one client's machines as `session.ts`, `requests.ts` and `room-logs.ts` do. */
export class ClientRun {
  private readonly side: ClientSide;
  private readonly events: SessionEvent[] = [];

  constructor(
    private readonly parts: Parts,
    private readonly world: World,
    private readonly index: number,
  ) {
    this.side = world.clients[index] as ClientSide;
  }

  feed(event: SessionEvent): void {
    if (this.events.push(event) > 1) return;
    for (let first = this.events[0]; first; first = this.events[0]) {
      const before = this.side.session;
      const [after, ...effects] = this.parts.stepSession(before, first, ENV);
      if (after.status !== before.status) this.side.retrying = false;
      this.side.session = timeless(after);
      for (const effect of effects) this.run(effect);
      this.events.shift();
    }
  }

  ask(): void {
    const operation = operationOf(this.index, this.side.asked++);
    this.side.outbox = withOperation(this.side.outbox, queued(operation));
    this.pump();
  }

  /** The oldest frame on its way down `wire` arrives. */
  hear(wire: Wire, frame: Frame): void {
    switch (frame[0]) {
      case 'welcome':
        wire.welcome = frame[1];
        this.feed(['welcomed']);
        break;
      case 'entry':
        this.log(['entry', frame[1], frame[1]]);
        break;
      case 'ack':
        this.settle(frame[1], 'acked');
        break;
      case 'recovered':
      case 'gap':
      case 'denied':
        this.answered(wire, frame);
        break;
      case 'close':
        clientLeft(this.parts, this.world, this.index, wire, frame[1]);
        this.end(wire, frame[1]);
    }
  }

  /** A connection turns out to be over. */
  end(wire: Wire, code: number): void {
    const type = wire.role === 'next' ? 'fell' : wire.role === 'current' ? 'lost' : undefined;
    this.forget(wire);
    if (type) this.feed([type, { ...BROKEN, code }]);
  }

  private run(effect: SessionEffect): void {
    switch (effect[0]) {
      case 'after':
        if (effect[2][0] === 'due_retry') this.side.retrying = true;
        break;
      case 'token':
        this.feed(['token']);
        break;
      case 'dial':
        accept(this.parts, this.world, this.index);
        if (this.world.server.up) this.feed(['opened', 'v1']);
        break;
      case 'adopt': {
        const next = this.wire('next');
        if (!next) break;
        this.letGo(this.wire('retired'), 1000);
        const current = this.wire('current');
        if (current) current.role = 'retired';
        next.role = 'current';
        this.usable(next);
        break;
      }
      case 'drop':
        this.letGo(this.wire('next'), 1006);
        if (effect[1] === 'dead') this.letGo(this.wire('current'), 1006);
    }
  }

  private usable(wire: Wire): void {
    const seq = wire.welcome ?? 0;
    if (this.side.seen === undefined) this.side.seen = seq;
    if (this.side.log) this.log(['cut']);
    this.log(['announced', EPOCH, seq]);
    if (this.side.resuming.includes(wire.id)) this.side.releaseWith = wire.id;
    else this.letGo(this.wire('retired'), 1000);
    this.pump();
  }

  private answered(wire: Wire, frame: Frame): void {
    const at = this.side.resuming.indexOf(wire.id);
    if (at < 0) return;
    this.side.resuming.splice(at, 1);
    const seq = frame[1];
    if (wire.role === 'current') {
      const epoch = seq === undefined ? undefined : EPOCH;
      this.log(['resumed', { epoch: EPOCH, seq: 0 }, { status: frame[0], epoch, seq }]);
    }
    this.release(wire);
  }

  private release(wire: Wire): void {
    if (this.side.releaseWith !== wire.id) return;
    this.side.releaseWith = undefined;
    this.letGo(this.wire('retired'), 1000);
  }

  private log(event: Parameters<Parts['stepRoomLog']>[1]): void {
    const [log, ...effects] = this.parts.stepRoomLog(this.side.log, event);
    this.side.log = log;
    for (const effect of effects) {
      if (effect[0] === 'deliver') this.deliver(effect[1]);
      else if (effect[0] === 'resume') this.resume();
      else must(false, `promise 3: told of a gap although nothing is missing (${effect[1].reason})`);
    }
  }

  private deliver(seq: number): void {
    must(seq <= this.world.server.log.length, 'promise 1: an entry was delivered that the log does not have');
    must(seq === (this.side.seen ?? 0) + 1, 'promise 3: entries are delivered once each and ascending');
    this.side.seen = seq;
  }

  private resume(): void {
    const wire = this.wire('current');
    if (!wire) {
      this.log(['given_up', 'unrecovered']);
      return;
    }
    this.side.resuming.push(wire.id);
    if (!wire.broken) wire.up.push(['resume', this.side.log?.seq ?? 0]);
  }

  /** All at once, where the client has one message of a scope on its way at a time: here more can go wrong than there. */
  private pump(): void {
    for (const operation of this.side.outbox.values()) {
      const wire = this.wire('current');
      if (!wire) return;
      if (operation.at !== 'queued') continue;
      if (operation.sentAt !== undefined && !this.parts.mayRepeat(operation, ENV.now, REMEMBERS, 'safe')) {
        this.settle(Number(operation.opId), 'unknown_outcome');
        continue;
      }
      this.side.outbox = withOperation(this.side.outbox, { ...operation, at: wire.id, sentAt: 1 });
      if (!wire.broken) wire.up.push(['send', Number(operation.opId)]);
    }
  }

  private settle(operation: number, how: string): void {
    const own = ownNumber(operation);
    // What is not waited for any more is ignored, as in `requests.ts`.
    if (!this.side.outbox.has(String(operation))) return;
    this.side.outbox = without(this.side.outbox, String(operation));
    must(this.side.settled[own] === undefined, 'promise 4: an operation settled twice');
    must(how === 'acked', `promise 4: nothing was out of reach for long, yet an operation ended as ${how}`);
    must(this.world.server.log.includes(operation), 'promise 1: acknowledged, and not in the log');
    this.side.settled[own] = how;
  }

  private wire(role: Wire['role']): Wire | undefined {
    return this.side.wires.find((one) => one.role === role);
  }

  private letGo(wire: Wire | undefined, code: number): void {
    if (!wire) return;
    clientLeft(this.parts, this.world, this.index, wire, code);
    this.forget(wire);
  }

  private forget(wire: Wire): void {
    wire.role = 'gone';
    wire.down = [];
    if (!this.wire('current') && this.side.log) this.log(['cut']);
    this.side.resuming = this.side.resuming.filter((id) => id !== wire.id);
    this.release(wire);
    for (const operation of this.side.outbox.values()) {
      if (operation.at !== wire.id) continue;
      if (this.parts.mayRepeat(operation, ENV.now, REMEMBERS, 'safe'))
        this.side.outbox = withOperation(this.side.outbox, { ...operation, at: 'queued' });
      else this.settle(Number(operation.opId), 'unknown_outcome');
    }
    this.pump();
  }
}

/** Attempts are not counted and nobody is away for long: else no two moments would be alike. */
function timeless(state: SessionState): SessionState {
  const rested = 'effort' in state ? { ...state, effort: { ...state.effort, tries: 0 } } : state;
  return 'away' in rested ? { ...rested, away: { since: 1, level: 'blip' } } : rested;
}

function queued(operation: number): Operation {
  return {
    opId: String(operation),
    type: 'chat.send',
    data: { scope: 'host', body: String(operation) },
    kind: 'mutation',
    bytes: 1,
    timeoutMs: 1,
    expiresAt: Number.POSITIVE_INFINITY,
    at: 'queued',
    sentAt: undefined,
    unkeyed: false,
    repeated: false,
  };
}

/** Puts an operation into the outbox, in its old place if it has one. The map itself is shared with other worlds. */
function withOperation(outbox: Outbox, operation: Operation): Outbox {
  return new Map(outbox).set(operation.opId, operation);
}

function without(outbox: Outbox, opId: string): Outbox {
  const rest = new Map(outbox);
  rest.delete(opId);
  return rest;
}
