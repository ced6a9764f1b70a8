import { ClientRun } from './client-side.js';
import type { Parts } from './parts.js';
import { ServerRun } from './server-side.js';
import { type ClientSide, copy, type Frame, type Scope, type Wire, type World } from './world.js';

/** Something that can happen next. */
export interface Move {
  /** What a person reads of it in a trace. */
  readonly text: () => string;
  /** A fault costs something of what the scope allows; nothing may depend on one to happen. */
  readonly fault: boolean;
  /** The only client that it changes; undefined: perhaps all. */
  readonly client: number | undefined;
  apply(parts: Parts, world: World): void | Promise<void>;
}

/** The world after a move. */
export function after(parts: Parts, scope: Scope, world: World, move: Move): World | Promise<World> {
  const next = copy(world, move.client);
  const done = move.apply(parts, next);
  const settled = () => {
    new ServerRun(parts, next).checkPresence();
    return tidy(next, scope);
  };
  return done ? done.then(settled) : settled();
}

/** Forgets connections that nobody knows any more, and those that only the server does and that can tell it nothing. */
function tidy(world: World, scope: Scope): World {
  for (const client of world.clients) {
    if (scope.presence === 'left_out')
      for (const wire of client.wires) if (wire.broken && wire.up.length === 0) wire.server = undefined;
    if (client.wires.some(isForgotten)) client.wires = client.wires.filter((wire) => !isForgotten(wire));
  }
  return world;
}

function isForgotten({ server, role }: Wire): boolean {
  return server === undefined && role === 'gone';
}

/** Everything that can happen next, always in the same order. */
export function moves(world: World, scope: Scope): Move[] {
  const found: Move[] = [];
  const addOf =
    (client?: number): Add =>
    (text, apply, fault = false) =>
      void found.push({ text, fault, apply, client });
  world.clients.forEach((client, index) => {
    const add = addOf(index);
    clientMoves(world, scope, client, index, add);
    client.wires.forEach((wire, at) => {
      wireMoves(world, scope, client, index, wire, at, add);
    });
    if (world.server.presence[index]?.status === 'lingering')
      add(
        () => `the grace of client ${index} is over`,
        (parts, next) =>
          new ServerRun(parts, next).present(index, { type: 'grace_over', at: 0, elsewhere: undefined }),
      );
  });
  serverMoves(world, scope, addOf());
  return found;
}

type Add = (text: () => string, apply: Move['apply'], fault?: boolean) => void;

function clientMoves(world: World, scope: Scope, client: ClientSide, index: number, add: Add): void {
  const run = (parts: Parts, next: World) => new ClientRun(parts, next, index);
  if (client.session.status === 'idle')
    add(
      () => `client ${index} connects`,
      (parts, next) => run(parts, next).feed(['connect']),
    );
  else if (client.asked < (scope.operations[index] ?? 0))
    add(
      () => `client ${index}: the application sends message ${client.asked}`,
      (parts, next) => run(parts, next).ask(),
    );
  // While the server is down an attempt changes nothing but the number of attempts.
  if (client.retrying && world.server.up)
    add(
      () => `client ${index} tries to connect`,
      (parts, next) => run(parts, next).feed(['due_retry']),
    );
  if (world.moves > 0 && client.session.status === 'connected')
    add(
      () => `client ${index} has to move to a new connection`,
      (parts, next) => {
        next.moves--;
        run(parts, next).feed(['move']);
      },
      true,
    );
}

function wireMoves(
  world: World,
  { opening }: Scope,
  client: ClientSide,
  index: number,
  { id, role, up, down, broken, server }: Wire,
  at: number,
  add: Add,
): void {
  const name = `connection ${id} of client ${index}`;
  const withWire =
    (does: (wire: Wire, client: ClientRun, server: ServerRun) => void): Move['apply'] =>
    (parts, next) => {
      const wire = next.clients[index]?.wires[at];
      if (wire) does(wire, new ClientRun(parts, next, index), new ServerRun(parts, next));
    };
  const [toServer] = up;
  const [toClient] = down;
  if (toServer && server)
    add(
      () => `${name}: the server gets ${words(toServer)}`,
      withWire((wire, _, run) => {
        wire.up.shift();
        run.hear(index, wire, toServer);
      }),
    );
  if (toClient && role !== 'gone')
    add(
      () => `${name}: the client gets ${words(toClient)}`,
      withWire((wire, run) => {
        wire.down.shift();
        run.hear(wire, toClient);
      }),
    );
  if (!broken && world.drops > 0 && server && role !== 'gone')
    add(
      () => `${name} breaks`,
      (_, next) => {
        next.drops--;
        const wire = next.clients[index]?.wires[at];
        if (wire) wire.broken = true;
      },
      true,
    );
  if (broken && role !== 'gone') {
    add(
      () => `${name}: the client notices its end`,
      withWire((wire, run) => run.end(wire, 1006)),
    );
    if (role === 'next' && client.session.status !== 'idle')
      add(
        () => `${name}: the client gives up waiting for it`,
        withWire((_, run) => run.feed(['due_connect'])),
      );
    if (role === 'current')
      add(
        () => `${name}: the client probes it in vain`,
        withWire((_, run) => run.feed(['due_probe', 1])),
      );
  }
  if (!server) return;
  if (broken)
    add(
      () => `${name}: the server notices its end`,
      withWire((wire, _, run) => run.connection(index, wire, { type: 'socket_closed', code: 1006 })),
    );
  if (server.state.status === 'opening' && server.read === undefined && opening === 'in_two_steps')
    add(
      () => `${name}: the server has read its rooms`,
      withWire((wire) => {
        if (wire.server) wire.server.read = world.server.log.length;
      }),
    );
  if (server.state.status === 'opening' && (server.read !== undefined || opening === 'at_once'))
    add(
      () => `${name}: the server opens it`,
      withWire((wire, _, run) => {
        if (wire.server) wire.server.read ??= world.server.log.length;
        run.connection(index, wire, { type: 'rooms_read' });
      }),
    );
  if (server.silent)
    add(
      () => `${name}: it said nothing for 250 ms`,
      withWire((wire, _, run) => {
        if (wire.server) run.spoke(wire, wire.server);
      }),
    );
  if (server.resumes.length > 0)
    add(
      () => `${name}: the server resumes it`,
      withWire((wire, _, run) => {
        if (wire.server) run.recover(wire, wire.server);
      }),
    );
}

function serverMoves({ server, crashes }: World, { bus }: Scope, add: Add): void {
  const run = (parts: Parts, next: World) => new ServerRun(parts, next);
  if (!server.up) {
    add(
      () => 'the server starts',
      (_, next) => void Object.assign(next.server, { up: true }),
    );
    return;
  }
  if (server.pending.length > 0)
    add(
      () => `the server commits ${server.pending.map(({ operation }) => `message ${operation}`).join(', ')}`,
      (parts, next) => run(parts, next).commit(),
    );
  server.hints.slice(0, bus === 'in_order' ? 1 : undefined).forEach((seq, at) => {
    add(
      () => `the room hears of entry ${seq}`,
      (parts, next) => {
        next.server.hints.splice(at, 1);
        run(parts, next).hint(seq);
      },
    );
  });
  server.reading.forEach((from, at) => {
    add(
      () => `the room reads the entries after ${from}`,
      (parts, next) => {
        next.server.reading.splice(at, 1);
        run(parts, next).read(from);
      },
    );
  });
  if (server.unsynced > 0)
    add(
      () => 'the disk has everything',
      (_, next) => void Object.assign(next.server, { unsynced: 0 }),
    );
  if (crashes > 0)
    add(
      () => 'the server crashes',
      (parts, next) => {
        next.crashes--;
        run(parts, next).crash();
      },
      true,
    );
}

function words([what, value]: Frame): string {
  return value === undefined ? what : `${what} ${value}`;
}
