import { systemClock } from '../../system-clock.js';
import { openStore } from '../open-store.js';

// Appends as fast as it can and says so of each entry once it is acknowledged, until it is killed.

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const store = await openStore({ url: process.argv[2] ?? '', clock: systemClock, logger: silent });

async function append(sender: number): Promise<void> {
  for (let n = 0; ; n++) {
    const data = { network_id: 'n', user_id: `${sender}-${n}` };
    const { seq } = await store.write((tx) => tx.log.append('host', { type: 'member.left', data }, 1));
    process.stdout.write(`${seq}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, sender) => append(sender)));
