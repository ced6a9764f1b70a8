import {
  type EventType,
  eventValidators,
  isEventType,
  isTraceparent,
  utf8Length,
} from '@goconnect/protocol/validators';
import type { EventBody, LogEntry } from '../../domain/entities.js';
import type { Audience, BusMessage, RosterConnection, RosterMessage, RosterUser } from '../../ports/bus.js';

type Kind = BusMessage['kind'];
type Fields = { readonly [name: string]: unknown };

/** A reader for each kind; undefined for what is no message of that kind. */
type Readers = { readonly [K in Kind]: (fields: Fields) => Extract<BusMessage, { kind: K }> | undefined };

/** RFC 6455 5.5: what a close frame has room for. */
const REASON_BYTES = 123;
/** What a Date can hold, on either side of 1970 (ECMA-262 21.4.1.1). */
const FURTHEST_MS = 8.64e15;
/** More than any roster has. */
const MOST_PAGES = 100_000;

/**
 * What another node said, made anew field by field: nothing that came is passed on unchecked, and fields of a newer
 * version are left out. `unknown` for a kind of a newer version, `invalid` for what no version says.
 */
export function readBusMessage(value: unknown): BusMessage | 'unknown' | 'invalid' {
  if (!isFields(value) || !isText(value.kind)) return 'invalid';
  return isKind(value.kind) ? (READERS[value.kind](value) ?? 'invalid') : 'unknown';
}

const READERS: Readers = {
  entry: ({ entry }) => {
    const read = readEntry(entry);
    return read && { kind: 'entry', entry: read };
  },
  transient: (fields) => {
    const audience = readAudience(fields.audience);
    const event = readEvent(fields.event);
    return audience && event && { kind: 'transient', audience, event };
  },
  disconnect: ({ userId, familyId, code, reason }) =>
    isText(userId) &&
    isOptionalText(familyId) &&
    isCloseCode(code) &&
    isText(reason) &&
    utf8Length(reason) <= REASON_BYTES
      ? { kind: 'disconnect', userId, code, reason, ...(familyId !== undefined && { familyId }) }
      : undefined,
  roster_news: ({ node, number, users }) => {
    const read = readUsers(users);
    return isText(node) && isCount(number) && read
      ? { kind: 'roster_news', node, number, users: read }
      : undefined;
  },
  roster_beat: ({ node, number }) =>
    isText(node) && isCount(number) ? { kind: 'roster_beat', node, number } : undefined,
  roster_page: ({ node, number, page, pages, users }) => {
    const read = readUsers(users);
    return isText(node) && isCount(number) && isCount(page) && isPages(pages) && page < pages && read
      ? { kind: 'roster_page', node, number, page, pages, users: read }
      : undefined;
  },
  roster_wanted: ({ node, of }) =>
    isText(node) && isOptionalText(of)
      ? { kind: 'roster_wanted', node, ...(of !== undefined && { of }) }
      : undefined,
  roster_left: ({ node }) => (isText(node) ? { kind: 'roster_left', node } : undefined),
  roster_probe: ({ tenantId, userId }) =>
    isText(tenantId) && isText(userId) ? { kind: 'roster_probe', tenantId, userId } : undefined,
} satisfies { readonly [K in RosterMessage['kind']]: unknown } & Readers;

function readEntry(value: unknown): LogEntry | undefined {
  const event = readEvent(value);
  if (!event || !isFields(value)) return undefined;
  const { room, epoch, seq, at, meta, tenantId } = value;
  if (!isText(room) || !isText(epoch) || !isCount(seq) || !isTime(at) || !isOptionalText(tenantId))
    return undefined;
  const traceparent = isFields(meta) ? meta.traceparent : undefined;
  return {
    ...event,
    ...{ room, epoch, seq, at },
    ...(isTraceparent(traceparent) && { meta: { traceparent } }),
    ...(tenantId !== undefined && { tenantId }),
  };
}

function readEvent(value: unknown): EventBody | undefined {
  if (!isFields(value) || !isText(value.type) || !isEventType(value.type)) return undefined;
  const data = eventValidators[value.type](value.data, 'data');
  // The validator of `type` made `data`: the pair is one member of the union, which the compiler cannot see.
  return data.ok ? ({ type: value.type satisfies EventType, data: data.value } as EventBody) : undefined;
}

function readAudience(value: unknown): Audience | undefined {
  if (!isFields(value)) return undefined;
  const { kind, room, rooms, tenantId, userIds } = value;
  if (kind === 'room' && isText(room)) return { kind, room };
  if (kind === 'rooms' && isTexts(rooms)) return { kind, rooms };
  if (kind === 'users' && isText(tenantId) && isTexts(userIds)) return { kind, tenantId, userIds };
  return undefined;
}

function readUsers(value: unknown): RosterUser[] | undefined {
  return readEach(value, readUser);
}

function readUser(value: unknown): RosterUser | undefined {
  if (!isFields(value)) return undefined;
  const { userId, tenantId, presence, since, rooms } = value;
  const connections = readEach(value.connections, readConnection);
  if (!isText(userId) || !isText(tenantId) || !isTime(since) || !connections || !isTexts(rooms))
    return undefined;
  if (presence !== 'here' && presence !== 'gone') return undefined;
  return { userId, tenantId, connections, presence, since, rooms };
}

function readConnection(value: unknown): RosterConnection | undefined {
  if (!isFields(value)) return undefined;
  const { id, clientId, stamp } = value;
  if (!isText(id) || !isOptionalText(clientId) || !isTime(stamp)) return undefined;
  return { id, stamp, ...(clientId !== undefined && { clientId }) };
}

/** All of a list, or none of it. */
function readEach<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const one of value) {
    const item = read(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** A JSON object. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isKind(kind: string): kind is Kind {
  return Object.hasOwn(READERS, kind);
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || isText(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Math.abs(value) <= FURTHEST_MS;
}

function isPages(value: unknown): value is number {
  return isCount(value) && value <= MOST_PAGES;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** What a WebSocket may be closed with; any other one throws there. */
function isCloseCode(value: unknown): value is number {
  return (
    isCount(value) && (value === 1000 || (value >= 3000 && value <= 4999) || (value >= 1007 && value <= 1014))
  );
}
