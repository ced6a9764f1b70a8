import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../dist/bin.js', import.meta.url));

/** The real command, running. */
export interface Started {
  readonly process: ChildProcess;
  /** Everything written so far. */
  readonly output: () => string;
  readonly errors: () => string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
  /** Resolves with the first match in what was written; rejects when the process ends without. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/** Starts `goconnect-server` as built, with these settings and no others. Whoever starts it ends it. */
export function startCommand(
  folder: string,
  env: Record<string, string>,
  args: readonly string[] = [],
): Started {
  if (!existsSync(BIN)) throw new Error('packages/server/dist is missing: build first');
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? '', ...env },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk) => {
    errors += chunk;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  const until = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const look = () => {
        const found = pattern.exec(output);
        if (found) resolve(found);
      };
      child.stdout.on('data', look);
      ended.then(() => reject(new Error(`ended without ${pattern}: ${output}${errors}`)));
      look();
    });
  return { process: child, output: () => output, errors: () => errors, ended, until };
}
