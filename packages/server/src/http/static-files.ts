import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { extname, join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pagePolicy } from './security-headers.js';

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
};

/** `assets/index-B4f9_x2K.js`: a build puts a hash of the content into the name, so that it never changes. */
const HASHED = /^\/assets\/.+-[\w-]{8,}\.\w+$/;

/** Serves the files of one folder. `undefined` when the request is for none of them. */
export type StaticFiles = (request: Request, host: string | undefined) => Promise<Response | undefined>;

/** @param folder as `STATIC_DIR` says; symbolic links that lead out of it are not followed */
export async function createStaticFiles(folder: string): Promise<StaticFiles> {
  const root = await realpath(folder);
  return async (request, host) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return undefined;
    const path = safePath(new URL(request.url).pathname);
    if (path === undefined) return undefined;
    const found = await findFile(root, path);
    // A page that makes its own addresses is reloaded at one of them.
    const fallback =
      !found && extname(path) === '' && accepts(request, 'text/html')
        ? await findFile(root, '/index.html')
        : undefined;
    const file = found ?? fallback;
    return file && answer(request, file, host);
  };
}

interface File {
  readonly path: string;
  readonly urlPath: string;
  readonly size: number;
  readonly etag: string;
}

function answer(request: Request, file: File, host: string | undefined): Response {
  const headers = {
    'content-type': CONTENT_TYPES[extname(file.path).toLowerCase()] ?? 'application/octet-stream',
    'cache-control': HASHED.test(file.urlPath) ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': pagePolicy(host),
    'cross-origin-resource-policy': 'same-origin',
    etag: file.etag,
  };
  if (request.headers.get('if-none-match') === file.etag) return new Response(null, { status: 304, headers });
  const sized = { ...headers, 'content-length': String(file.size) };
  if (request.method === 'HEAD' || file.size === 0) return new Response(null, { headers: sized });
  // Node's and the DOM's idea of a web stream are the same thing under two names.
  const content = Readable.toWeb(Readable.from(contentOf(file))) as ReadableStream<Uint8Array>;
  return new Response(content, { headers: sized });
}

/**
 * As many bytes as were said, whatever becomes of the file meanwhile: with one more or less the next answer of the
 * connection would be read as part of this one, so that it fails, which ends the connection.
 */
async function* contentOf({ path, size }: File): AsyncIterable<Uint8Array> {
  let left = size;
  for await (const chunk of createReadStream(path, { end: size - 1 }) as AsyncIterable<Uint8Array>) {
    left -= chunk.byteLength;
    yield chunk;
  }
  if (left > 0) throw new Error('a file of STATIC_DIR became shorter while it was sent');
}

/** A decoded path without anything that could lead elsewhere: no `..`, no backslash, no hidden file, no NUL. */
function safePath(pathname: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  if (path.length > 1_024 || /[\0\\:]|(?:^|\/)\./.test(path)) return undefined;
  return path.endsWith('/') ? `${path}index.html` : path;
}

async function findFile(root: string, urlPath: string): Promise<File | undefined> {
  try {
    const path = await realpath(join(root, urlPath));
    if (!path.startsWith(root.endsWith(sep) ? root : root + sep)) return undefined;
    const facts = await stat(path);
    if (!facts.isFile()) return undefined;
    return {
      path,
      urlPath,
      size: facts.size,
      etag: `"${facts.size.toString(36)}-${Math.floor(facts.mtimeMs).toString(36)}"`,
    };
  } catch {
    return undefined;
  }
}

function accepts(request: Request, type: string): boolean {
  return request.headers.get('accept')?.includes(type) ?? false;
}
