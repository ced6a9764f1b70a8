/**
 * The layers of design: a file imports its own layer and those before it. Type imports count as well.
 * `npm run check` fails with the name of the rule which an import breaks.
 */

/** What is not shipped: it may look wherever it wants inside its own package. */
const TESTS = '\\.(test|e2e|bench)\\.tsx?$|/test/|/testing/';

/**
 * One rule per layer. `order` names each layer with the layers it may import; a layer is a folder or a file without its ending.
 * @param {string} pkg
 * @param {Record<string, string[]>} order
 */
function layers(pkg, order) {
  const src = `^packages/${pkg}/src/`;
  return Object.entries(order).map(([layer, allowed]) => ({
    name: `${pkg}-layers-${layer}`,
    comment: `${pkg}/${layer} may import only: ${[layer, ...allowed].join(', ')}`,
    severity: 'error',
    from: { path: `${src}${layer}(/|\\.tsx?$)`, pathNot: TESTS },
    to: { path: src, pathNot: [layer, ...allowed].map((name) => `${src}${name}(/|\\.tsx?$)`) },
  }));
}

/** @param {string} pkg @param {string} others */
const stranger = (pkg, others) => ({
  name: `${pkg}-stands-alone`,
  comment: `${pkg} knows the protocol only: a change of another package must not reach it`,
  severity: 'error',
  from: { path: `^packages/${pkg}/`, pathNot: pkg === 'testkit' ? TESTS : '^$' },
  to: { path: `^packages/(${others})/|^@goconnect/(${others})(/|$)` },
});

// What the others may use of `domain` without closing a circle: plain descriptions without behaviour.
const entities = ['domain/entities', 'domain/operation-error'];

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Two files which need each other are one file, or lack a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unresolved',
      comment: 'An import which leads nowhere, or a package which is not in this package.json',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'declared-dependencies',
      comment: 'A dependency which this package.json does not name works only by luck',
      severity: 'error',
      from: {},
      // A peer is declared, although the cruiser calls it `npm-no-pkg` as well.
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'shipped-dependencies',
      comment: 'What is shipped may not need what only a developer has installed',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/', pathNot: TESTS },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
    {
      name: 'through-the-name',
      comment:
        'Another package is imported by its name, which its exports map guards, never by a path into it; the files that name the cores for the model check, and the adapters for the cases of the testkit, may (decision 0018)',
      severity: 'error',
      from: {
        path: '^(packages|apps)/([^/]+)/',
        pathNot: '^apps/proofs/(model-check/cores|contracts/adapters)\\.ts$',
      },
      to: { path: '^(packages|apps)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
    },
    {
      name: 'index-is-for-outside',
      comment: 'Only the outside imports index.ts: inside, a barrel makes cycles',
      severity: 'error',
      from: { path: '^packages/([^/]+)/src/', pathNot: TESTS },
      to: { path: '^packages/$1/src/index\\.ts$' },
    },
    {
      name: 'protocol-stands-alone',
      comment: 'protocol imports nothing of ours: everyone else stands on it',
      severity: 'error',
      from: { path: '^packages/protocol/' },
      to: { path: '^(packages/(?!protocol/)|apps/)|^@goconnect/' },
    },
    stranger('client', 'server|testkit'),
    stranger('server', 'client|testkit'),
    stranger('testkit', 'client|server'),
    {
      name: 'client-without-zod',
      comment: 'The bundle of the client holds no zod: it imports @goconnect/protocol/validators',
      severity: 'error',
      from: { path: '^packages/client/src/', pathNot: TESTS },
      to: {
        path: '(^|/)node_modules/zod/|^packages/protocol/dist/index\\.',
        dependencyTypesNot: ['type-only'],
      },
    },
    ...layers('protocol', {
      primitives: [],
      messages: ['primitives'],
      registry: ['messages', 'primitives'],
      generated: ['primitives', 'contract-types'],
      envelope: ['registry', 'messages', 'primitives', 'generated', 'contract-types'],
      codec: ['envelope', 'registry', 'messages', 'primitives', 'generated', 'contract-types', 'validators'],
    }),
    ...layers('client', {
      support: [],
      socket: ['support'],
      session: ['socket', 'support'],
      operations: ['session', 'socket', 'support'],
      // Subpaths of their own: of the client they know the port only.
      storage: ['operations/outbox-storage', 'support'],
      'create-client': ['client', 'client-options', 'operations', 'session', 'socket', 'support'],
      react: ['client', 'operations', 'session', 'support'],
    }),
    ...layers('server', {
      ports: entities,
      domain: ['ports'],
      operations: ['domain', 'ports'],
      handlers: ['operations', 'domain', 'ports'],
      gateway: ['handlers', 'operations', 'domain', 'ports'],
      transport: ['domain', 'ports'],
      http: ['operations', 'domain', 'ports'],
      adapters: ['domain', 'ports'],
      settings: [],
    }),
    ...layers('testkit', {
      support: [],
      chance: ['support'],
      time: ['chance', 'support'],
      network: ['time', 'chance', 'support'],
      'fake-server': ['network', 'time', 'chance', 'support'],
    }),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^(packages|apps)/[^/]+/dist/'] },
    // The tools of the documentation site are installed where that is made, and nowhere else.
    exclude: { path: ['^(packages|apps)/[^/]+/(coverage|\\.turbo|\\.scratch)/', '^apps/docs/site/'] },
    // Types make layers too, and so do imports which the compiler erases.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.cjs', '.json', '.d.ts'],
    },
  },
};
