import { constants, openSync, writeSync } from 'node:fs';

/**
 * Where lines go to: says how many of the bytes it took, at once, and throws when it takes none. It MUST NOT wait for
 * a reader.
 */
export type LineFile = (bytes: Buffer) => number;

/** Characters that may wait, some 15,000 lines: a busy server says so much in ten seconds. */
const MAX_WAITING = 4 * 2 ** 20;
/** More of them for errors, of which the last says why the process ends. */
const ERRORS_MORE = 64 * 2 ** 10;
/** As pino begins them. */
const ERROR = '{"level":"error"';
/** A reader that is slow (EAGAIN) has room again soon … */
const SLOW_MS = 20;
/** … and a disk that is full when somebody has made some. */
const REFUSED_MS = 1_000;
/** So long the end of the process waits for a slow reader … */
const LAST_WORDS_MS = 1_000;
/** … and asks so often: a pipe takes 64 KB at a time. */
const LAST_WORDS_POLL_MS = 2;

type State =
  | { readonly kind: 'open' }
  | { readonly kind: 'refused'; readonly rest: Buffer; readonly retry: NodeJS.Timeout }
  /** Nobody reads any more. */
  | { readonly kind: 'gone' };

/**
 * Writes the lines of the log, and never stands in the way of those who say them: while the disk is full, or the
 * reader does not read, so many wait and the rest is lost, which one line tells when it is over. What pino has for it
 * throws at a full disk, and waits for room when the process ends. Nothing is ever on its way: what is not written
 * waits here, in its order, and the end of the process finds it.
 */
export class LogLines {
  readonly #file: LineFile;
  readonly #lossLine: (lost: number) => string;
  #state: State = { kind: 'open' };
  #waiting: string[] = [];
  #length = 0;
  #lost = 0;

  constructor(file: LineFile, lossLine: (lost: number) => string) {
    this.#file = file;
    this.#lossLine = lossLine;
  }

  write(line: string): void {
    if (this.#state.kind === 'open') this.#write(Buffer.from(line));
    else if (this.#state.kind === 'refused') this.#keep(line);
  }

  /** The process ends, and nothing asynchronous runs any more: writes what can be written. */
  end(): void {
    const state = this.#state;
    this.#leave();
    if (state.kind === 'refused')
      this.#writeLast(Buffer.concat([state.rest, this.#take(), this.#takeLoss()]));
  }

  #keep(line: string): void {
    if (this.#length + line.length > this.#mostFor(line)) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(line);
    this.#length += line.length;
  }

  #mostFor(line: string): number {
    if (line.startsWith(ERROR)) return MAX_WAITING + ERRORS_MORE;
    // Once one is lost all are until it is told: a gap is one gap.
    return this.#lost > 0 ? 0 : MAX_WAITING;
  }

  #take(): Buffer {
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#length = 0;
    return bytes;
  }

  #takeLoss(): Buffer {
    const line = this.#lost > 0 ? this.#lossLine(this.#lost) : '';
    this.#lost = 0;
    return Buffer.from(line);
  }

  #write(bytes: Buffer): void {
    try {
      const rest = bytes.subarray(this.#file(bytes));
      if (rest.length > 0) this.#wait(rest, SLOW_MS);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EPIPE') this.#leave();
      else this.#wait(bytes, code === 'EAGAIN' ? SLOW_MS : REFUSED_MS);
    }
  }

  #wait(rest: Buffer, ms: number): void {
    const retry = setTimeout(() => this.#goOn(rest), ms);
    // No reason to live on.
    retry.unref();
    this.#state = { kind: 'refused', rest, retry };
  }

  #goOn(rest: Buffer): void {
    this.#state = { kind: 'open' };
    this.#write(rest);
    if (this.#isOpen) this.#write(this.#take());
    if (this.#isOpen) this.#write(this.#takeLoss());
  }

  get #isOpen(): boolean {
    return this.#state.kind === 'open';
  }

  #leave(): void {
    if (this.#state.kind === 'refused') clearTimeout(this.#state.retry);
    this.#state = { kind: 'gone' };
  }

  #writeLast(bytes: Buffer): void {
    const until = performance.now() + LAST_WORDS_MS;
    for (let rest = bytes; rest.length > 0; ) {
      try {
        rest = rest.subarray(this.#file(rest));
      } catch (error) {
        if (codeOf(error) !== 'EAGAIN' || performance.now() > until) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LAST_WORDS_POLL_MS);
      }
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

let ofProcess: LogLines | undefined;

/** The lines on stdout, one writer for all loggers of the process. */
export function stdoutLines(): LogLines {
  if (ofProcess !== undefined) return ofProcess;
  const fd = withoutWaiting();
  const lines = new LogLines((bytes) => writeSync(fd, bytes), lossLine);
  process.on('exit', () => lines.end());
  ofProcess = lines;
  return lines;
}

/** Stdout as one that says EAGAIN: a reader that does not read would hold the process, which then heard no signal. */
function withoutWaiting(): number {
  // Asking for it makes a pipe so.
  const { fd = 1, isTTY } = process.stdout;
  if (!isTTY) return fd;
  // Ctrl-S stops a terminal. This one is opened anew: the shell has the other, which must stay as it is.
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return fd;
  }
}

function lossLine(lost: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, lost, msg: 'lines of the log could not be written and are lost' })}\n`;
}
