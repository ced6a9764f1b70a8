import { expect, it } from 'vitest';
import { judgeAcks } from './ack-order.js';
import { readSystemCalls } from './system-calls.js';

const WAL = '31</tmp/a b/x.db-wal>';
const SOCKET = '30<TCP:[127.0.0.1:8080->127.0.0.1:5000]>';
const header = (size: number) =>
  `7 pwrite64(${WAL}, "\\0\\0\\0\\t\\0\\0\\0\\${size}${'\\377'.repeat(16)}", 24, 4096) = 24`;
const page = (text: string) => `7 pwrite64(${WAL}, "\\r\\0${text}", 4096, 4120) = 4096`;
const kept = page('adaop-1SnSu{\\"message_id\\":\\"msg-1\\",\\"status\\":\\"sent\\"}');
const sync = `7 fdatasync(${WAL}) = 0`;
const reply = '{\\"type\\":\\"ack\\",\\"op_id\\":\\"op-1\\",\\"data\\":{\\"message_id\\":\\"msg-1\\"}}';
const ack = `7 writev(${SOCKET}, [{iov_base="\\201\\5hello", iov_len=7}, {iov_base="\\2012${reply}", iov_len=52}], 2) = 59`;

const verdicts = (...lines: string[]) =>
  judgeAcks(readSystemCalls(lines.join('\n'))).map(({ opId, verdict }) => `${opId} ${verdict}`);

it.each([
  ['synced', [header(0), kept, header(9), page('x'), sync, ack]],
  ['synced', [header(9), kept, sync, ack]],
  ['not_synced', [header(9), kept, ack, sync]],
  ['not_synced', [sync, header(9), kept, ack]],
  ['not_synced', [header(9), kept, sync.replace('= 0', '= -1 EIO (Input/output error)'), ack]],
  ['not_synced', [header(9), kept, sync.replace('-wal', ''), ack]],
  ['not_committed', [header(0), kept, sync, ack, header(9), page('x'), sync]],
  ['not_committed', [header(0), kept, sync, ack]],
  ['not_written', [header(9), page('nothing'), sync, ack]],
  ['not_written', [header(9), kept.replace('op-1', 'op-2'), sync, ack]],
  ['not_written', [ack, header(9), kept.replace('op-1', 'op-2'), sync]],
])('is %s: case %#', (verdict, lines) => {
  expect(verdicts(...lines)).toEqual([`op-1 ${verdict}`]);
});

it('takes an fsync for what it is when threads are told one between the other', () => {
  const before = [header(9), kept];
  const [begun, ended] = [`9 fsync(${WAL} <unfinished ...>`, '9 <... fsync resumed>) = 0'] as const;
  expect(verdicts(...before, begun, ended, ack)).toEqual(['op-1 synced']);
  expect(verdicts(...before, begun, ack, ended)).toEqual(['op-1 not_synced']);
  // It began before the commit was written: nobody knows what it covered.
  expect(verdicts(begun, ...before, ended, ack)).toEqual(['op-1 not_synced']);
});

it('reads what strace writes: threads, times, escapes, calls that failed or never ended', () => {
  const trace = [
    '20086 1795548405.690418 pwrite64(28</tmp/d/g.db-wal>, "\\r\\0001\\"\\\\\\377\\n", 6, 4120 <unfinished ...>',
    '20090 12:00:01.5 write(5<pipe:[77]>, "a) = 1", 6) = 6',
    '20086 1795548405.690420 <... pwrite64 resumed>) = 6',
    '20086 fsync(28</tmp/d/g.db-wal>)            = -1 EIO (Input/output error) (INJECTED)',
    '20086 --- SIGTERM {si_signo=SIGTERM} ---',
    '20086 writev(30<TCP:[1->2]>, [{iov_base="x", iov_len=1}], 1 <unfinished ...>',
    '20086 +++ exited with 0 +++',
  ].join('\n');
  expect(readSystemCalls(trace)).toEqual([
    { name: 'write', on: 'pipe:[77]', bytes: 'a) = 1', result: 6, startedAt: 1, endedAt: 1 },
    {
      name: 'pwrite64',
      on: '/tmp/d/g.db-wal',
      bytes: '\r\x001"\\\xff\n',
      result: 6,
      startedAt: 0,
      endedAt: 2,
    },
    { name: 'fsync', on: '/tmp/d/g.db-wal', bytes: '', result: -1, startedAt: 3, endedAt: 3 },
  ]);
});
