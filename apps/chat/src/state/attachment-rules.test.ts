import { expect, it } from 'vitest';
import { attachmentProblem, MAX_ATTACHMENTS } from './attachment-rules.js';

it.each(['https://a.example', 'http://a.example/x y', 'https://a.example/ä?b=c#d'])(
  '%s may be attached',
  (url) => {
    expect(attachmentProblem(url, [])).toBeUndefined();
  },
);

it.each([
  ['a.example/x', 'whole address'],
  ['/x', 'whole address'],
  ['', 'whole address'],
  ['javascript:alert(1)', 'Only http'],
  ['data:text/html,x', 'Only http'],
  ['https://me:secret@a.example', 'user name'],
  [`https://a.example/${'x'.repeat(2048)}`, 'at most 2048'],
])('%s may not (A3.5)', (url, why) => {
  expect(attachmentProblem(url, [])).toContain(why);
});

it('takes each once, and ten at most', () => {
  expect(attachmentProblem('https://a.example', ['https://a.example'])).toContain('already');
  const full = Array.from({ length: MAX_ATTACHMENTS }, (_, index) => `https://a.example/${index}`);
  expect(attachmentProblem('https://b.example', full)).toContain('at most 10');
});
