import { offer } from '../support/child.mjs';
import { arriveAll } from '../support/member.mjs';
import { Tally } from '../support/tally.mjs';

// A process of people who are in one room and only read.

const tally = new Tally();

offer({
  async arrive(server) {
    await arriveAll(server, (member, bytes) => tally.add(member, bytes));
  },
  everybodyHeard: ({ each }) => tally.everybodyHeard(each),
});
