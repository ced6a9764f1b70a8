import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'tsup';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openStore } from './open-store.js';
import { clock, silent } from './testing/store-contract.js';

const ROUNDS = 3;
/** Where the child finds the packages that this one depends on. */
const cache = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url));

let folder: string;
let bundle: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'goconnect kill '));
  await mkdir(cache, { recursive: true });
  bundle = await mkdtemp(join(cache, 'child-'));
  const entry = fileURLToPath(new URL('./testing/appending-child.ts', import.meta.url));
  await build({
    entry: [entry],
    outDir: bundle,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    skipNodeModulesBundle: true,
  });
});
afterAll(async () => {
  await rm(folder, { recursive: true });
  await rm(bundle, { recursive: true });
});

/** Runs the child until it has acknowledged so many, kills it with -9; returns what it acknowledged. */
async function killAfter(url: string, acks: number): Promise<number[]> {
  const child = spawn(process.execPath, [join(bundle, 'appending-child.js'), url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length > acks) child.kill('SIGKILL');
  });
  await ended;
  // The last line may have been cut by the kill.
  return text.slice(0, text.lastIndexOf('\n')).split('\n').map(Number);
}

it('promise 1: what was acknowledged before a kill -9 is there, in one order without holes', async () => {
  const url = `file:${join(folder, 'a.db')}`;
  const acknowledged: number[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const acks = await killAfter(url, 150);
    expect(acks.length).toBeGreaterThanOrEqual(150);
    acknowledged.push(...acks);

    const store = await openStore({ url, clock, logger: silent });
    const entries = await store.read((tx) => tx.log.entries('host', 0, 1_000_000));
    const [position] = await store.read((tx) => tx.log.positions(['host']));
    await store.close();
    const places = entries.map(({ seq }) => seq);
    expect(places).toEqual(Array.from({ length: position?.seq ?? 0 }, (_, index) => index + 1));
    const stored = new Set(places);
    expect(acknowledged.filter((seq) => !stored.has(seq))).toEqual([]);
    // Each was acknowledged once: no place was given out twice.
    expect(new Set(acknowledged).size).toBe(acknowledged.length);
  }
}, 60_000);
