import { type ChildProcess, spawn } from 'node:child_process';
import { type AdapterAsk, type AdapterSaying, readSaying } from './adapter-lines.js';

/** Characters of one line, of all lines of one client, and of what is kept from standard error. */
const LINE_MAX = 1024 * 1024;
const OUTPUT_MAX = 32 * 1024 * 1024;
const LINES_MAX = 50_000;
const STDERR_KEPT = 2_000;
/** Milliseconds that a process has to end by itself once its input has ended. */
const GRACE_MS = 2_000;

export interface AdapterListener {
  readonly said: (saying: AdapterSaying) => void;
  /** The process broke a bound, wrote nonsense or died; told once, and it has been ended. */
  readonly broken: (why: string) => void;
  /** It went after it was told to close. */
  readonly left: () => void;
}

type State =
  | { readonly kind: 'running' }
  /** It was told to close, so that its end is no fault. */
  | { readonly kind: 'leaving' }
  /** It did wrong and is being ended; what it still had to say on standard error is read before that is told. */
  | { readonly kind: 'breaking'; readonly why: string }
  | { readonly kind: 'over' };

/** Adapters that run now. When this process ends, however it does, none may stay. */
const living = new Set<AdapterProcess>();
const endAll = () => {
  for (const adapter of living) adapter.kill();
};

/** One run of a foreign client's adapter: lines of JSON in and out, in bounds, and an end in any case. */
export class AdapterProcess {
  readonly #child: ChildProcess;
  readonly #listener: AdapterListener;
  readonly #ended: Promise<void>;
  #state: State = { kind: 'running' };
  #rest = '';
  #output = 0;
  #lines = 0;
  #stderr = '';

  constructor(command: string, listener: AdapterListener) {
    this.#listener = listener;
    // In a group of its own, so that what it started ends with it.
    this.#child = spawn(withoutShell(command), {
      shell: true,
      detached: process.platform !== 'win32',
      stdio: 'pipe',
    });
    if (living.size === 0) process.on('exit', endAll);
    living.add(this);
    this.#ended = new Promise((resolve) => this.#child.once('close', () => resolve()));
    this.#listen();
  }

  tell(ask: AdapterAsk): void {
    if (this.#state.kind !== 'running') return;
    if (ask.do === 'close') this.#set({ kind: 'leaving' });
    this.#child.stdin?.write(`${JSON.stringify(ask)}\n`);
  }

  /** Ends its input, and the process itself when it does not go by that. */
  async end(): Promise<void> {
    if (this.#state.kind === 'running') this.#set({ kind: 'leaving' });
    this.#child.stdin?.end();
    await this.#goneAfterGrace();
  }

  /** Ends it for a reason of its user, as for its own faults. */
  fail(why: string): void {
    this.#break(why);
  }

  /** Ends it and everything it started, now. */
  kill(): void {
    const { pid } = this.#child;
    try {
      if (pid !== undefined && process.platform !== 'win32') process.kill(-pid, 'SIGKILL');
      else this.#child.kill('SIGKILL');
    } catch {
      // All of the group are gone already.
    }
  }

  #listen(): void {
    const { stdin, stdout, stderr } = this.#child;
    // Who died does not read; its end is told by `exit`.
    stdin?.on('error', () => {});
    stdout?.setEncoding('utf8').on('data', (text: string) => this.#hear(text));
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_KEPT);
    });
    this.#child.once('error', ({ message }) => this.#over(`it cannot be started: ${message}`));
    this.#child.once('exit', () => this.kill());
    this.#child.once('close', (code, signal) => this.#over(`it ended by itself (${signal ?? code})`));
  }

  async #goneAfterGrace(): Promise<void> {
    const impatience = setTimeout(() => {
      this.kill();
      // Who left the group may hold these open for ever.
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    }, GRACE_MS);
    await this.#ended;
    clearTimeout(impatience);
  }

  #hear(text: string): void {
    if (!this.#isHeard()) return;
    this.#output += text.length;
    if (this.#output > OUTPUT_MAX) this.#break(`it wrote more than ${OUTPUT_MAX} characters`);
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    if (this.#rest.length > LINE_MAX) this.#break(`it wrote a line of more than ${LINE_MAX} characters`);
    for (const line of lines) this.#line(line.trim());
  }

  #line(line: string): void {
    if (!this.#isHeard() || line === '') return;
    const saying = readSaying(line);
    if (++this.#lines > LINES_MAX) this.#break(`it wrote more than ${LINES_MAX} lines`);
    else if (typeof saying === 'string') this.#break(`it wrote a line that ${saying}: ${line.slice(0, 120)}`);
    else this.#listener.said(saying);
  }

  #isHeard(): boolean {
    return this.#state.kind === 'running' || this.#state.kind === 'leaving';
  }

  #break(why: string): void {
    if (!this.#isHeard()) return;
    if (this.#state.kind === 'running') this.#set({ kind: 'breaking', why });
    this.#rest = '';
    this.kill();
    void this.#goneAfterGrace();
  }

  /** The process is gone and everything it said has been read. */
  #over(how: string): void {
    living.delete(this);
    if (living.size === 0) process.off('exit', endAll);
    const state = this.#state;
    if (state.kind === 'over') return;
    this.#set({ kind: 'over' });
    if (state.kind === 'leaving') {
      this.#listener.left();
      return;
    }
    const why = state.kind === 'breaking' ? state.why : how;
    const last = this.#stderr.trim();
    this.#listener.broken(last === '' ? why : `${why}; its standard error: ${last}`);
  }

  #set(state: State): void {
    this.#state = state;
  }
}

/** The shell makes room for a plain command: one that waited in between could not be there to bury it. */
function withoutShell(command: string): string {
  const plain = process.platform !== 'win32' && !/[|&;<>()$`=\n]/.test(command);
  return plain ? `exec ${command}` : command;
}
