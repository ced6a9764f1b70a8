import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LogLines } from './log-lines.js';

type Done = (error: NodeJS.ErrnoException | null, written: number) => void;

/** A file that answers when it is told to. */
class HeldFile {
  written = '';
  #asked: { readonly bytes: Buffer; readonly done: Done }[] = [];

  write(bytes: Buffer, done: Done): void {
    this.#asked.push({ bytes, done });
  }

  writeSync(bytes: Buffer): number {
    this.written += bytes;
    return bytes.length;
  }

  get isAsked(): boolean {
    return this.#asked.length > 0;
  }

  takes(length = Number.POSITIVE_INFINITY): void {
    const { bytes, done } = this.#next();
    const taken = bytes.subarray(0, length);
    this.written += taken;
    done(null, taken.length);
  }

  refuses(code: string): void {
    this.#next().done(Object.assign(new Error(code), { code }), 0);
  }

  #next() {
    const [next] = this.#asked.splice(0, 1);
    if (next === undefined) throw new Error('nothing is being written');
    return next;
  }
}

const KILOBYTE = `${'.'.repeat(1023)}\n`;
const lines = (file: HeldFile) => new LogLines(file, (lost) => `lost ${lost}\n`);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('writes lines in their order, those that come meanwhile at once', () => {
  const file = new HeldFile();
  const log = lines(file);
  for (const line of ['a\n', 'b\n', 'c\n']) log.write(line);
  file.takes();
  expect(file.written).toBe('a\n');
  file.takes(1);
  file.takes();
  expect(file.written).toBe('a\nb\nc\n');
  expect(file.isAsked).toBe(false);
});

it.each(['ENOSPC', 'EIO', 'EAGAIN'])(
  'goes on where it was when %s is over, and asks seldom until then',
  (code) => {
    const file = new HeldFile();
    const log = lines(file);
    log.write('one line\n');
    file.takes(4);
    file.refuses(code);
    for (let count = 0; count < 100; count++) log.write('another\n');
    expect(file.isAsked).toBe(false);
    vi.runAllTimers();
    file.refuses(code);
    vi.runAllTimers();
    file.takes();
    file.takes();
    expect(file.written).toBe(`one line\n${'another\n'.repeat(100)}`);
  },
);

it('keeps so much and no more, and says once how many lines were lost', () => {
  const file = new HeldFile();
  const log = lines(file);
  log.write('first\n');
  file.refuses('ENOSPC');
  for (let count = 0; count < 10_000; count++) log.write(KILOBYTE);
  vi.runAllTimers();
  file.takes();
  // A gap is one gap: nothing is taken before what was kept is written.
  log.write('short\n');
  file.takes();
  const kept = (file.written.length - 'first\n'.length) / KILOBYTE.length;
  expect(kept).toBe(4096);
  log.write('after\n');
  file.takes();
  file.takes();
  expect(file.written.slice(-30)).toContain(`\nlost ${10_001 - kept}\nafter\n`);
  expect(file.isAsked).toBe(false);
});

it('says nothing more when its reader is gone', () => {
  const file = new HeldFile();
  const log = lines(file);
  log.write('a\n');
  log.write('b\n');
  file.refuses('EPIPE');
  log.write('c\n');
  log.end();
  expect([file.isAsked, file.written]).toEqual([false, '']);
});

it('writes what it has when the process ends, but waits for no disk', () => {
  const file = new HeldFile();
  const log = lines(file);
  log.write('a\n');
  file.refuses('ENOSPC');
  log.write('b\n');
  log.end();
  expect(file.written).toBe('a\nb\n');

  const full = new HeldFile();
  full.writeSync = () => {
    throw Object.assign(new Error('full'), { code: 'ENOSPC' });
  };
  const other = lines(full);
  other.write('a\n');
  full.refuses('ENOSPC');
  other.end();
  expect(full.written).toBe('');
});

it('waits a while, and not for ever, for a slow reader when the process ends', () => {
  vi.useRealTimers();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const slow = (patience: number) => {
    const file = new HeldFile();
    const take = file.writeSync.bind(file);
    file.writeSync = (bytes) => {
      if (patience-- > 0) throw Object.assign(new Error('again'), { code: 'EAGAIN' });
      return take(bytes);
    };
    const log = lines(file);
    log.write('a\n');
    file.refuses('EAGAIN');
    log.end();
    return file.written;
  };
  expect(slow(3)).toBe('a\n');
  expect(slow(Number.POSITIVE_INFINITY)).toBe('');
});
