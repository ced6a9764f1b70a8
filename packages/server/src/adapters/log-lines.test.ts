import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { LogLines } from './log-lines.js';

/** A file that takes what it is asked to, until it is told otherwise. */
class FakeFile {
  written = '';
  asked = 0;
  /** What it says instead. */
  refusal: string | undefined;
  /** Bytes it takes at a time. */
  room = Number.POSITIVE_INFINITY;

  readonly take = (bytes: Buffer): number => {
    this.asked += 1;
    if (this.refusal !== undefined) throw Object.assign(new Error(this.refusal), { code: this.refusal });
    const taken = bytes.subarray(0, this.room);
    this.written += taken;
    return taken.length;
  };
}

const KILOBYTE = `${'.'.repeat(1023)}\n`;
const ERROR = `${JSON.stringify({ level: 'error', msg: 'why it ends' })}\n`;
const lines = (file: FakeFile) => new LogLines(file.take, (lost) => `lost ${lost}\n`);

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

it('has written a line when it was said, whatever the process does next', () => {
  const file = new FakeFile();
  const log = lines(file);
  log.write('a\n');
  expect(file.written).toBe('a\n');
  log.write('b\n');
  log.end();
  expect([file.written, file.asked]).toEqual(['a\nb\n', 2]);
});

it.each(['ENOSPC', 'EIO', 'EAGAIN'])(
  'goes on where it was when %s is over, and asks seldom until then',
  (code) => {
    const file = new FakeFile();
    const log = lines(file);
    file.room = 4;
    log.write('one line\n');
    file.refusal = code;
    for (let count = 0; count < 100; count++) log.write('another\n');
    expect(file.asked).toBe(1);
    vi.runOnlyPendingTimers();
    expect(file.asked).toBe(2);
    file.refusal = undefined;
    vi.runAllTimers();
    expect(file.written).toBe(`one line\n${'another\n'.repeat(100)}`);
  },
);

it('keeps so much and no more, and says once how many lines were lost', () => {
  const file = new FakeFile();
  const log = lines(file);
  file.refusal = 'ENOSPC';
  log.write('first\n');
  for (let count = 0; count < 10_000; count++) log.write(KILOBYTE);
  // A gap is one gap: nothing is taken before what was kept is written.
  log.write('short\n');
  file.refusal = undefined;
  vi.runAllTimers();
  log.write('after\n');
  expect(file.written === `first\n${KILOBYTE.repeat(4096)}lost 5905\nafter\n`).toBe(true);
});

it('keeps some room for errors, of which the last says why it ends', () => {
  const file = new FakeFile();
  const log = lines(file);
  file.refusal = 'ENOSPC';
  for (let count = 0; count < 10_000; count++) log.write(KILOBYTE);
  for (let count = 0; count < 10_000; count++) log.write(ERROR);
  file.refusal = undefined;
  vi.runAllTimers();
  const room = Math.floor((64 * 1024) / ERROR.length);
  const rest = file.written.slice(4097 * KILOBYTE.length);
  expect(rest).toBe(`${ERROR.repeat(room)}lost ${5903 + 10_000 - room}\n`);
});

it('says nothing more when its reader is gone', () => {
  const file = new FakeFile();
  const log = lines(file);
  file.refusal = 'EPIPE';
  log.write('a\n');
  log.write('b\n');
  log.end();
  expect([file.asked, file.written]).toEqual([1, '']);
});

it('writes what it has when the process ends, and what was lost, but waits for no disk', () => {
  const file = new FakeFile();
  const log = lines(file);
  file.refusal = 'ENOSPC';
  log.write('a\n');
  log.write('b\n');
  log.write(KILOBYTE.repeat(4096));
  file.refusal = undefined;
  file.room = 3;
  log.end();
  expect(file.written).toBe('a\nb\nlost 1\n');

  const full = new FakeFile();
  const other = lines(full);
  full.refusal = 'ENOSPC';
  other.write('a\n');
  other.end();
  expect([full.asked, full.written]).toEqual([2, '']);
});

it('waits a while, and not for ever, for a slow reader when the process ends', () => {
  const slow = (patience: number) => {
    const file = new FakeFile();
    const log = new LogLines(
      (bytes) => {
        file.refusal = patience-- > 0 ? 'EAGAIN' : undefined;
        return file.take(bytes);
      },
      (lost) => `lost ${lost}\n`,
    );
    log.write('a\n');
    log.end();
    return file.written;
  };
  expect(slow(3)).toBe('a\n');
  expect(slow(Number.POSITIVE_INFINITY)).toBe('');
});
