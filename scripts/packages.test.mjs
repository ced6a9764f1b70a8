import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
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
    // It suggests `imports` in place of the field `browser`: that would take an empty module of ours, in two formats (decision 0013).
    const found = messages.filter(({ code }) => code !== 'USE_EXPORTS_OR_IMPORTS_BROWSER');
    expect(found.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([]);
  });

  it.each(entryPoints(name))('can be imported as %s', (entry) => {
    expect(exportNames('module', `await import('${entry}')`).length).toBeGreaterThan(0);
  });

  it('leads from its documents to nothing that is not published with it', () => {
    const { files } = manifestOf(name);
    const published = [...files, 'README.md', 'LICENSE', 'package.json'];
    const documents = ['README.md', ...files.filter((/** @type {string} */ file) => file.endsWith('.md'))];
    const outside = documents.flatMap((file) => {
      const text = readFileSync(join(ROOT, 'packages', name, file), 'utf8').replace(/^```[\s\S]*?^```/gm, '');
      return [...text.matchAll(/\]\(([^)\s#:]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => normalize(target))
        .filter((target) => !published.some((one) => target === one || target.startsWith(`${one}/`)))
        .map((target) => `${file}: ${target}`);
    });
    expect(outside).toEqual([]);
  });

  it('carries the licence', () => {
    const read = (/** @type {string} */ folder) => readFileSync(join(ROOT, folder, 'LICENSE'), 'utf8');
    expect(read(`packages/${name}`)).toBe(read('.'));
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

describe('a package that is packed', () => {
  const guard = join(ROOT, 'scripts', 'prepack.mjs');
  /** @param {string} cwd @param {NodeJS.ProcessEnv} env */
  const pack = (cwd, env) => {
    const { status, stderr } = spawnSync(process.execPath, [guard], { cwd, env, encoding: 'utf8' });
    return { status, stderr };
  };

  it('is refused while it is not built, or where npm would publish it', () => {
    const folder = mkdtempSync(join(tmpdir(), 'goconnect-pack-'));
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ exports: { '.': './dist/index.js' } }));
    const empty = pack(folder, { npm_command: 'pack' });
    mkdirSync(join(folder, 'dist'));
    writeFileSync(join(folder, 'dist', 'index.js'), '');
    const full = ['pack', 'publish'].map((npm_command) => pack(folder, { npm_command }));
    rmSync(folder, { recursive: true });
    expect(empty).toMatchObject({ status: 1, stderr: expect.stringContaining('./dist/index.js') });
    expect(full).toMatchObject([{ status: 0 }, { status: 1, stderr: expect.stringContaining('Releasing') }]);
  });
});
