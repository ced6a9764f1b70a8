/** A room name, parsed (A3.1). */
export type Room =
  | { readonly kind: 'host' }
  | { readonly kind: 'tenant'; readonly id: string }
  | { readonly kind: 'network'; readonly id: string };

/** A chat scope: a room one may send to. */
export type Scope = Exclude<Room, { kind: 'tenant' }>;

const ROOM = /^(?:host|(tenant|network):([\w-]{1,64}))$/;

/** True for the name of a room. */
export function isRoom(name: string): boolean {
  return ROOM.test(name);
}

/** True for the name of a chat scope: `host` or `network:<id>`. */
export function isScope(name: string): boolean {
  return isRoom(name) && !name.startsWith('tenant');
}

/** Parses a room name; `undefined` when it is none. */
export function parseRoom(name: string): Room | undefined {
  const [matched, kind, id] = ROOM.exec(name) ?? [];
  if (matched === undefined) return undefined;
  return kind === undefined ? { kind: 'host' } : { kind: kind as 'tenant' | 'network', id: id as string };
}

/** Parses a chat scope (`host` or `network:<id>`); `undefined` when it is none. */
export function parseScope(name: string): Scope | undefined {
  const room = parseRoom(name);
  return room?.kind === 'tenant' ? undefined : room;
}

/** The name of a room; the inverse of {@link parseRoom}. */
export function roomName(room: Room): string {
  return room.kind === 'host' ? 'host' : `${room.kind}:${room.id}`;
}
