import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createServer } from './create-server.js';
import { settingRows } from './settings/described-settings.js';
import { VARIABLES } from './settings/variables.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

describe('README.md', () => {
  it('shows the table of settings that the code has', () => {
    const shown = [...readme.matchAll(/^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$/gm)].map(
      ([, variable, fallback, about]) => [variable, fallback, about],
    );
    expect(shown).toEqual(settingRows().map((row) => [row.variable, row.default, row.about]));
  });

  it('names no option and no variable that does not exist', () => {
    const options = [...readme.matchAll(/`((?:ws|access|refresh|jwt|chat|drain|event)[A-Z]\w+)`/g)].map(
      ([, option]) => option ?? '',
    );
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(VARIABLES).toHaveProperty(option);
    const names = new Set(Object.values(VARIABLES).map(({ name }) => name));
    for (const [, variable = ''] of readme.matchAll(/`([A-Z]{2,}_[A-Z_]+)(?:=[^`]*)?`/g))
      expect(names).toContain(variable);
  });

  it('has an example that runs', async () => {
    const [, code = ''] = /```ts\n(.*?)```/s.exec(readme) ?? [];
    const body = code.replace(/^import .*\n/, '').replaceAll('console.log', 'print');
    const printed: string[] = [];
    const run = new Function('createServer', 'print', `return (async () => {${body}})();`);
    // Its log lines are nobody's business here.
    await run(
      (options: object) => createServer({ ...options, logLevel: 'silent' }),
      (text: string) => printed.push(text),
    );
    expect(printed).toEqual([expect.stringMatching(/^http:\/\/localhost:\d+\/health$/)]);
  });
});
