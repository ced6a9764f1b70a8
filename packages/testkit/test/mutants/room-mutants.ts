import { asAnother, changes, SENT, swallows } from './mutations.js';
import { body, forgives, type ServerMutant } from './server-mutants.js';

/** Faults of rooms, chat and membership. */
export const ROOM_MUTANTS: readonly ServerMutant[] = [
  {
    name: 'any name taken for a room',
    killedBy: 'refuses names that are no rooms and scopes that are none',
    mutation: asAnother('ERR_INVALID_MESSAGE', 'ERR_NOT_FOUND'),
  },
  {
    name: 'members have to join',
    killedBy: 'puts members of a network into its room without a join',
    mutation: { down: (envelope) => (body(envelope) === 'members' ? undefined : envelope) },
  },
  {
    name: 'new members have to connect anew',
    killedBy: 'lets a new member in live, on every connection',
    mutation: { down: (envelope) => (body(envelope) === 'welcome' ? undefined : envelope) },
  },
  {
    name: 'networks heard by everyone',
    killedBy: 'keeps what is said in a network from those who are no members',
    mutation: {
      down(envelope, line) {
        if (body(envelope) === 'inside') for (const other of line.others()) other.toClient(envelope);
        return envelope;
      },
    },
  },
  {
    name: 'networks of other tenants forbidden, not unknown',
    killedBy: 'does not know networks and tenants of others',
    mutation: asAnother('ERR_NOT_FOUND', 'ERR_FORBIDDEN'),
  },
  {
    name: 'rooms of other tenants forbidden, not unknown',
    killedBy: 'does not let anyone into the room of another tenant',
    mutation: asAnother('ERR_NOT_FOUND', 'ERR_FORBIDDEN'),
  },
  {
    name: 'any attachment taken',
    killedBy: 'takes up to 10 http(s) attachments and refuses what is none',
    mutation: forgives('chat.send', 'ERR_INVALID_MESSAGE', SENT),
  },
  {
    name: 'redactions not told',
    killedBy: 'tells everyone in the scope of an edit, a deletion and a redaction',
    mutation: swallows('chat.redacted'),
  },
  {
    name: 'a moderator acts on a peer',
    killedBy: 'lets a moderator act on members, but on no peer and no superior',
    mutation: forgives('chat.redact', 'ERR_FORBIDDEN', {
      message_id: 'm',
      status: 'redacted',
      redaction_mask: 'x',
    }),
  },
  {
    name: 'rights kept from before',
    killedBy: 'checks rights at each operation, not when the connection was made',
    mutation: forgives('chat.redact', 'ERR_FORBIDDEN', {
      message_id: 'm',
      status: 'redacted',
      redaction_mask: 'x',
    }),
  },
  {
    name: 'bans not told',
    killedBy: 'tells of a ban, then of the leaving, and nothing after it',
    mutation: swallows('admin.ban'),
  },
  {
    name: 'settings not told',
    killedBy: 'tells the network which settings changed',
    mutation: changes(
      ({ type }) => type === 'net.updated',
      (data) => ({ ...data, changes: [] }),
    ),
  },
];
