import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const text = (path: string) => readFile(new URL(path, import.meta.url), 'utf8');

it.each(['chat-box.ts', 'chat-box.test.ts', 'adapter.mjs'])(
  'the README shows %s as it runs here',
  async (name) => {
    const code = (await text(`./example/${name}`)).trim();
    expect(await text('../README.md')).toContain(`\n// ${name}\n${code}\n\`\`\``);
  },
);
