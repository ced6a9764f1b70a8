/** What a page pays for the client: the bundle of a minimal real use, minified and gzipped. */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const FROM = join(dirname(dirname(fileURLToPath(import.meta.url))), 'apps', 'examples');

/** What we want it to weigh (9 KB). Not reached yet: docs/decisions/0013. */
export const GOAL_BYTES = 9 * 1024;
/** What it may weigh today, so that it does not grow by accident. */
export const CEILING_BYTES = 20_930;

export const MINIMAL_USE = `
import { createClient } from '@goconnect/client';
const client = createClient({ url: 'wss://chat.example/v1/ws', token: async () => 'token' });
await client.connect();
const room = client.room('network:lobby');
await room.join();
room.on('chat.message', (message) => console.log(message.body));
await room.send('hello');
`;

/**
 * Bundles a piece of code for browsers. `npm run bench` weighs others by the same settings.
 * @param {string} code @param {string} from the folder whose packages it imports
 */
export async function bundle(code, from) {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: from },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    metafile: true,
    logLevel: 'silent',
    // Without this, a client which exports nothing would be very small.
    logOverride: { 'import-is-undefined': 'error' },
  });
  return { files: outputFiles.map((file) => file.contents), inputs: Object.keys(metafile.inputs) };
}

/**
 * @param {string} code @param {string} from
 * @returns {Promise<{ bytes: number, inputs: string[] }>} the size on the wire, and the files which went into it
 */
export async function measure(code, from) {
  const { files, inputs } = await bundle(code, from);
  return { bytes: files.reduce((sum, file) => sum + gzipSync(file, { level: 9 }).length, 0), inputs };
}

export const measureClient = () => measure(MINIMAL_USE, FROM);

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { bytes } = await measureClient();
  const over = bytes - GOAL_BYTES;
  console.log(
    `A minimal real use of the client: ${bytes} bytes minified and gzipped. ` +
      `Goal ${GOAL_BYTES}: ${over > 0 ? `missed by ${over}` : 'reached'}. Ceiling ${CEILING_BYTES}.`,
  );
  if (bytes > CEILING_BYTES) process.exitCode = 1;
}
