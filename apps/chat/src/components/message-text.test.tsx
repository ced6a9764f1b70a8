// @vitest-environment jsdom
import { cleanup, render } from '@testing-library/react';
import { afterEach, expect, it } from 'vitest';
import { MessageText } from './message-text.js';

afterEach(cleanup);
const shown = (text: string) => render(<MessageText text={text} />).container;

it('makes http and https addresses links that give nothing away', () => {
  const box = shown('see https://a.example/x?y=1, or (http://b.example).');
  const links = [...box.querySelectorAll('a')];
  expect(links.map((link) => link.href)).toEqual(['https://a.example/x?y=1', 'http://b.example/']);
  for (const link of links) expect(link.rel).toBe('noopener noreferrer nofollow');
  expect(box.textContent).toBe('see https://a.example/x?y=1, or (http://b.example).');
});

it.each([
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'https://bank.example@evil.example/',
  'http://',
  '<img src=x onerror=alert(1)>',
])('leaves %s as text', (text) => {
  const box = shown(text);
  expect([box.querySelector('a, img, script'), box.textContent]).toEqual([null, text]);
});
