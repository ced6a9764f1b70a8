/**
 * Child processes which never outlive this one: each leads its own process group, so that one signal
 * reaches everything it started, and a terminal's Ctrl-C arrives here first and once.
 */
import { spawn } from 'node:child_process';

const windows = process.platform === 'win32';
const GRACE_MS = 8_000;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
/** Set by the first signal; afterwards nothing new may start. @type {NodeJS.Signals | undefined} */
let stoppedBy;
let exitCodeWhenStopped = 130;

/** A message for a person: printed as it is, without a stack. */
export class Stop extends Error {
  /** @param {string} message @param {number} [exitCode] */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** @param {import('node:child_process').ChildProcess} child @param {NodeJS.Signals} signal */
function signalTree(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (windows) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** @param {NodeJS.Signals} signal */
function stop(signal) {
  const impatient = stoppedBy !== undefined;
  stoppedBy ??= signal;
  if (running.size === 0) process.exit(exitCodeWhenStopped);
  for (const child of running) signalTree(child, impatient ? 'SIGKILL' : 'SIGTERM');
  setTimeout(() => {
    for (const child of running) signalTree(child, 'SIGKILL');
  }, GRACE_MS).unref();
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => stop(signal));
process.on('exit', () => {
  for (const child of running) signalTree(child, 'SIGKILL');
});

/** Ctrl-C is how one leaves a server (0), but it breaks off a test run (130, the default). */
export function stopMeansSuccess() {
  exitCodeWhenStopped = 0;
}

/**
 * Runs a command to its end and gives its exit code. After a signal it does not return: the process exits.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, quiet?: boolean }} options `quiet` keeps the output back and shows it only if the command fails.
 * @returns {Promise<number>}
 */
export async function run(command, args, { cwd, env, quiet = false }) {
  if (stoppedBy) process.exit(exitCodeWhenStopped);
  const child = spawn(command, args, {
    cwd,
    env,
    detached: !windows,
    stdio: quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
  });
  running.add(child);
  /** @type {Buffer[]} */
  const output = [];
  child.stdout?.on('data', (chunk) => output.push(chunk));
  child.stderr?.on('data', (chunk) => output.push(chunk));

  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Stop(`Cannot run ${command}: ${error.message}`)));
    child.once('close', (exitCode) => resolve(exitCode ?? 1));
  }).finally(() => running.delete(child));

  // The leader is gone; whatever of its group is left must not stay behind.
  signalTree(child, 'SIGKILL');
  if (stoppedBy) process.exit(exitCodeWhenStopped);
  if (code !== 0) for (const chunk of output) process.stderr.write(chunk);
  return code;
}

/** Like `run`, for a step which must succeed. @param {string} what @param {Parameters<typeof run>} call */
export async function must(what, ...call) {
  const code = await run(...call);
  if (code !== 0) throw new Stop(`${what} failed (exit code ${code}).`);
}
