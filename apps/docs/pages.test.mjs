import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GoConnectError } from '@goconnect/client';
import { CLOSE_CODES, ERROR_CODES, EVENTS, REQUESTS } from '@goconnect/protocol';
import { expect, it } from 'vitest';
import { API, apiPath, PAGES, ROOT } from './contents.mjs';
import { onTheSite } from './pages/links.mjs';
import { codesPage } from './reference/codes.mjs';
import { httpPage, openApi } from './reference/http.mjs';
import { messagesPage } from './reference/messages.mjs';

const documents = PAGES.flatMap((page) => ('file' in page ? [page.file] : []));
const read = (/** @type {string} */ file) => readFileSync(join(ROOT, file), 'utf8');
const guides = documents.filter((file) => file.startsWith('apps/docs/'));

it('has a page for each document and each entry point, and no two at one place', () => {
  const paths = [...PAGES.map(({ path }) => path), ...Object.keys(API).map(apiPath)];
  expect(new Set(paths).size).toBe(paths.length);
  for (const file of [...documents, ...Object.values(API)])
    expect(existsSync(join(ROOT, file)), file).toBe(true);
});

it.each(['client', 'server', 'testkit', 'protocol'])('has the API of every entry point of %s', (folder) => {
  const { name, exports } = JSON.parse(read(`packages/${folder}/package.json`));
  const own = Object.keys(exports)
    .map((path) => path.replace(/^\./, name))
    .filter((path) => !/\.json$|schema$|asyncapi$|\/core$/.test(path));
  expect(Object.keys(API)).toEqual(expect.arrayContaining(own));
});

it('leads to pages that exist, from where links begin at the root of the site', () => {
  const known = new Set([...PAGES.map(({ path }) => path), ...Object.keys(API).map(apiPath), '/mark.svg']);
  const dead = guides.flatMap((file) =>
    [...read(file).matchAll(/\]\((\/[^)#\s]*)|link: (\/\S+?)[ ,}]/g)]
      .map(([, inText, inFront]) => inText ?? inFront ?? '')
      .filter((path) => !known.has(path))
      .map((path) => `${file}: ${path}`),
  );
  expect(dead).toEqual([]);
});

it('turns links between documents into links between pages, and names files that have none', () => {
  const from = 'packages/client/README.md';
  expect(onTheSite('[a](../server/OPERATIONS.md#stop)', from)).toBe('[a](/server/operations#stop)');
  expect(onTheSite('[a](../server)', from)).toBe('[a](/server/settings)');
  expect(onTheSite('[a](src/client.ts)', from)).toBe('a (`packages/client/src/client.ts`)');
  expect(onTheSite('[`src`](src)', from)).toBe('`packages/client/src`');
  expect(onTheSite('![a](../../docs/chat.png)', from)).toBe('![a](/docs/chat.png)');
  expect(onTheSite('[a](https://a.example/b.md) `[a](b.md)`', from)).toBe(
    '[a](https://a.example/b.md) `[a](b.md)`',
  );
  expect(onTheSite('```md\n[a](../server)\n```', from)).toBe('```md\n[a](../server)\n```');
});

it('describes every message, with its example', () => {
  const page = messagesPage();
  for (const type of [...Object.keys(REQUESTS), ...Object.keys(EVENTS)]) {
    const [, part = ''] = page.split(`\n### ${type} {`);
    expect(part.split('\n### ')[0], type).toContain(`"type": "${type}"`);
  }
  expect(page).toContain('\n### error\n');
  // A text that nobody wrote, and a field of no type.
  expect(page).not.toMatch(/undefined|\| any \|/);
});

it('describes every code of the wire', () => {
  const page = codesPage();
  for (const code of Object.keys(ERROR_CODES)) expect(page).toContain(`| \`${code}\` |`);
  for (const [name, code] of Object.entries(CLOSE_CODES)) expect(page).toContain(`| ${code} | \`${name}\` |`);
});

it('says of every code of GoConnectError what the application does', () => {
  const codes = [...read('packages/client/src/support/goconnect-error.ts').matchAll(/^ {2}(\w+): \[/gm)].map(
    ([, code = '']) => code,
  );
  expect(codes.length).toBeGreaterThan(10);
  expect(codes.filter((code) => new GoConnectError(code, '').remedy === 'See message.')).toEqual([]);
  const told = [...read('apps/docs/guide/errors.md').matchAll(/^\| `(\w+)` \|/gm)].map(([, code]) => code);
  expect(told.sort()).toEqual(codes.sort());
});

it('describes every route of the server', async () => {
  const [page, { paths }] = [await httpPage(), await openApi()];
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) expect(page).toContain(`## ${method.toUpperCase()} ${path} {`);
  expect(page).not.toMatch(/undefined/);
});
