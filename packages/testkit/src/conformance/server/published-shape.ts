import {
  type EventType,
  eventValidators,
  type Fault,
  isEventType,
  isRequestType,
  type RequestType,
  replyValidators,
} from '@goconnect/protocol/validators';
import { isObject } from '../../support/is-object.js';
import type { WireEnvelope } from './wire-client.js';

/** What is told when a reply is not as published, for a person to look up. */
const REPLY_CLAUSES: Readonly<Record<RequestType, string>> = {
  'auth.refresh': 'page/refresh',
  'chat.send': 'page/send',
  'chat.edit': 'A2.6/edit',
  'chat.delete': 'A2.6/delete',
  'chat.redact': 'A2.6/redact',
  'chat.history': 'B3.5/messages',
  'room.join': 'page/join',
  'room.leave': 'A2.6/leave',
  'presence.ping': 'page/pong',
  'presence.list': 'B3.5/presence',
  'session.resume': 'B3.3/ack',
};
const SESSION_CLAUSES: Partial<Readonly<Record<EventType, string>>> = {
  'session.welcome': 'B2/fields',
  'session.draining': 'B5.1/draining',
};

const TIMES = ['created_at', 'edited_at', 'deleted_at', 'since', 'timestamp', 'server_time'];
const RFC_3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;

/**
 * What is wrong with a message of a server, whatever the case that is played looks at: events and replies of known types
 * have the published shape. `asked` is the type of the request that a reply answers, where that is known.
 */
export function shapeBreach(envelope: WireEnvelope, asked: string | undefined): string | undefined {
  const { type, op_id, data, error } = envelope;
  if (error !== undefined) return undefined;
  if (op_id === undefined) {
    if (!isEventType(type)) return undefined;
    const verdict = eventValidators[type](data, 'data');
    return told(SESSION_CLAUSES[type] ?? 'page/events', type, verdict.ok ? timeFaults(data) : verdict.faults);
  }
  if (asked === undefined || !isRequestType(asked) || !['ack', 'presence.pong'].includes(type))
    return undefined;
  const verdict = replyValidators[asked](data, 'data');
  return told(REPLY_CLAUSES[asked], `the reply to ${asked}`, verdict.ok ? timeFaults(data) : verdict.faults);
}

function told(clause: string, what: string, [first]: readonly Fault[]): string | undefined {
  return first && `${clause}: ${what} is not as published: ${first.path} must be ${first.expected}`;
}

/** Readers take any word for a time; writers are held to RFC 3339. */
function timeFaults(data: WireEnvelope['data']): readonly Fault[] {
  const inside = ['messages', 'members'].flatMap((list) =>
    listOf(data[list]).map((one, index) => [`data.${list}.${index}`, one] as const),
  );
  return [['data', data] as const, ...inside].flatMap(([path, one]) =>
    TIMES.filter((field) => one[field] !== undefined && one[field] !== null && !isTime(one[field])).map(
      (field) => ({ path: `${path}.${field}`, expected: 'a time of RFC 3339' }),
    ),
  );
}

function listOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function isTime(value: unknown): boolean {
  return typeof value === 'string' && RFC_3339.test(value) && !Number.isNaN(Date.parse(value));
}
