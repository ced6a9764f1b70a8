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

/** Runs an example until it ends by itself. */
export async function endProgram(program: Program, options: RunOptions) {
  const child = start(program, options);
  const said = { text: '' };
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said.text += chunk.toString();
    });
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  return { code: Number(code ?? -1), said: said.text };
}

function start({ command, args, cwd }: Program, { base, scope, as }: RunOptions) {
  const { PATH = '', HOME = '' } = process.env;
  const who: Record<string, string> =
    'token' in as
      ? { GOCONNECT_TOKEN: as.token }
      : { GOCONNECT_EMAIL: as.email, GOCONNECT_PASSWORD: as.password };
  const env = { PATH, HOME, GOCONNECT_URL: base, ...who };
  return spawn(command, [...args, scope], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
}

/** Runs an example that reads lines from a terminal and writes lines to it. */
export async function runProgram(program: Program, options: RunOptions): Promise<RunningExample> {
  const { pattern } = program;
  const child = start(program, options);
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
