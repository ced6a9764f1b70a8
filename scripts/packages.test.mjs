import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, it } from 'vitest';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** A folder which depends on all four packages. */
const CONSUMER = join(ROOT, 'apps', 'examples');

/** @param {string} name */
const manifestOf = (name) => JSON.parse(readFileSync(join(ROOT, 'packages', name, 'package.json'), 'utf8'));

/** Entry points which hold code, as a consumer writes them. @param {string} name @param {string} [condition] */
const entryPoints = (name, condition) =>
  Object.entries(manifestOf(name).exports)
    .filter(([, target]) => typeof target === 'object' && (!condition || condition in target))
    .map(([path]) => `@goconnect/${name}${path.slice(1)}`);

/** @param {'commonjs' | 'module'} type @param {string} loading an expression which gives the module @returns {string[]} */
const exportNames = (type, loading) => {
  const script = `console.log(JSON.stringify(Object.keys(${loading}).filter((name) => name !== 'default').sort()))`;
  return JSON.parse(
    execFileSync(process.execPath, [`--input-type=${type}`, '-e', script], {
      cwd: CONSUMER,
      encoding: 'utf8',
    }),
  );
};

describe.each(['protocol', 'client', 'server', 'testkit'])('@goconnect/%s', (name) => {
  it('is a package that publint finds nothing wrong with', async () => {
    const { messages, pkg } = await publint({
      pkgDir: join(ROOT, 'packages', name),
      pack: false,
      strict: true,
    });
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it.each(entryPoints(name))('can be imported as %s', (entry) => {
    expect(exportNames('module', `await import('${entry}')`).length).toBeGreaterThan(0);
  });

  it('has only exact versions of others', () => {
    const { dependencies, devDependencies } = manifestOf(name);
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([other, version]) =>
        !(other.startsWith('@goconnect/') ? version === 'workspace:^' : /^\d+\.\d+\.\d+$/.test(version)),
    );
    expect(loose).toEqual([]);
  });
});

it('@goconnect/client throws an error whose class has the name that Node prints', () => {
  const script = `import { GoConnectError } from '@goconnect/client'; console.log(GoConnectError.name)`;
  const options = { cwd: CONSUMER, encoding: /** @type {const} */ ('utf8') };
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], options);
  expect(printed.trim()).toBe('GoConnectError');
});

it('@goconnect/client has types that a page can be compiled with', () => {
  const asPage =
    '--strict --lib es2022,dom --types react --module preserve --target es2022 --skipLibCheck false';
  const tsc = [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    '--noEmit',
    '--ignoreConfig',
    ...asPage.split(' '),
  ];
  execFileSync(process.execPath, [...tsc, 'test/browser-types.ts'], { cwd: CONSUMER, stdio: 'inherit' });
}, 120_000);

describe.each(['protocol', 'client'].flatMap((name) => entryPoints(name, 'require')))('%s', (entry) => {
  it('gives the same to require as to import', () => {
    expect(exportNames('commonjs', `require('${entry}')`)).toEqual(
      exportNames('module', `await import('${entry}')`),
    );
  });
});
