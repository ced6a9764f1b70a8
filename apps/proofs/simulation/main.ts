import { runHistory } from './history.js';

const from = Number(process.argv[2] ?? 1);
const count = Number(process.argv[3] ?? 1);
const trace = process.argv[4] === '--trace';
const start = performance.now();
let bad = 0;
for (let seed = from; seed < from + count; seed++) {
  const begun = performance.now();
  if (process.env.P) console.log(seed);
  const result = await runHistory({ seed, trace });
  if (performance.now() - begun > 1000) console.log(`slow ${seed} ${performance.now() - begun}`);
  if (trace) console.log(result.lines.join('\n'));
  if (result.faults.length > 0) {
    bad++;
    console.log(`seed ${seed} ${result.hash}\n  ${result.faults.slice(0, 3).join('\n  ')}`);
  } else if (count === 1) console.log(result);
}
const ms = performance.now() - start;
console.log(`${count} histories, ${bad} bad, ${(ms / count).toFixed(1)} ms each`);
