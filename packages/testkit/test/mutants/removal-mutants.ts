import { type Envelope, type Line, type Mutation, upEnvelope } from './mutant-dial.js';
import { SENT } from './mutations.js';
import { mutantsOf } from './table.js';

const KICK = 'tells the network and the user of a kick, then of the leaving, and nothing after it';
const BAN = 'tells of a ban, then of the leaving, and nothing after it';
const LEAVE = 'tells the network and the user when a member leaves, and nothing after it';
const READ = 'shows neither history nor presence to who was kicked or banned, or left';
const NO_WAY_BACK = 'lets a banned user neither in nor ask';

/** Whose connection it is; a base connection is not told. */
function knowsItself({ type, data }: Envelope, { memory }: Line): void {
  if (type === 'session.welcome') memory.set('me', data?.user_id);
}

/** The network that this connection was removed from by such an event, of those who know themselves. */
function removedBy(type: string, envelope: Envelope, line: Line): void {
  knowsItself(envelope, line);
  if (envelope.type === type && envelope.data?.user_id === line.memory.get('me'))
    line.memory.set(`out of network:${String(envelope.data?.network_id)}`, true);
}

/** Who was removed by such an event still hears what is said. */
const stillHears = (type: string): Mutation => ({
  down(envelope, line) {
    removedBy(type, envelope, line);
    if (envelope.type !== 'chat.message') return envelope;
    for (const other of line.others())
      if (other.memory.has(`out of ${String(envelope.data?.scope)}`)) other.toClient(envelope);
    return envelope;
  },
});

/** A request of who was removed is answered as if nothing had been. */
const stillMay = (removal: string, asked: string, data: Record<string, unknown>): Mutation => ({
  up: upEnvelope((envelope, line) => {
    const where = String(envelope.data?.scope ?? envelope.data?.room);
    if (envelope.type !== asked || !line.memory.has(`out of ${where}`)) return envelope;
    line.toClient({ type: 'ack', op_id: envelope.op_id ?? '', data });
    return undefined;
  }),
  down(envelope, line) {
    removedBy(removal, envelope, line);
    return envelope;
  },
});

/** `member.left` does not reach who left. */
const leftUntoldTo = (who: 'the removed' | 'the others'): Mutation => ({
  down(envelope, line) {
    knowsItself(envelope, line);
    const concerned = envelope.data?.user_id === line.memory.get('me');
    return envelope.type === 'member.left' && concerned === (who === 'the removed') ? undefined : envelope;
  },
});

const leftUntold: Mutation = {
  down: (envelope) => (envelope.type === 'member.left' ? undefined : envelope),
};

/** Base clients hear of the leaving first. */
const leftFirst = (why: string): Mutation => ({
  down(envelope, { memory }) {
    if (envelope.type === 'session.welcome') memory.set('v1', true);
    if (memory.has('v1')) return envelope;
    if (envelope.type === why) return void memory.set('why', envelope);
    return envelope.type === 'member.left' && memory.has('why')
      ? [envelope, memory.get('why') as Envelope]
      : envelope;
  },
});

const PAGE = { messages: [], next: null };
const NOBODY = { members: [], total: 0 };
const JOINED = { room: 'r', status: 'joined' };

/** Faults of the end of a membership, one for each way out of a network. */
export const REMOVAL_MUTANTS = mutantsOf({
  [KICK]: [
    ['who was kicked still hears', 'A4.2/nothing-after', stillHears('admin.kick')],
    ['who was kicked may still send', 'A3.2/leaves', stillMay('admin.kick', 'chat.send', SENT)],
    ['who was kicked may join the room', 'A3.2/leaves', stillMay('admin.kick', 'room.join', JOINED)],
    ['who was kicked is not told of the leaving', 'A4.2/left', leftUntoldTo('the removed')],
    ['a kick told after the leaving', 'A4.2/kick', leftFirst('admin.kick')],
  ],
  [BAN]: [
    ['who was banned still hears', 'A4.2/nothing-after', stillHears('admin.ban')],
    ['who was banned may still send', 'A3.2/leaves', stillMay('admin.ban', 'chat.send', SENT)],
    ['no leaving after a ban', 'A4.2/left', leftUntold],
    ['a ban told after the leaving', 'A4.2/ban', leftFirst('admin.ban')],
  ],
  [LEAVE]: [
    ['who left still hears', 'A4.2/nothing-after', stillHears('member.left')],
    ['who left may still send', 'A3.2/leaves', stillMay('member.left', 'chat.send', SENT)],
    ['who left is not told of it', 'A4.2/left', leftUntoldTo('the removed')],
    ['nobody else is told who left', 'A4.2/left', leftUntoldTo('the others')],
  ],
  [READ]: [
    ['who was removed still reads history', 'B3.5/members', stillMay('member.left', 'chat.history', PAGE)],
    ['who was banned still reads history', 'B3.5/members', stillMay('admin.ban', 'chat.history', PAGE)],
    [
      'who was removed still sees who is there',
      'B3.5/members',
      stillMay('member.left', 'presence.list', NOBODY),
    ],
  ],
  [NO_WAY_BACK]: [
    [
      'a banned user is told to have joined',
      'A4.2/banned',
      {
        down: (envelope) =>
          envelope.type === 'admin.ban'
            ? [envelope, { type: 'member.joined', data: { ...envelope.data, role: 'member' } }]
            : envelope,
      },
    ],
  ],
});
