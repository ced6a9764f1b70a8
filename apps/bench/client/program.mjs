import { setImmediate as nextTurn } from 'node:timers/promises';
import { offer } from '../support/child.mjs';
import { bodyOf, chatMessage } from '../support/message.mjs';
import { CANDIDATES } from './candidates.mjs';

// A process with nothing but the client on trial in it: `program.mjs goconnect-strict`.

/** Frames between two turns of the loop, which is when promises and timers get their share. */
const A_TURN = 50;

const [name = ''] = process.argv.slice(2);
let received = 0;
let last = '';
const connect = CANDIDATES[name]?.connect;
if (!connect) throw new Error(`No such client: ${name}`);
const receiver = await connect((message) => {
  received++;
  last = message.body;
});
let made = 0;

offer({
  /** Processor time for each of `events`, in microseconds, from the frame to the listener. */
  async receive({ events }) {
    // Made before the clock runs.
    const frames = Array.from({ length: events }, () => {
      const message = chatMessage({ number: ++made, scope: 'host', body: bodyOf(`number ${made}`) });
      return receiver.frame(made, message);
    });
    const before = process.cpuUsage();
    for (let from = 0; from < events; from += A_TURN) {
      for (const frame of frames.slice(from, from + A_TURN)) receiver.receive(frame);
      await nextTurn();
    }
    const { user, system } = process.cpuUsage(before);
    if (received !== made || last !== bodyOf(`number ${made}`))
      throw new Error(`${name} was given ${made} messages and told its listener of ${received}.`);
    return (user + system) / events;
  },
});
