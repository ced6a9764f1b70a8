import type { ClientSide, Frame, ServerSide, Wire, World } from './world.js';

/**
 * A world as text: two worlds with the same text have the same future. Connections are numbered by age, so that names
 * do not tell apart what behaves alike.
 */
export function canonical({ clients, server, drops, crashes, moves }: World): string {
  const numbers = clients.map(({ wires }) => new Map(wires.map(({ id }, index) => [id, index] as const)));
  const sides = clients.map((client, index) => {
    const known = sideTexts.get(client) ?? sideText(client, numbers[index] ?? new Map());
    sideTexts.set(client, known);
    return known;
  });
  return `${drops}${crashes}${moves}|${serverText(server, numbers)}|${sides.join('|')}`;
}

/** A client that a move does not concern is the same object in the next world. */
const sideTexts = new WeakMap<ClientSide, string>();

function sideText(client: ClientSide, numbers: ReadonlyMap<number, number>): string {
  const { session, log } = client;
  const number = (id: number | undefined) => (id === undefined ? '-' : (numbers.get(id) ?? '?'));
  const phase = 'phase' in session ? session.phase[0] : '';
  const outbox = [...client.outbox.values()].map(
    ({ opId, at, sentAt }) =>
      `${opId}${typeof at === 'number' ? number(at) : sentAt === undefined ? 'n' : 'q'}`,
  );
  const held = log ? `${log.seq}${log.epoch ?? '-'}${log.standing[0]}${log.held.map(({ seq }) => seq)}` : '';
  return [
    `${session.status}${phase}${'by' in session ? session.by : ''}${'ask' in session ? session.ask : ''}${'effort' in session ? session.effort.auth[0] : ''}${client.retrying ? 'r' : ''}`,
    client.wires.map(wireText).join('/'),
    outbox.join(','),
    client.asked,
    held,
    client.resuming.map(number).join(','),
    number(client.releaseWith),
    client.seen ?? '-',
    client.settled.map((how) => how?.[0] ?? '.').join(''),
  ].join(';');
}

function wireText({ role, welcome, broken, up, down, server }: Wire): string {
  const end = server
    ? `${server.state.status}${'code' in server.state ? server.state.code : ''}${server.read ?? ''}${server.silent ? 's' : ''}${server.standing ? server.standing.mode + server.standing.after : ''}r${server.resumes}`
    : '';
  return `${role}${welcome ?? ''}${broken ? 'b' : ''}<${up.map(frameText).join()}>${down.map(frameText).join()}>${end}`;
}

function frameText([what, value]: Frame): string {
  return what === 'recovered' ? `R${value}` : `${what[0]}${value ?? ''}`;
}

function serverText(server: ServerSide, numbers: readonly ReadonlyMap<number, number>[]): string {
  const { room } = server;
  const order = room
    ? `${room.seq}.${room.order.seq}${room.order.status.type === 'reading' ? `r${room.order.status.until}.${room.order.status.tries}` : ''}`
    : '';
  const pending = server.pending.map(
    ({ client, wire, operation }) => `${operation}@${client}.${numbers[client]?.get(wire) ?? 'x'}`,
  );
  const presence = server.presence.map(
    (state) => state.status.charAt(1) + ('connections' in state ? state.connections : ''),
  );
  return [
    server.up ? 'u' : 'd',
    server.log.join(),
    server.unsynced,
    pending.join(),
    server.hints.join(),
    order,
    server.reading.join(),
    presence.join(),
    server.told.map((status) => status.charAt(1)).join(''),
  ].join(';');
}
