import { expect, it } from 'vitest';
import type { EventBody, LogEntry } from '../domain/entities.js';
import { HotWindow } from './hot-window.js';
import { OutgoingEvent } from './outgoing-event.js';

function entry(seq: number, body: EventBody = message(`m${seq}`)): OutgoingEvent<LogEntry> {
  return new OutgoingEvent({ ...body, room: 'host', epoch: 'e', seq, at: 0 });
}

function message(id: string): EventBody {
  const data = {
    id,
    scope: 'host',
    user_id: 'u',
    body: 'x',
    redacted: false,
    deleted_at: null,
    attachments: [],
    created_at: '',
  };
  return { type: 'chat.message', data };
}

const seqs = (events: readonly OutgoingEvent<LogEntry>[] | undefined) =>
  events?.map(({ event }) => event.seq);

it('gives what it has after a place, and says when it does not reach back', () => {
  const window = new HotWindow();
  for (let seq = 5; seq <= 9; seq++) window.add(entry(seq), 0);
  expect(seqs(window.after(7, 10))).toEqual([8, 9]);
  expect(seqs(window.after(4, 2))).toEqual([5, 6]);
  expect(seqs(window.after(9, 10))).toEqual([]);
  expect(window.after(3, 10)).toBeUndefined();
  expect(new HotWindow().after(0, 1)).toBeUndefined();
});

it('keeps 1,000 entries however old, and more only while they are young (B3.4)', () => {
  const window = new HotWindow();
  for (let seq = 1; seq <= 3_000; seq++) window.add(entry(seq), 0);
  expect(window.after(0, 1)).toHaveLength(1);
  for (let seq = 3_001; seq <= 3_064; seq++) window.add(entry(seq), 300_000);
  expect(window.after(1_999, 1)).toBeUndefined();
  expect(window.after(2_064, 1)).toHaveLength(1);
});

it('holds no more memory than it counts', () => {
  const window = new HotWindow();
  for (let seq = 1; seq <= 100; seq++) window.add(entry(seq), 0);
  const held = new Set(window.after(0, 100)?.map((outgoing) => outgoing.frame('v1').buffer));
  const bytes = [...held].reduce((sum, { byteLength }) => sum + byteLength, 0);
  expect(bytes).toBeLessThanOrEqual(window.bytes);
});

it('has a bound even within 300 s', () => {
  const window = new HotWindow();
  for (let seq = 1; seq <= 20_000; seq++) window.add(entry(seq), 0);
  expect(window.after(20_000 - 5_100, 1)).toBeUndefined();
  window.clear();
  expect(window.bytes).toBe(0);
});

it('forgets what a deleted or redacted message said, so that no replay quotes it (A3.6)', () => {
  for (const [index, change] of [
    { type: 'chat.deleted', data: { message_id: 'm3', mode: 'soft', deleted_at: '' } },
    { type: 'chat.redacted', data: { message_id: 'm3', redaction_mask: '*' } },
  ].entries()) {
    const window = new HotWindow();
    for (let seq = 1; seq <= 4; seq++) window.add(entry(seq), 0);
    window.add(
      entry(5, { type: 'chat.edited', data: { message_id: 'm3', new_body: 'y', edited_at: '' } }),
      0,
    );
    window.add(entry(6), 0);
    window.add(entry(7, change as EventBody), 0);
    expect([index, window.after(4, 9)]).toEqual([index, undefined]);
    expect(seqs(window.after(5, 9))).toEqual([6, 7]);
  }
});

it('never has a hole', () => {
  const window = new HotWindow();
  window.add(entry(1), 0);
  window.add(entry(3), 0);
  expect(window.after(1, 9)).toBeUndefined();
  expect(seqs(window.after(2, 9))).toEqual([3]);
});
