import { BUGS } from './bugs.js';
import { runHistory } from './history.js';

/** Runs histories in this process and prints one line of JSON for each that broke a promise, then a summary. */
const [from = 1, count = 1] = [argument('from'), argument('count')].map((text) => (text ? Number(text) : 1));
const bugName = argument('bug');
const bug = BUGS.find(({ name }) => name === bugName);
if (bugName !== undefined && !bug)
  throw new Error(`no such bug; there are: ${BUGS.map(({ name }) => name).join(', ')}`);
const trace = process.argv.includes('--trace');
const hashes: string[] = [];
let broken = 0;
let ran = 0;
for (let seed = from; seed < from + count; seed++) {
  const result = await runHistory({ seed, trace, ...(bug && { bug }) });
  ran++;
  if (trace) console.log(result.lines.join('\n'));
  if (count <= 100) hashes.push(result.hash);
  if (result.faults.length === 0) continue;
  broken++;
  console.log(JSON.stringify({ seed, faults: result.faults.slice(0, 5) }));
  // What a planted bug breaks further is of no interest.
  if (bug) break;
}
console.log(JSON.stringify({ ran, broken, hashes }));

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}
