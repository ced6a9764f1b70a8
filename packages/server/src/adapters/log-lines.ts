import { write, writeSync } from 'node:fs';

/** Where lines go to. */
export interface LineFile {
  write(bytes: Buffer, done: (error: NodeJS.ErrnoException | null, written: number) => void): void;
  writeSync(bytes: Buffer): number;
}

/** Characters that may wait, some 15,000 lines: a busy server says so much in ten seconds. */
const MAX_WAITING = 4 * 2 ** 20;
/** A reader that is slow (EAGAIN) has room again soon … */
const SLOW_MS = 20;
/** … and a disk that is full when somebody has made some. */
const REFUSED_MS = 1_000;
/** So long the end of the process waits for a slow reader. */
const LAST_WORDS_MS = 1_000;

type State =
  | { readonly kind: 'idle' }
  | { readonly kind: 'writing' }
  | { readonly kind: 'refused'; readonly rest: Buffer; readonly retry: NodeJS.Timeout }
  /** Nobody reads any more. */
  | { readonly kind: 'gone' };

/**
 * Writes the lines of the log, and never stands in the way of those who say them: while the disk is full, or the
 * reader does not read, so many wait and the rest is lost, which one line tells when it is over. What pino has for it
 * throws at a full disk, and waits for room when the process ends.
 */
export class LogLines {
  #state: State = { kind: 'idle' };
  #waiting: string[] = [];
  #length = 0;
  #lost = 0;

  constructor(
    private readonly file: LineFile,
    private readonly lossLine: (lost: number) => string,
  ) {}

  write(line: string): void {
    if (this.#state.kind === 'gone') return;
    // Once one is lost all are until it is told: a gap is one gap.
    if (this.#lost > 0 || this.#length + line.length > MAX_WAITING) this.#lost += 1;
    else this.#keep(line);
    if (this.#state.kind === 'idle') this.#writeNext();
  }

  /** The process ends, and nothing asynchronous runs any more: writes what can be written. */
  end(): void {
    const state = this.#state;
    this.#leave();
    if (state.kind === 'gone') return;
    const rest = state.kind === 'refused' ? [state.rest] : [];
    this.#writeLast(Buffer.concat([...rest, this.#take()]));
  }

  #keep(line: string): void {
    this.#waiting.push(line);
    this.#length += line.length;
  }

  #take(): Buffer {
    const bytes = Buffer.from(this.#waiting.join(''));
    this.#waiting = [];
    this.#length = 0;
    return bytes;
  }

  #writeNext(): void {
    if (this.#length === 0 && this.#lost > 0) {
      this.#keep(this.lossLine(this.#lost));
      this.#lost = 0;
    }
    if (this.#length === 0) this.#state = { kind: 'idle' };
    else this.#write(this.#take());
  }

  #write(bytes: Buffer): void {
    this.#state = { kind: 'writing' };
    this.file.write(bytes, (error, written) => {
      if (this.#state.kind === 'gone') return;
      if (error?.code === 'EPIPE') this.#leave();
      else if (error !== null) this.#retry(bytes, error.code === 'EAGAIN' ? SLOW_MS : REFUSED_MS);
      else if (written < bytes.length) this.#write(bytes.subarray(written));
      else this.#writeNext();
    });
  }

  #retry(rest: Buffer, afterMs: number): void {
    const retry = setTimeout(() => this.#write(rest), afterMs);
    // No reason to live on.
    retry.unref();
    this.#state = { kind: 'refused', rest, retry };
  }

  #leave(): void {
    if (this.#state.kind === 'refused') clearTimeout(this.#state.retry);
    this.#state = { kind: 'gone' };
  }

  #writeLast(bytes: Buffer): void {
    const until = performance.now() + LAST_WORDS_MS;
    for (let rest = bytes; rest.length > 0; ) {
      try {
        rest = rest.subarray(this.file.writeSync(rest));
      } catch (error) {
        if (!isSlow(error) || performance.now() > until) return;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SLOW_MS);
      }
    }
  }
}

function isSlow(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

let ofProcess: LogLines | undefined;

/** The lines on stdout, one writer for all loggers of the process. */
export function stdoutLines(): LogLines {
  if (ofProcess !== undefined) return ofProcess;
  // Asking for it makes a pipe say EAGAIN: else a reader that does not read holds a thread, which no end outlives.
  const { fd = 1 } = process.stdout;
  const lines = new LogLines(
    { write: (bytes, done) => write(fd, bytes, done), writeSync: (bytes) => writeSync(fd, bytes) },
    lossLine,
  );
  process.on('exit', () => lines.end());
  ofProcess = lines;
  return lines;
}

function lossLine(lost: number): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level: 'warn', time, lost, msg: 'lines of the log could not be written and are lost' })}\n`;
}
