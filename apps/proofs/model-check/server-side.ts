import type { Place, RoomOrder, RoomOrderEvent } from './cores.js';
import { must, type Parts } from './parts.js';
import { storeOf } from './store-model.js';
import {
  EPOCH,
  type Frame,
  NO_PRESENCE,
  operationOf,
  type ServerEnd,
  senderOf,
  type Wire,
  type World,
} from './world.js';

const REPLACED = 4409;
const INTERNAL_ERROR = 1011;
/** Reads of missing entries that may come back empty. */
const MOST_TRIES = 1;

/** A client dials: where the server is up there is a connection from now on. */
export function accept(parts: Parts, world: World, client: number): void {
  const wires = world.clients[client]?.wires ?? [];
  const { up } = world.server;
  const twins = up ? wires.filter((one) => one.server) : [];
  const wire: Wire = {
    id: 1 + Math.max(0, ...wires.map(({ id }) => id)),
    role: 'next',
    welcome: undefined,
    broken: !up,
    up: [],
    down: [],
    server: up
      ? { state: { status: 'opening' }, read: undefined, standing: undefined, silent: false, resumes: [] }
      : undefined,
  };
  wires.push(wire);
  const run = new ServerRun(parts, world);
  for (const twin of twins) run.connection(client, twin, { type: 'close', code: REPLACED, reason: '' });
}

/** The client's end is gone: politely, cut off, or as the answer to a close frame. */
export function clientLeft(parts: Parts, world: World, client: number, wire: Wire, code: number): void {
  if (wire.role === 'gone' || !wire.server) return;
  if (wire.server.state.status === 'closing') {
    new ServerRun(parts, world).connection(client, wire, { type: 'socket_closed', code });
  } else if (code === 1000 && !wire.broken) wire.up.push(['close', 1000]);
  else wire.broken = true;
}

/** Runs the server's machines as the gateway does. */
export class ServerRun {
  constructor(
    private readonly parts: Parts,
    private readonly world: World,
  ) {}

  connection(client: number, wire: Wire, event: Parameters<Parts['stepConnection']>[1]): void {
    const end = wire.server;
    if (!end) return;
    const { state, effects } = this.parts.stepConnection(end.state, event);
    end.state = state;
    for (const effect of effects) {
      if (effect.type === 'enter_rooms') this.enter(client, wire, end);
      else if (effect.type === 'fall_silent') this.fallSilent(client, end, effect.code);
      else if (effect.type === 'send_close') say(wire, ['close', effect.code]);
      else if (effect.type === 'release') {
        wire.server = undefined;
        wire.up = [];
      }
    }
  }

  /** The oldest frame on its way up `wire` arrives. */
  hear(client: number, wire: Wire, frame: Frame): void {
    const end = wire.server;
    if (!end) return;
    if (frame[0] === 'close') this.connection(client, wire, { type: 'socket_closed', code: frame[1] });
    else if (end.state.status !== 'open') return;
    else if (frame[0] === 'resume') {
      end.silent = false;
      // It stops at once; the answer comes later.
      if (end.standing) end.standing = { mode: 'catching_up', after: this.place(end) };
      end.resumes.push(frame[1]);
    } else if (frame[0] === 'send') {
      this.spoke(wire, end);
      this.world.server.pending.push({ client, wire: wire.id, operation: frame[1] });
    }
  }

  /** What the connection did not resume flows now. */
  spoke(wire: Wire, end: ServerEnd): void {
    if (!end.silent) return;
    end.silent = false;
    if (end.standing?.mode === 'held') this.catchUp(wire, end, end.standing.after);
  }

  /** Answers the oldest resume of a connection. */
  recover(wire: Wire, end: ServerEnd): void {
    const { room, log } = this.world.server;
    const seq = end.resumes.shift() ?? 0;
    if (!end.standing || !room) {
      say(wire, ['denied']);
      return;
    }
    const gap = seq > room.seq && seq > log.length;
    this.catchUp(wire, end, gap ? room.seq : seq);
    say(wire, gap ? ['gap', room.seq] : ['recovered', this.place(end)]);
  }

  /** One transaction of all that waits, by the operation that ships. */
  async commit(): Promise<void> {
    const { server, clients } = this.world;
    const works = server.pending.splice(0);
    const before = server.log.length;
    for (const { client, operation } of works) {
      const context = {
        actor: { userId: `u${client}`, tenantId: 't', isAdmin: false, isModerator: false },
        key: { opId: String(operation) },
      };
      const send = this.parts.sendMessage(storeOf(server, operation));
      await send(context, { scope: 'host', body: String(operation) });
    }
    if (this.parts.durable === 'later') server.unsynced += server.log.length - before;
    for (let seq = before + 1; seq <= server.log.length; seq++) server.hints.push(seq);
    for (const { client, wire: id, operation } of works) {
      const wire = clients[client]?.wires.find((one) => one.id === id);
      if (wire?.server?.state.status === 'open') say(wire, ['ack', operation]);
    }
    this.checkLog();
  }

  /** An entry comes over the bus. */
  hint(seq: number): void {
    this.order({ type: 'heard', entry: { epoch: EPOCH, seq } }, seq - 1);
  }

  /** A read of missing entries comes back. */
  read(after: number): void {
    const { log } = this.world.server;
    const entries = log.slice(after).map((_, index) => ({ epoch: EPOCH, seq: after + index + 1 }));
    this.order({ type: 'read', entries, oldest: 1 }, after);
  }

  crash(): void {
    const { server, clients } = this.world;
    const lost = server.log.splice(server.log.length - server.unsynced);
    server.keys = server.keys.filter(({ operation }) => !lost.includes(operation));
    Object.assign(server, { up: false, unsynced: 0, pending: [], hints: [], room: undefined, reading: [] });
    server.presence = server.presence.map(() => NO_PRESENCE);
    server.told = server.told.map(() => 'offline');
    clients.forEach(({ wires, settled }, client) => {
      for (const wire of wires) {
        if (wire.server) Object.assign(wire, { broken: true, server: undefined, up: [] });
      }
      const missed = settled.filter((how, own) => how === 'acked' && lost.includes(operationOf(client, own)));
      must(missed.length === 0, 'promise 1: a crash lost what was acknowledged');
    });
  }

  present(client: number, event: Parameters<Parts['stepPresence']>[1]): void {
    const { server } = this.world;
    const before = server.presence[client];
    if (!before) return;
    const { state, effects } = this.parts.stepPresence(before, event);
    server.presence[client] = state;
    for (const effect of effects) {
      if (effect.type !== 'announce') continue;
      must(effect.status !== server.told[client], 'A4.1: presence is told once per net change');
      must(effect.status === 'online' || !this.isHere(client), 'A4.1: told offline with a connection open');
      server.told[client] = effect.status;
    }
  }

  /** What must hold of presence between any two moves. */
  checkPresence(): void {
    const { presence, told } = this.world.server;
    presence.forEach(({ status }, client) => {
      must((status === 'online') === this.isHere(client), 'A4.1: online as long as a connection is open');
      must(
        (status === 'offline') === (told[client] === 'offline'),
        'A4.1: others were last told what is true, or what the grace keeps up',
      );
    });
  }

  private isHere(client: number): boolean {
    const wires = this.world.clients[client]?.wires ?? [];
    return wires.some(({ server }) => server?.standing !== undefined);
  }

  private enter(client: number, wire: Wire, end: ServerEnd): void {
    const { server } = this.world;
    const seq = end.read ?? 0;
    server.room ??= { order: { epoch: EPOCH, seq, status: { type: 'flowing' } }, seq };
    say(wire, ['welcome', seq]);
    end.standing = { mode: 'held', after: seq };
    end.silent = true;
    this.present(client, { type: 'opened', at: 0, elsewhere: undefined });
  }

  private fallSilent(client: number, end: ServerEnd, code: number): void {
    const was = end.standing;
    end.standing = undefined;
    end.silent = false;
    end.resumes = [];
    if (was) this.present(client, { type: 'closed', at: 0, elsewhere: undefined, clean: code === 1000 });
  }

  private place({ standing }: ServerEnd): number {
    return standing && standing.mode !== 'following' ? standing.after : (this.world.server.room?.seq ?? 0);
  }

  private catchUp(wire: Wire, end: ServerEnd, from: number): void {
    const now = this.world.server.room?.seq ?? 0;
    for (let seq = from + 1; seq <= now; seq++) say(wire, ['entry', seq]);
    end.standing = from > now ? { mode: 'ahead', after: from } : { mode: 'following', after: 0 };
  }

  private order(event: RoomOrderEvent<Place>, before: number): void {
    const { server } = this.world;
    const known: RoomOrder = { epoch: EPOCH, seq: before, status: { type: 'flowing' } };
    const room = server.room ?? { order: known, seq: before };
    const { order, effects } = this.parts.stepRoomOrder(room.order, event, MOST_TRIES);
    server.room = { order, seq: room.seq };
    for (const effect of effects) {
      if (effect.type === 'pass_on') this.pass(effect.entry.seq);
      else if (effect.type === 'read') server.reading.push(effect.after);
      else this.lose();
    }
  }

  private pass(seq: number): void {
    const { server } = this.world;
    if (!server.room) return;
    must(seq === server.room.seq + 1, 'B3.1: entries pass in order of seq, without holes');
    server.room = { ...server.room, seq };
    for (const { wires } of this.world.clients) {
      for (const wire of wires) {
        const standing = wire.server?.standing;
        if (standing?.mode === 'following') say(wire, ['entry', seq]);
        if (wire.server && standing?.mode === 'ahead' && standing.after <= seq)
          wire.server.standing = { mode: 'following', after: 0 };
      }
    }
  }

  private lose(): void {
    this.world.clients.forEach(({ wires }, client) => {
      for (const wire of wires) {
        if (wire.server?.standing)
          this.connection(client, wire, { type: 'close', code: INTERNAL_ERROR, reason: '' });
      }
    });
  }

  private checkLog(): void {
    const { log } = this.world.server;
    must(new Set(log).size === log.length, 'promise 2: a message stands in the log twice');
    for (const operation of log) {
      const later = log.slice(log.indexOf(operation)).filter((one) => senderOf(one) === senderOf(operation));
      must(
        later.every((one) => one >= operation),
        'A2.2: messages of one client take effect in the order in which it sent them',
      );
    }
  }
}

function say(wire: Wire, frame: Frame): void {
  if (!wire.broken && wire.role !== 'gone') wire.down.push(frame);
}
