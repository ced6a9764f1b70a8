import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const CONFIG = join(ROOT, '.dependency-cruiser.cjs');

/** Each a file, what it imports, and the rule which must refuse that import. */
const REFUSED = [
  ['protocol/src/primitives/a', '../messages/chat.js', 'protocol-layers-primitives'],
  ['protocol/src/messages/a', '../registry.js', 'protocol-layers-messages'],
  ['protocol/src/registry', './envelope.js', 'protocol-layers-registry'],
  ['protocol/src/envelope', './codec.js', 'protocol-layers-envelope'],
  ['protocol/src/messages/b', '@goconnect/server', 'protocol-stands-alone'],
  ['protocol/src/messages/c', '../../../client/src/support/clock.js', 'through-the-name'],
  ['protocol/src/messages/d', './nowhere.js', 'no-unresolved'],
  ['client/src/support/a', '../socket/port.js', 'client-layers-support'],
  ['client/src/socket/a', '../session/machine.js', 'client-layers-socket'],
  ['client/src/session/a', '../operations/outbox.js', 'client-layers-session'],
  ['client/src/operations/a', '../create-client.js', 'client-layers-operations'],
  ['client/src/operations/b', '../index.js', 'index-is-for-outside'],
  ['client/src/operations/c', '@goconnect/server', 'client-stands-alone'],
  ['client/src/operations/d', '@goconnect/protocol', 'client-without-zod'],
  ['client/src/operations/e', 'zod', 'client-without-zod'],
  ['client/src/operations/f', 'left-pad', 'no-unresolved'],
  ['client/src/operations/g', 'only-for-tests', 'shipped-dependencies'],
  ['client/src/operations/h', 'nobody-declared', 'declared-dependencies'],
  ['client/src/session/circle-one', './circle-two.js', 'no-cycles'],
  ['server/src/ports/a', '../domain/rooms.js', 'server-layers-ports'],
  ['server/src/domain/a', '../operations/operations.js', 'server-layers-domain'],
  ['server/src/operations/a', '../handlers/chat.js', 'server-layers-operations'],
  ['server/src/handlers/a', '../gateway/gateway.js', 'server-layers-handlers'],
  ['server/src/gateway/a', '../transport/ws.js', 'server-layers-gateway'],
  ['server/src/gateway/b', '@goconnect/client', 'server-stands-alone'],
  ['server/src/transport/a', '../gateway/gateway.js', 'server-layers-transport'],
  ['server/src/http/a', '../adapters/sqlite.js', 'server-layers-http'],
  ['server/src/adapters/a', '../http/app.js', 'server-layers-adapters'],
  ['server/src/settings/a', '../adapters/sqlite.js', 'server-layers-settings'],
  ['testkit/src/support/a', '../time/clock.js', 'testkit-layers-support'],
  ['testkit/src/chance/a', '../time/clock.js', 'testkit-layers-chance'],
  ['testkit/src/time/a', '../network/link.js', 'testkit-layers-time'],
  ['testkit/src/network/a', '../fake-server/world.js', 'testkit-layers-network'],
  ['testkit/src/fake-server/a', '../conformance/cases.js', 'testkit-layers-fake-server'],
  ['testkit/src/a', '@goconnect/client', 'testkit-stands-alone'],
];

/** Imports which are right, type imports included. */
const ALLOWED = [
  ['protocol/src/codec', './messages/chat.js'],
  ['client/src/create-client', './operations/outbox.js'],
  ['client/src/operations/z', '@goconnect/protocol/validators'],
  ['server/src/ports/store', '../domain/entities.js'],
  ['server/src/create-server', './adapters/sqlite.js'],
  ['server/src/http/z', '../operations/operations.js'],
  ['testkit/src/z.test', '@goconnect/client'],
];

const TARGETS = [
  'protocol/src/messages/chat',
  'client/src/support/clock',
  'client/src/socket/port',
  'client/src/session/machine',
  'client/src/operations/outbox',
  'client/src/index',
  'server/src/domain/rooms',
  'server/src/domain/entities',
  'server/src/operations/operations',
  'server/src/handlers/chat',
  'server/src/gateway/gateway',
  'server/src/transport/ws',
  'server/src/adapters/sqlite',
  'server/src/http/app',
  'testkit/src/time/clock',
  'testkit/src/network/link',
  'testkit/src/fake-server/world',
  'testkit/src/conformance/cases',
  ...['protocol', 'client', 'server', 'testkit'].map((name) => `${name}/dist/index`),
];

/** @type {string} */
let folder;
/** @type {{ from: string, to: string, rule: { name: string } }[]} */
let violations;

/** @param {string} path @param {string} text */
function write(path, text) {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** @param {string} path @param {object} manifest */
function writePackage(path, manifest) {
  write(join(path, 'package.json'), JSON.stringify({ version: '0.1.0', type: 'module', ...manifest }));
}

function writeWorkspace() {
  for (const name of ['protocol', 'client', 'server', 'testkit']) {
    const others = ['protocol', 'client', 'server', 'testkit'].filter((other) => other !== name);
    writePackage(`packages/${name}`, {
      name: `@goconnect/${name}`,
      exports: { '.': './dist/index.js', './validators': './dist/validators.js' },
      dependencies: { zod: '1', ...Object.fromEntries(others.map((other) => [`@goconnect/${other}`, '1'])) },
      devDependencies: { 'only-for-tests': '1' },
    });
    mkdirSync(join(folder, `packages/${name}/node_modules/@goconnect`), { recursive: true });
    for (const other of others)
      symlinkSync(
        join(folder, `packages/${other}`),
        join(folder, `packages/${name}/node_modules/@goconnect/${other}`),
      );
  }
  for (const name of ['zod', 'only-for-tests', 'nobody-declared']) {
    writePackage(`packages/client/node_modules/${name}`, { name, main: './index.js' });
    write(`packages/client/node_modules/${name}/index.js`, 'export const x = 1;\n');
  }
  write('packages/protocol/dist/validators.js', 'export const x = 1;\n');
  for (const path of TARGETS)
    write(`packages/${path}.${path.includes('/dist/') ? 'js' : 'ts'}`, 'export const x = 1;\n');
  for (const [path, target] of [...ALLOWED, ...REFUSED])
    write(`packages/${path}.ts`, `import type { x } from '${target}';\nexport type X = typeof x;\n`);
  // These are about what a bundle would hold, so the import must be of a value.
  for (const [path, target, rule] of REFUSED)
    if (['client-without-zod', 'shipped-dependencies'].includes(rule ?? ''))
      write(`packages/${path}.ts`, `import { x } from '${target}';\nexport const y = x;\n`);
  write(
    'packages/client/src/session/circle-two.ts',
    "import type { X } from './circle-one.js';\nexport type x = X;\n",
  );
}

beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'goconnect layers ')));
  copyFileSync(join(ROOT, 'tsconfig.base.json'), join(folder, 'tsconfig.base.json'));
  writeWorkspace();
  const result = spawnSync(
    process.execPath,
    [CRUISER, '--config', CONFIG, '--output-type', 'json', 'packages'],
    {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    },
  );
  expect(result.stderr).toBe('');
  violations = JSON.parse(result.stdout).summary.violations;
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const rulesBrokenBy = (/** @type {string} */ path) =>
  violations.filter(({ from }) => from === `packages/${path}.ts`).map(({ rule }) => rule.name);

describe('the layers', () => {
  it.each(REFUSED)('refuse that %s imports %s (%s)', (path, _target, rule) => {
    expect(rulesBrokenBy(path)).toContain(rule);
  });

  it.each(ALLOWED)('allow that %s imports %s', (path) => {
    expect(rulesBrokenBy(path)).toEqual([]);
  });
});
