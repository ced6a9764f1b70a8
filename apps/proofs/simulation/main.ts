import { BUGS } from './bugs.js';
import { runHistory } from './history.js';
import { NO_BUG, type PlantedBug } from './planted-bug.js';
import { Spread } from './spread.js';

/** A bug that takes longer to be found is as good as not found. */
const MOST_SEEDS_FOR_A_BUG = 300;

/** Who starts a walk of half an hour wants to see that it walks. */
const PROGRESS_EVERY = 1_000;

/**
 * Runs histories in this process and prints a line of JSON for each that broke a promise, then a summary; how far it is goes to
 * the error output.
 *
 * - `--from 7 --count 100` a range of seeds; `--seeds 7,9` these
 * - `--nodes 1` or `--nodes 2` servers, whatever the seed says
 * - `--contract base` with a server that knows no session extension
 * - `--trace` all that happened, as text
 * - `--bug "ack before commit"` with this bug planted, until it is found; `--bug all` each in turn; `--bug 1/2` every second
 */
const asked = argument('bug');
if (asked === undefined) await run(seeds(), NO_BUG);
else for (const bug of bugs(asked)) await run(seeds(MOST_SEEDS_FOR_A_BUG), bug);

async function run(range: readonly number[], bug: PlantedBug): Promise<void> {
  const planted = bug === NO_BUG ? {} : { bug: bug.name };
  const trace = process.argv.includes('--trace');
  const contract = argument('contract') === 'base' ? 'base' : 'v1';
  const nodes = nodesAsked() ?? bug.nodes;
  const hashes: string[] = [];
  const spread = new Spread();
  let [ran, broken] = [0, 0];
  for (const seed of range) {
    const result = await runHistory({ seed, trace, bug, contract, spread, ...(nodes && { nodes }) });
    ran++;
    if (ran % PROGRESS_EVERY === 0) console.error(`${ran} of ${range.length}, ${broken} broken`);
    if (trace) console.log(result.lines.join('\n'));
    if (range.length <= 100) hashes.push(result.hash);
    // A range is judged at its end; a planted bug as soon as it shows.
    const uneven = bug === NO_BUG ? [] : spread.faults();
    const faults = [...result.faults, ...uneven];
    if (faults.length === 0) continue;
    broken++;
    console.log(JSON.stringify({ ...planted, seed, faults: faults.slice(0, 5) }));
    // What a planted bug breaks further is of no interest.
    if (bug !== NO_BUG) break;
  }
  const faults = bug === NO_BUG ? spread.faults() : [];
  if (faults.length > 0) console.log(JSON.stringify({ ...planted, range: [range[0], range.at(-1)], faults }));
  console.log(JSON.stringify({ ...planted, ran, broken, hashes, spread: spread.figures() }));
}

function seeds(most = 1): readonly number[] {
  const listed = argument('seeds');
  if (listed) return listed.split(',').map(Number);
  const from = Number(argument('from') ?? 1);
  return Array.from({ length: Number(argument('count') ?? most) }, (_, index) => from + index);
}

function nodesAsked(): 1 | 2 | undefined {
  const nodes = argument('nodes');
  return nodes === undefined ? undefined : nodes === '1' ? 1 : 2;
}

function bugs(which: string): readonly PlantedBug[] {
  const [part = 0, of = 0] = which.split('/').map(Number);
  if (of > 0) return BUGS.filter((_, index) => index % of === part - 1);
  const found = which === 'all' ? BUGS : BUGS.filter(({ name }) => name === which);
  if (found.length > 0) return found;
  throw new Error(`no such bug; there are: ${BUGS.map(({ name }) => name).join(', ')}`);
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}
