/** `npm run bench`, or a part of it: `npm run bench -- size`. Prints tables for the README. */
import { parseArgs } from 'node:util';
import { CLIENT, clientTable, measureClients } from './client/client.mjs';
import { FAN_OUT, fanOutTable, measureFanOut } from './fan-out/fan-out.mjs';
import { measureSizes, sizeTable } from './size/size.mjs';
import { machine } from './support/machine.mjs';
import { fsyncMs, measureWholeWay, WHOLE_WAY, wholeWayTable } from './whole-way/whole-way.mjs';

/** @typedef {{ rounds?: number, candidates?: readonly string[] }} Wishes */

/** @type {Record<string, (wishes: Wishes) => Promise<string>>} */
const PARTS = {
  size: async () => sizeTable(await measureSizes()),
  async 'fan-out'(wishes) {
    const options = { ...FAN_OUT, ...wishes };
    return fanOutTable(options, await measureFanOut(options));
  },
  async 'whole-way'(wishes) {
    const options = { ...WHOLE_WAY, ...wishes };
    const fsync = `An fsync of one page on this disk: ${fsyncMs().toFixed(2)} ms.`;
    return `${wholeWayTable(options, await measureWholeWay(options))}\n\n${fsync}`;
  },
  async client(wishes) {
    const options = { ...CLIENT, ...wishes };
    return clientTable(options, await measureClients(options));
  },
};

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string' }, only: { type: 'string' } },
});
const unknown = positionals.filter((name) => !Object.hasOwn(PARTS, name));
if (unknown.length > 0) {
  console.error(`No such part: ${unknown.join(', ')}. There are ${Object.keys(PARTS).join(', ')}.`);
  process.exit(1);
}
const wishes = {
  ...(values.rounds && { rounds: Number(values.rounds) }),
  ...(values.only && { candidates: values.only.split(',') }),
};

for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const about = machine();
  const text = await PARTS[name]?.(wishes);
  console.log(`\n## ${name}\n\n${text}\n\n${about}.`);
}
