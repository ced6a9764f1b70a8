import { offer } from '../support/child.mjs';
import { arriveAll, count, textFrame } from '../support/member.mjs';
import { bodyOf, MARK, OP_MARK } from '../support/message.mjs';
import { quantile } from '../support/statistics.mjs';
import { Tally } from '../support/tally.mjs';

// A process of people in one room, some of whom talk. A body begins with the moment at which it was sent.

/** Every so many members one looks at the clock for each message; the others only count. */
const LISTENERS_APART = 40;
/** How often those who talk at a pace look whether it is time. */
const BEAT_MS = 5;
const SENT_AT = new RegExp(`@(\\d+\\.\\d+)\\${MARK}`, 'g');

const tally = new Tally();
/** @type {import('node:net').Socket[]} */
let sockets = [];
/** @type {import('./candidate.mjs').Room & { members: number }} */
let room;
let sent = 0;
let answered = 0;
/** What to do for each answer that a member got. @type {(member: number, answers: number) => void} */
let onAnswers = () => {};
/** @type {number[]} */
let delays = [];
/** What a listener has read, up to the end of the last whole moment. @type {Map<number, string>} */
const unread = new Map();

/** @param {number} member @param {Buffer} bytes */
function receive(member, bytes) {
  tally.add(member, bytes);
  const answers = count(bytes, OP_MARK);
  answered += answers;
  if (answers > 0) onAnswers(member, answers);
  if (member % LISTENERS_APART === LISTENERS_APART - 1) listen(member, bytes);
}

/** @param {number} member @param {Buffer} bytes */
function listen(member, bytes) {
  const text = (unread.get(member) ?? '') + bytes.toString('latin1');
  const now = performance.now();
  let end = 0;
  for (const match of text.matchAll(SENT_AT)) {
    delays.push(now - Number(match[1]));
    end = match.index + match[0].length;
  }
  unread.set(member, text.slice(end));
}

/** @param {number} member */
function send(member) {
  const op_id = `${OP_MARK}${++sent}`;
  // As many digits each time, so that no length of a frame looks like a mark.
  const moment = performance.now().toFixed(3).padStart(12, '0');
  const data = { scope: room.scope, body: bodyOf(`@${moment}`) };
  const text =
    room.dialect === 'json'
      ? JSON.stringify({ type: 'chat.send', op_id, data })
      : `42${sent}${JSON.stringify(['chat.send', { op_id, data }])}`;
  sockets[member]?.write(textFrame(text));
}

/** @param {number} seconds */
const pass = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1_000));

/** Everything that was sent is answered and has reached everybody, once. */
async function settle() {
  onAnswers = () => {};
  await tally.everybodyHeard(sent);
  if (answered !== sent) throw new Error(`${sent} messages were sent, ${answered} answers came.`);
}

const latency = () => ({ p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) });

offer({
  async arrive(where) {
    room = where;
    sockets = await arriveAll(room, receive);
  },

  /** As fast as it goes: each of `senders` sends the next when one of its `window` is answered. */
  async flood({ senders, window, warmUpS, seconds }) {
    onAnswers = (member, answers) => {
      for (let index = 0; index < answers; index++) send(member);
    };
    for (let index = 0; index < senders * window; index++) send(index % senders);
    await pass(warmUpS);
    delays = [];
    const [before, start] = [answered, performance.now()];
    await pass(seconds);
    const perSecond = ((answered - before) * 1_000) / (performance.now() - start);
    const figures = { perSecond, ...latency() };
    await settle();
    return figures;
  },

  /** At a pace that does not wait for answers. */
  async pace({ senders, perSecond, seconds }) {
    delays = [];
    const [before, start] = [sent, performance.now()];
    while (sent - before < perSecond * seconds) {
      const due = Math.min(perSecond * seconds, ((performance.now() - start) / 1_000) * perSecond);
      while (sent - before < due) send(sent % senders);
      await pass(BEAT_MS / 1_000);
    }
    await settle();
    return latency();
  },
});
