import { answerInPlace, changes, forgetful, swallows } from './mutations.js';
import { forgives, remember, type ServerMutant } from './server-mutants.js';

/** Faults of the session extension. */
export const SESSION_MUTANTS: readonly ServerMutant[] = [
  {
    name: 'a welcome without rooms',
    killedBy: 'names in the welcome every room that one is in',
    mutation: changes(
      ({ type }) => type === 'session.welcome',
      (data) => ({ ...data, rooms: [] }),
    ),
  },
  {
    name: 'a drain that nobody hears of',
    killedBy: 'tells clients of a drain, each its own time, and closes with 4412 at the deadline',
    mutation: swallows('session.draining'),
  },
  {
    name: 'a deletion without a place',
    killedBy: 'gives edits, deletions, redactions and membership a place as well, and presence none',
    mutation: {
      down: ({ seq, ...envelope }) =>
        seq === undefined || envelope.type === 'chat.deleted' ? envelope : { ...envelope, seq },
    },
  },
  {
    name: 'a gap where nothing happened',
    killedBy: 'resumes from a position of zero events received',
    mutation: changes(
      ({ type, data }) => type === 'ack' && Array.isArray(data?.rooms),
      (data) => ({ rooms: (data.rooms as object[]).map((room) => ({ ...room, status: 'gap' })) }),
    ),
  },
  {
    name: 'strangers resume',
    killedBy: 'denies rooms that one is not in, and tells nothing about them',
    mutation: changes(
      ({ type, data }) => type === 'ack' && Array.isArray(data?.rooms),
      (data) => ({ rooms: (data.rooms as object[]).map((room) => ({ ...room, status: 'recovered' })) }),
    ),
  },
  {
    name: 'only one room resumed',
    killedBy: 'answers for all rooms in one message',
    mutation: changes(
      ({ type, data }) => type === 'ack' && Array.isArray(data?.rooms),
      (data) => ({ rooms: (data.rooms as object[]).slice(0, 1) }),
    ),
  },
  {
    name: 'a new epoch at each start',
    killedBy: 'keeps the log, the places and the epoch across a restart',
    mutation: changes(
      ({ type, data }) => type === 'ack' && Array.isArray(data?.rooms),
      (data) => ({ rooms: (data.rooms as object[]).map((room) => ({ ...room, epoch: 'new' })) }),
    ),
  },
  {
    name: 'history oldest first',
    killedBy: 'pages through history, newest first, each message once, in the order of the log',
    mutation: changes(
      ({ data }) => Array.isArray(data?.messages),
      (data) => ({ ...data, messages: [...(data.messages as object[])].reverse() }),
    ),
  },
  {
    name: 'history for everyone',
    killedBy: 'shows history to members only',
    mutation: forgives('chat.history', 'ERR_NOT_FOUND', { messages: [], next: null }),
  },
  {
    name: 'everyone offline',
    killedBy: 'lists who is in a room, with presence',
    mutation: changes(
      ({ data }) => Array.isArray(data?.members),
      (data) => ({
        ...data,
        members: (data.members as object[]).map((member) => ({ ...member, status: 'offline' })),
      }),
    ),
  },
  {
    name: 'an op_id forgotten with its connection',
    killedBy: 'gives a repeat on another connection the same ack and no second effect',
    mutation: forgetful,
  },
  {
    name: 'edits not remembered',
    killedBy: 'remembers edits, deletions and redactions as well',
    mutation: forgetful,
  },
  {
    name: 'one key for all users',
    killedBy: 'lets two users use the same op_id',
    mutation: {
      up: remember,
      down(envelope, { shared }) {
        if (envelope.data?.status !== 'sent') return envelope;
        const first = shared.get(envelope.op_id ?? '') ?? envelope.data;
        shared.set(envelope.op_id ?? '', first);
        return { ...envelope, data: first as Record<string, unknown> };
      },
    },
  },
  {
    name: 'a base key held beyond its connection',
    killedBy: 'without v1 takes the same op_id of another connection as something new',
    mutation: {
      down(envelope, { shared }) {
        if (envelope.data?.status !== 'sent') return envelope;
        const first = shared.get(envelope.op_id ?? '') ?? envelope.data;
        shared.set(envelope.op_id ?? '', first);
        return { ...envelope, data: first as Record<string, unknown> };
      },
    },
  },
  {
    name: 'operations forgotten at a restart',
    killedBy: 'remembers an operation across a restart',
    mutation: forgetful,
  },
  {
    name: 'resume answered without a look',
    killedBy: 'answers for all rooms in one message',
    mutation: answerInPlace('session.resume', { rooms: [] }),
  },
];
