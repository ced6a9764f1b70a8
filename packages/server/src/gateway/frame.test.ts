import { expect, it } from 'vitest';
import { textFrame } from './frame.js';

/** RFC 6455 5.2, in another hand: FIN and text, the shortest length, no mask. */
function header(length: number): number[] {
  if (length < 126) return [0x81, length];
  if (length < 0x1_0000) return [0x81, 126, length >> 8, length & 0xff];
  return [0x81, 127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (length >> shift) & 0xff)];
}

it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('frames a text of %i bytes', (length) => {
  const text = 'x'.repeat(length);
  expect(textFrame(text).equals(Buffer.from([...header(length), ...Buffer.from(text)]))).toBe(true);
});

it('counts bytes, not characters', () => {
  const frame = textFrame('héllo 🎉');
  expect(frame[1]).toBe(Buffer.byteLength('héllo 🎉'));
  expect(frame.subarray(2).toString()).toBe('héllo 🎉');
});
