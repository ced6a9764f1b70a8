import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { openNativeSqlite } from '../adapters/sql/sqlite/open-native-sqlite.js';

/** Ends what was begun, so that everything works again. */
export type Relief = () => Promise<void>;

/** What the kernel is to answer instead of doing it. */
export interface Refusal {
  readonly calls: string;
  /** As errno calls it. */
  readonly error: string;
  readonly files: readonly string[];
}

/** Everything that changes a file. */
export const WRITES = 'openat,pwrite64,pwritev,write,ftruncate,fallocate';

/** What belongs to a database file. */
export const filesOf = (database: string) =>
  ['', '-wal', '-journal', '-probe'].map((end) => `${database}${end}`);

function refusing({ calls, error, files }: Refusal): string[] {
  const rules = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`];
  return ['-f', '-q', '-o', '/dev/null', ...rules, ...files.flatMap((file) => ['-P', file])];
}

/** A command that runs what is appended to it, with these calls refused from its beginning. */
export function refusedFromStart(strace: string, refusal: Refusal): string[] {
  return [strace, '-D', ...refusing(refusal)];
}

/**
 * From now on the kernel refuses system calls of a process on some files, as a disk would: `strace` puts the error in
 * place of the call. Needs no file system of its own and no rights but those to trace the process.
 */
export async function refuseCalls(strace: string, pid: number, refusal: Refusal): Promise<Relief> {
  const tracer = spawn(strace, [...refusing(refusal), '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  tracer.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk;
  });
  const ended = once(tracer, 'close');
  while (!/^TracerPid:\t[1-9]/m.test(await readFile(`/proc/${pid}/status`, 'utf8'))) {
    if (tracer.exitCode !== null) throw new Error(`strace could not attach: ${said}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return async () => {
    tracer.kill('SIGINT');
    await ended;
  };
}

/** Somebody looks into the database with a tool, and forgets to come to an end. */
export async function holdLock(path: string): Promise<Relief> {
  const native = await openNativeSqlite(path);
  native.exec('BEGIN EXCLUSIVE');
  return async () => {
    native.exec('ROLLBACK');
    native.close();
  };
}
