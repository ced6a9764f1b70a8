import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { expect, test } from 'vitest';

/** What a client needs of the package: every validator, and the codec. */
const CLIENT_HALF =
  "export { decodeFrame, encodeRequest, eventValidators, replyValidators, requestValidators } from './src/validators.js';";

/** Bytes after minify and gzip; a client has 9 KB for everything. */
const BUDGET = 2_950;

async function bundled(contents: string) {
  const { outputFiles, metafile } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('..', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'esm',
    target: 'es2022',
  });
  return { code: outputFiles[0]?.contents ?? new Uint8Array(), inputs: Object.keys(metafile.inputs) };
}

test('the half for browsers is small and holds no zod', async () => {
  const { code, inputs } = await bundled(CLIENT_HALF);
  const size = gzipSync(code, { level: 9 }).length;
  expect(size).toBeLessThanOrEqual(BUDGET);
  expect(inputs.filter((input) => input.includes('node_modules'))).toEqual([]);
});

test('a bundle holds only what it uses', async () => {
  const { code } = await bundled("export { closeAction, retryRule } from './src/validators.js';");
  expect(code.length).toBeLessThan(600);
  const events = await bundled("export { eventValidators } from './src/validators.js';");
  const all = await bundled("export { eventValidators, requestValidators } from './src/validators.js';");
  expect(all.code.length - events.code.length).toBeGreaterThan(1_000);
});
