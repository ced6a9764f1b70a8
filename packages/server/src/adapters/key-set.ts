import { readFile } from 'node:fs/promises';
import type { Clock } from '@goconnect/protocol';
import { type CryptoKey, createLocalJWKSet, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import { KeysUnavailable } from '../ports/tokens.js';
import { filePath } from './file-path.js';

/**
 * Finds the public key that a token's header names. Rejects with a `JOSEError` when there is none, `KeysUnavailable` when
 * nobody knows: also of a key that may have come since the last look-up, while the next one must not be yet.
 */
export type KeySet = (header: JWSHeaderParameters) => Promise<CryptoKey>;

/** How long keys are used before they are looked up again, with nobody waiting for it. */
const FRESH_MS = 300_000;
/** A key taken out of the set is refused after this, by a server with nothing to do as well: there a token waits. */
const MAX_AGE_MS = 600_000;
/** Tokens with made-up key ids cause at most one look-up in this time. */
const COOLDOWN_MS = 30_000;
/** Key ids that are remembered as not in the set. Whoever makes more of them up is asked to come again. */
const MOST_ABSENT = 1_000;
/** How long keys outlive an issuer that does not answer. */
const MAX_STALE_MS = 86_400_000;
const TIMEOUT_MS = 5_000;
const MAX_BYTES = 1_048_576;

interface Loaded {
  readonly find: ReturnType<typeof createLocalJWKSet>;
  readonly kids: ReadonlySet<string | undefined>;
  readonly at: number;
}

/**
 * A JSON Web Key Set from a URL or a file (`file:<path>`), cached and looked up again when it ages or when a token
 * names a key that is not in it: that is how an issuer rotates keys (A5.1).
 */
export function createKeySet(location: string, clock: Pick<Clock, 'monotonic'>): KeySet {
  let loaded: Loaded | undefined;
  let loading: Promise<Loaded> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failedAt = Number.NEGATIVE_INFINITY;
  /** Key ids that were asked for and not in the set, since the last look-up began … */
  const asked = new Set<string | undefined>();
  /** … and those that one answered: they were not in it then either. */
  let absent: ReadonlySet<string | undefined> = new Set();

  const begin = (): Promise<Loaded> => {
    triedAt = clock.monotonic();
    const judged = [...asked, ...absent];
    asked.clear();
    return fetchKeys(location)
      .then(({ keys }) => {
        const kids = new Set(keys.map(({ kid }) => kid));
        absent = new Set(judged.filter((kid) => !kids.has(kid)).slice(0, MOST_ABSENT));
        loaded = { find: createLocalJWKSet({ keys }), kids, at: clock.monotonic() };
        return loaded;
      })
      .catch((error: unknown) => {
        failedAt = clock.monotonic();
        throw error;
      })
      .finally(() => {
        loading = undefined;
      });
  };
  /** The answer to the look-up under way, or to a new one. */
  const lookUp = async (): Promise<Loaded> => {
    if (!loading && clock.monotonic() - triedAt < COOLDOWN_MS)
      throw new KeysUnavailable('the key set was looked up a moment ago');
    loading ??= begin();
    return loading;
  };
  /** For a key that is not in the set. One that was taken out is asked for by many, whom no look-up need tell so again. */
  const lookUpFor = async (kid: string | undefined): Promise<Loaded> => {
    if (asked.size < MOST_ABSENT) asked.add(kid);
    const known = absent.has(kid) ? loaded : undefined;
    return lookUp().catch((error: unknown) => known ?? Promise.reject(error));
  };
  const age = (keys: Loaded) => clock.monotonic() - keys.at;

  const current = async (): Promise<Loaded> => {
    if (!loaded || age(loaded) > MAX_STALE_MS) return lookUp();
    const keys = loaded;
    if (age(keys) <= FRESH_MS) return keys;
    const renewed = lookUp().catch(() => keys);
    // An issuer that has failed since may hang again: nobody waits for that.
    const isDue = age(keys) > MAX_AGE_MS && failedAt < keys.at;
    return isDue ? renewed : keys;
  };

  return async (header) => {
    const before = loaded;
    const keys = await current();
    // Whether a key is new is known by those only that were looked up after the token had come.
    const isKnown = keys.kids.has(header.kid) || keys !== before;
    return (isKnown ? keys : await lookUpFor(header.kid)).find(header);
  };
}

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'is not there',
  ENOTDIR: 'is not there',
  EACCES: 'may not be read by this user',
  EISDIR: 'is a folder',
};

/** Why a key set in a file cannot be used, as the end of a sentence. Of one that is elsewhere nothing is said: it may come. */
export async function keyFileFault(location: string): Promise<string | undefined> {
  if (!location.startsWith('file:')) return undefined;
  try {
    await readKeys(location);
    return undefined;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    return FILE_FAULTS[code] ?? 'holds no JSON Web Key Set';
  }
}

async function fetchKeys(location: string): Promise<JSONWebKeySet> {
  try {
    return await readKeys(location);
  } catch (cause) {
    throw new KeysUnavailable('the key set (JWT_JWKS_URL) could not be loaded', { cause });
  }
}

async function readKeys(location: string): Promise<JSONWebKeySet> {
  const text = location.startsWith('file:')
    ? await readFile(filePath(location), 'utf8')
    : await download(location);
  const keys = parse(text);
  // jose checks the shape; what is no key set is refused there.
  createLocalJWKSet(keys as JSONWebKeySet);
  return keys as JSONWebKeySet;
}

/** What the parser says quotes the text, which may be anything. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('it is no JSON');
  }
}

async function download(url: string): Promise<string> {
  const response = await fetch(url, {
    redirect: 'error',
    headers: { accept: 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw noAnswer(error);
  });
  if (response.status !== 200 || !response.body) {
    await response.body?.cancel();
    throw new Error(`status ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Error(`over ${MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** What fetch says may quote the URL, whose query is nobody's business; what lies under that names the machine at most. */
function noAnswer(error: unknown): Error {
  const { name, cause } = error instanceof Error ? error : new Error();
  return new Error(`no answer (${name})`, { cause });
}
