/** One install or build at a time in this folder: `npm start` beside `npm test` must not pull files from under each other. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 200;

/** @param {number} pid */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** @param {string} file @returns {number | undefined} the process which holds the lock, if another one does */
function holder(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return undefined;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0; // Given back in this moment.
  }
}

/**
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function alone(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  let told = false;
  for (let pid = holder(file); pid !== undefined; pid = holder(file)) {
    if (pid !== 0 && !isAlive(pid)) {
      rmSync(file, { force: true });
      continue;
    }
    if (!told && pid !== 0)
      console.log(`Waiting for another run (process ${pid}) to finish its install or build …`);
    told ||= pid !== 0;
    await sleep(POLL_MS);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}
