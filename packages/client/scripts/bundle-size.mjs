// Bundles a minimal real use of the client (create, connect, one room, one send) for a browser and prints what it weighs.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const MINIMAL_USE = `
import { createClient } from './index.ts';
const client = createClient({ url: 'wss://chat.example/v1/ws', token: () => fetch('/token').then((answer) => answer.text()) });
await client.connect();
const room = client.room('network:lobby');
room.on('chat.message', ({ body }) => document.body.append(body));
await room.send('hello');
`;

/** @returns {Promise<{ minified: number, gzipped: number, modules: Record<string, number>, code: string }>} */
export async function measureBundle() {
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: MINIMAL_USE,
      resolveDir: fileURLToPath(new URL('../src', import.meta.url)),
      loader: 'ts',
    },
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    outdir: 'nowhere',
    write: false,
    metafile: true,
    logLevel: 'silent',
  });
  const [{ text }] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  const modules = Object.fromEntries(
    Object.entries(output.inputs).map(([path, { bytesInOutput }]) => [path, bytesInOutput]),
  );
  return { minified: text.length, gzipped: gzipSync(text, { level: 9 }).length, modules, code: text };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { minified, gzipped, modules } = await measureBundle();
  const byWeight = Object.entries(modules).sort(([, a], [, b]) => b - a);
  for (const [path, bytes] of byWeight) if (bytes > 0) console.log(String(bytes).padStart(7), path);
  console.log(`minimal use of the client: ${minified} bytes minified, ${gzipped} bytes min+gzip`);
}
