import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Outcome, RunningExample, RunOptions } from './example.js';

const PATIENCE_MS = 30_000;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly pattern: (outcome: Outcome, text: string) => RegExp;
}

/** Runs an example that reads lines from a terminal and writes lines to it. */
export async function runProgram(
  { command, args, cwd, pattern }: Program,
  options: RunOptions,
): Promise<RunningExample> {
  const { base, scope, as } = options;
  const { PATH = '', HOME = '' } = process.env;
  const who: Record<string, string> =
    'token' in as
      ? { GOCONNECT_TOKEN: as.token }
      : { GOCONNECT_EMAIL: as.email, GOCONNECT_PASSWORD: as.password };
  const env = { PATH, HOME, GOCONNECT_URL: base, ...who };
  const child = spawn(command, [...args, scope], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  const transcript = listen(child);
  /** Each wait looks only at what came after the last connection or loss it has seen. */
  let seen = 0;
  const next = async (what: RegExp) => {
    seen = await transcript.find(what, seen);
  };
  return {
    async say(text) {
      child.stdin.write(`${text}\n`);
    },
    async shows(outcome, text) {
      await transcript.find(pattern(outcome, text), 0);
    },
    connected: () => next(/^\* connected$/m),
    disconnected: () => next(/next try in \d+ ms$/m),
    async leave() {
      if (child.exitCode !== null) return child.exitCode;
      const ended = once(child, 'exit');
      child.kill('SIGINT');
      const [code] = await ended;
      return Number(code);
    },
  };
}

function listen(child: ChildProcess) {
  let text = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer) => {
    text += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', hear);
  child.stderr?.on('data', hear);
  return {
    /** Resolves with the place after the match. */
    find: (what: RegExp, from: number) =>
      new Promise<number>((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error(`No ${what} within ${PATIENCE_MS} ms in:\n${text}`));
        }, PATIENCE_MS);
        const look = () => {
          const match = what.exec(text.slice(from));
          if (!match) return;
          clearTimeout(timer);
          listeners.delete(look);
          resolve(from + match.index + match[0].length);
        };
        listeners.add(look);
        look();
      }),
  };
}
