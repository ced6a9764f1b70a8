/** Before a package is packed: what its manifest promises must be there, and only pnpm may publish. In the folder of the package. */
import { existsSync, readFileSync } from 'node:fs';

const { exports, bin = {} } = JSON.parse(readFileSync('package.json', 'utf8'));

/** @param {unknown} target @returns {string[]} */
const filesOf = (target) =>
  typeof target === 'string' ? [target] : Object.values(target ?? {}).flatMap(filesOf);

const missing = [exports, bin].flatMap(filesOf).filter((file) => !existsSync(file));
const byNpm =
  process.env.npm_command === 'publish' && !process.env.npm_config_user_agent?.startsWith('pnpm/');
const faults = [
  ...(missing.length > 0 ? [`Not there: ${missing.join(', ')}. First: npm run build`] : []),
  // npm leaves `workspace:^` as it is, and nobody could install that.
  ...(byNpm ? ['To publish, see "Releasing" in CONTRIBUTING.md: npm does not resolve workspace:^.'] : []),
];
for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exitCode = 1;
