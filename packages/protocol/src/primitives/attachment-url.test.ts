import { expect, test } from 'vitest';
import { isAttachmentUrl } from './attachment-url.js';
import { LIMITS } from './limits.js';

const ofLength = (length: number) => 'https://example.com/'.padEnd(length, 'a');

test.each([
  'https://example.com',
  'http://example.com/a.png?b=c#d',
  'HTTPS://EXAMPLE.COM/',
  'http://localhost:8080/x',
  'http://127.0.0.1/x',
  'https://[::1]:3000/',
  'https://example.com/@someone',
  'https://example.com/?q=a@b',
  'https://example.com/%00',
  'https://bücher.example/ä',
  ofLength(LIMITS.attachmentUrlLength),
])('%.60s may be attached', (url) => {
  expect(isAttachmentUrl(url)).toBe(true);
});

test.each([
  '',
  'example.com',
  '/a.png',
  '//example.com/a',
  'javascript:alert(1)',
  'JavaScript://example.com/%0aalert(1)',
  'data:text/html,<script>',
  'ftp://example.com/a',
  'file:///etc/passwd',
  'blob:https://example.com/1',
  'https:example.com',
  'https:/example.com',
  'https://',
  'https:///example.com',
  'https://?a',
  'https://#a',
  'https:\\\\example.com',
  'https://example.com\\@evil.example',
  'https://user:pw@example.com/',
  'https://user@example.com/',
  'https://:pw@example.com/',
  ' https://example.com',
  'https://example.com ',
  '\u00a0https://example.com',
  'https://example.com/a b',
  'https://exam\tple.com/',
  'https://example.com/\n',
  'https://example.com/\0',
  'https://example.com/\u007f',
  'https://example.com/\u202e',
  'https://example.com/\ud800',
  'https://exa mple.com',
  'https://example.com:99999/',
  'https://[::1/',
  ofLength(LIMITS.attachmentUrlLength + 1),
])('%.60j may not be attached', (url) => {
  expect(isAttachmentUrl(url)).toBe(false);
});
