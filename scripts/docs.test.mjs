import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer } from './test-server.mjs';

/**
 * What the documents show must work. `ts` and `js` blocks are type-checked against the built packages; one whose
 * fence says `runnable` also runs against a server in development mode. Commands in `sh` blocks, and links to
 * files, must exist. A `ts` block which is deliberately incomplete says `fragment` and is only parsed. Every block
 * may use `accessToken`, which stands for what a login gave.
 */
const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
/** Its dependencies are what the blocks may import. */
const EXAMPLES = join(ROOT, 'apps', 'examples');
const SITE_DOCUMENTS = join(ROOT, 'apps', 'docs');
const DOCUMENTED_URL = 'localhost:8080';
const LOGIN = { email: 'ada@goconnect.example', password: 'goconnect' };
const AMBIENT = join(EXAMPLES, 'access-token.d.ts');

/** Commands of others, which a reader is expected to have. */
const COMMANDS_OF_OTHERS = new Set([
  'git',
  'cd',
  'curl',
  'docker',
  'go',
  'apt-get',
  'export',
  'mkdir',
  'openssl',
  'psql',
  'promtool',
  'cp',
  'systemctl',
]);
const NPM_OWN = new Set(['install', 'i', 'ci', 'init', 'pack', 'publish']);

/** @param {string} folder @returns {string[]} */
function markdownBelow(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name.startsWith('.') || ['node_modules', 'dist'].includes(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? markdownBelow(path) : path.endsWith('.md') ? [path] : [];
  });
}

/** @typedef {{ where: string, language: string, tags: string[], code: string }} Block */

/** @param {string} file @returns {Block[]} */
function blocksOf(file) {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```/gm)].map((match) => ({
    where: `${relative(ROOT, file)}:${text.slice(0, match.index).split('\n').length}`,
    language: match[1] ?? '',
    tags: (match[2] ?? '').trim().split(/\s+/),
    code: match[3] ?? '',
  }));
}

const documents = markdownBelow(ROOT);
const blocks = documents.flatMap(blocksOf);
const code = blocks.filter(({ language }) => ['ts', 'tsx', 'js'].includes(language));

/** @param {Block} block */
const fileFor = ({ where, language }) => join(EXAMPLES, `${where.replace(/\W+/g, '-')}.${language}`);

/** Checks all blocks in one program, without writing them anywhere. @returns {Map<string, string[]>} */
function typeErrors() {
  const checked = new Map(
    code.filter(({ tags }) => !tags.includes('fragment')).map((block) => [fileFor(block), block]),
  );
  const { config } = ts.readConfigFile(join(EXAMPLES, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, EXAMPLES);
  const all = { ...options, allowJs: true, checkJs: true, jsx: ts.JsxEmit.ReactJSX };
  const host = ts.createCompilerHost(all);
  const { fileExists, readFile, getSourceFile } = host;
  const virtual = new Map([...checked].map(([file, block]) => [file, block.code]));
  virtual.set(AMBIENT, 'declare const accessToken: string;');
  host.fileExists = (file) => virtual.has(file) || fileExists(file);
  host.readFile = (file) => virtual.get(file) ?? readFile(file);
  host.getSourceFile = (file, version, ...rest) => {
    const text = virtual.get(file);
    return text !== undefined
      ? ts.createSourceFile(file, text, version, true)
      : getSourceFile(file, version, ...rest);
  };
  const program = ts.createProgram([...virtual.keys()], all, host);
  const errors = new Map();
  for (const { file, messageText } of ts.getPreEmitDiagnostics(program)) {
    if (file && checked.has(file.fileName))
      errors.set(file.fileName, [
        ...(errors.get(file.fileName) ?? []),
        ts.flattenDiagnosticMessageText(messageText, '\n'),
      ]);
  }
  return errors;
}

const manifest = (/** @type {string} */ path) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const scripts = Object.keys(manifest('package.json').scripts);
const commands = ['server', 'testkit'].flatMap((folder) => {
  const { name, bin = {} } = manifest(`packages/${folder}/package.json`);
  return Object.keys(bin).map((command) => ({ name, bin: command }));
});
const bins = commands.map(({ bin }) => bin);

const ASSIGNMENTS = /^(?:[A-Z_]+=(?:"[^"]*"|'[^']*'|\S*)\s*)+/;

/** @param {string} command @returns {string | undefined} what is wrong with it */
function complaint(command) {
  const [program = '', first = '', second = '', third = ''] = command.replace(ASSIGNMENTS, '').split(/\s+/);
  if (program === '') return undefined;
  if (program === 'npm') {
    const script = first === 'run' ? second : first;
    return scripts.includes(script) || NPM_OWN.has(first) ? undefined : `no npm script "${script}"`;
  }
  if (program === 'node') return existsSync(join(ROOT, first)) ? undefined : `no file ${first}`;
  if (program === 'npx') {
    const ours = first === '-p' && commands.some(({ name, bin }) => name === second && bin === third);
    return ours ? undefined : 'not npx -p <our package> <its command>';
  }
  return bins.includes(program) || COMMANDS_OF_OTHERS.has(program) ? undefined : `unknown command ${program}`;
}

/** @param {string} shell */
const commandsIn = (shell) =>
  shell
    .replaceAll('\\\n', ' ')
    .replace(/(^|\s)#.*$/gm, '')
    .split(/\n|&&|\|\|?|;/)
    .map((line) => line.replace(/^\s*\$\s/, '').trim());

/** @param {string} base @returns {Promise<string>} */
async function logIn(base) {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${base}/v1/auth/login`, {
    method: 'POST',
    headers,
    body: JSON.stringify(LOGIN),
  });
  const { data } = /** @type {{ data: { access_token: string } }} */ (await response.json());
  return data.access_token;
}

/** @param {string} source */
function transpile(source) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

/** @param {Block} block @param {string} folder @param {string} host @returns {Promise<{ exitCode: number, output: string }>} */
async function runAsReader(block, folder, host) {
  const file = join(folder, `${basename(fileFor(block))}.mjs`);
  const token = `globalThis.accessToken = ${JSON.stringify(await logIn(`http://${host}`))};\n`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'access-token.mjs'), token);
  writeFileSync(
    file,
    `import './access-token.mjs';\n${transpile(block.code.replaceAll(DOCUMENTED_URL, host))}`,
  );
  const reader = spawn(process.execPath, [file], { cwd: folder, timeout: 20_000 });
  let output = '';
  for (const stream of [reader.stdout, reader.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      output += chunk;
    });
  const [exitCode] = await once(reader, 'close');
  return { exitCode, output };
}

describe('the documents', () => {
  it('show code which compiles', { timeout: 60_000 }, () => {
    const errors = typeErrors();
    const found = code.flatMap((block) =>
      (errors.get(fileFor(block)) ?? []).map((error) => `${block.where} ${error}`),
    );
    expect(found).toEqual([]);
  });

  it('show fragments which at least parse', () => {
    const broken = code
      .filter(({ tags }) => tags.includes('fragment'))
      .flatMap((block) => {
        const { diagnostics = [] } = ts.transpileModule(block.code, { reportDiagnostics: true });
        return diagnostics.map(({ messageText }) => `${block.where} ${messageText}`);
      });
    expect(broken).toEqual([]);
  });

  it('name commands which exist', () => {
    const wrong = blocks
      .filter(({ language }) => ['sh', 'bash', 'shell'].includes(language))
      .flatMap(({ where, code: shell }) =>
        commandsIn(shell).map((command) => [where, command, complaint(command)]),
      )
      .filter(([, , what]) => what !== undefined);
    expect(wrong).toEqual([]);
  });

  it('send nobody to a package of somebody else: npx takes the name of a command for one', () => {
    const bare = documents.flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/\bnpx (?!-p @goconnect\/)[^\n`]*\bgoconnect-\w+/g)].map(
        ([text]) => `${relative(ROOT, file)}: ${text}`,
      ),
    );
    expect(bare).toEqual([]);
  });

  it('link to files which exist', () => {
    const dead = documents.flatMap((file) =>
      [
        ...readFileSync(file, 'utf8')
          .replace(/^```[\s\S]*?^```/gm, '')
          .matchAll(/\]\(([^)\s#]+)[^)]*\)|src="([^"]+)"/g),
      ]
        .map((match) => decodeURI(match[1] ?? match[2] ?? ''))
        // A page of the documentation site that is made when that is built: apps/docs looks after those.
        .filter((target) => !(target.startsWith('/') && file.startsWith(SITE_DOCUMENTS)))
        .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(file), target)))
        .map((target) => `${relative(ROOT, file)}: ${target}`),
    );
    expect(dead).toEqual([]);
  });

  const runnable = code.filter(({ tags }) => tags.includes('runnable'));
  describe.runIf(runnable.length > 0)('run as shown', () => {
    // Inside node_modules, so that a block finds the packages it imports and nothing else finds the block.
    const folder = join(EXAMPLES, 'node_modules', `.docs-${process.pid}`);
    /** @type {Awaited<ReturnType<typeof startTestServer>>} */
    let server;
    beforeAll(async () => {
      server = await startTestServer();
    }, 60_000);
    afterAll(async () => {
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it.each(runnable)('$where', { timeout: 60_000 }, async (block) => {
      const { exitCode, output } = await runAsReader(block, folder, new URL(server.url).host);
      expect(exitCode, output).toBe(0);
    });
  });
});
