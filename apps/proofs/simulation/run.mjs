// Bundles the simulation and runs it: `node apps/proofs/simulation/run.mjs --from 7 --trace`.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const outfile = fileURLToPath(new URL(`../dist/simulation-${process.pid}.mjs`, import.meta.url));
await build({
  entryPoints: [fileURLToPath(new URL('./main.ts', import.meta.url))],
  outfile,
  bundle: true,
  platform: 'node',
  format: 'esm',
  packages: 'external',
  logLevel: 'warning',
});
const { rm } = await import('node:fs/promises');
try {
  await import(outfile);
} finally {
  await rm(outfile, { force: true });
}
