import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { STORE_FAULTS, type StoreFault } from '../../ports/store-error.js';
import { nextHealth, StoreHealth } from './store-health.js';

it('has this table: every state and every event', () => {
  const states = [
    { kind: 'well' } as const,
    ...STORE_FAULTS.map((fault) => ({ kind: 'ill', fault }) as const),
  ];
  const events = [
    { kind: 'committed' } as const,
    { kind: 'failed', fault: 'disk_full' } as const,
    { kind: 'failed', fault: 'damaged' } as const,
    { kind: 'failed', fault: 'file_gone' } as const,
    { kind: 'failed', fault: 'taken_over' } as const,
    { kind: 'in_place' } as const,
  ];
  const shown = (of: { kind: string; fault?: string }) => of.fault ?? of.kind;
  const row = (cells: readonly string[]) =>
    cells
      .map((cell) => cell.padEnd(12))
      .join('')
      .trimEnd();
  const table = states.map((state) =>
    row([shown(state), ...events.map((event) => shown(nextHealth(state, event)))]),
  );
  expect([row(['', ...events.map(shown)]), ...table].join('\n')).toMatchInlineSnapshot(`
    "            committed   disk_full   damaged     file_gone   taken_over  in_place
    well        well        disk_full   damaged     file_gone   taken_over  well
    disk_full   well        disk_full   damaged     file_gone   taken_over  disk_full
    read_only   well        disk_full   damaged     file_gone   taken_over  read_only
    locked      well        disk_full   damaged     file_gone   taken_over  locked
    damaged     damaged     damaged     damaged     damaged     taken_over  damaged
    file_gone   file_gone   file_gone   damaged     file_gone   taken_over  well
    taken_over  taken_over  taken_over  taken_over  taken_over  taken_over  taken_over
    io_error    well        disk_full   damaged     file_gone   taken_over  io_error
    unreachable well        disk_full   damaged     file_gone   taken_over  unreachable
    other       well        disk_full   damaged     file_gone   taken_over  other"
  `);
});

it('is explained to operators, word for word', () => {
  const guide = readFileSync(new URL('../../../OPERATIONS.md', import.meta.url), 'utf8');
  const [, table = ''] = /^\| word \|.*\n\|---.*\n((?:\|.*\n)+)/m.exec(guide) ?? [];
  const words = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, word]) => word);
  expect(words).toEqual([...STORE_FAULTS]);
});

it('says what is wrong once, whatever else fails of it, and when it is over', () => {
  const lines: string[] = [];
  const counted: (StoreFault | undefined)[] = [];
  const health = new StoreHealth(
    {
      error: (fields, text) => lines.push(`${JSON.stringify(fields)} ${text}`),
      info: (fields, text) => lines.push(`${JSON.stringify(fields)} ${text}`),
    },
    { fault: (fault) => counted.push(fault) },
  );
  health.committed();
  for (let times = 0; times < 100; times++) health.failed('disk_full', undefined);
  health.failed('io_error', undefined);
  health.committed();
  health.committed();
  expect(counted).toEqual(['disk_full', 'io_error', undefined]);
  expect(lines).toEqual([
    expect.stringMatching(/^\{"fault":"disk_full"\} the disk of the database is full: free space/),
    expect.stringMatching(/^\{"fault":"io_error"\} .*kernel log/),
    '{"was":"io_error"} the database works again',
  ]);
});
