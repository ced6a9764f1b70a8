import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codesPage } from './reference/codes.mjs';
import { httpPage } from './reference/http.mjs';
import { messagesPage } from './reference/messages.mjs';

/** Of the repository. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/**
 * A page of the site: shown at `path`, made of a document of the repository, or written by a function of what the code says.
 * @typedef {{ title: string, path: string } & ({ file: string } | { write: () => string | Promise<string> })} Page
 */

/** @param {string} name @param {string} title @returns {Page} */
const guide = (name, title) => ({ title, path: `/guide/${name}`, file: `apps/docs/guide/${name}.md` });

/** @returns {Page[]} */
function decisions() {
  const folder = 'docs/decisions';
  return readdirSync(join(ROOT, folder))
    .filter((name) => /^\d{4}-.*\.md$/.test(name))
    .sort()
    .map((name) => {
      const file = `${folder}/${name}`;
      const [, title = name] = /^# (.*)$/m.exec(readFileSync(join(ROOT, file), 'utf8')) ?? [];
      return { title, path: `/project/decisions/${name.replace(/\.md$/, '')}`, file };
    });
}

/** What the site has, in the order of its side bar. */
export const SECTIONS = [
  {
    title: 'Guide',
    pages: [
      guide('getting-started', 'Getting started'),
      guide('connection', 'Connection states'),
      guide('sending', 'Sending'),
      guide('receiving', 'Receiving without gaps'),
      guide('people', 'Rooms, people, presence'),
      guide('tokens', 'Log-in and tokens'),
      guide('errors', 'Errors, and what to do'),
      guide('security', 'Security'),
    ],
  },
  {
    title: 'Packages',
    pages: [
      { title: 'Client', path: '/packages/client', file: 'packages/client/README.md' },
      { title: 'Testkit', path: '/packages/testkit', file: 'packages/testkit/README.md' },
      { title: 'Protocol', path: '/packages/protocol', file: 'packages/protocol/README.md' },
      {
        title: 'Examples without the SDK',
        path: '/packages/examples',
        file: 'apps/examples/websocket/README.md',
      },
    ],
  },
  {
    title: 'Running a server',
    pages: [
      { title: 'Server and settings', path: '/server/settings', file: 'packages/server/README.md' },
      { title: 'Operations', path: '/server/operations', file: 'packages/server/OPERATIONS.md' },
      { title: 'Who may do what', path: '/server/permissions', file: 'packages/server/PERMISSIONS.md' },
    ],
  },
  {
    title: 'Reference',
    pages: [
      { title: 'Messages', path: '/reference/messages', write: messagesPage },
      { title: 'Error and close codes', path: '/reference/codes', write: codesPage },
      { title: 'HTTP API', path: '/reference/http', write: httpPage },
      {
        title: 'Conformance clauses',
        path: '/reference/conformance',
        file: 'packages/testkit/CONFORMANCE.md',
      },
      { title: 'Golden files', path: '/reference/golden', file: 'packages/protocol/golden/README.md' },
    ],
  },
  {
    title: 'Project',
    pages: [
      { title: 'Overview', path: '/project/overview', file: 'README.md' },
      { title: 'Architecture', path: '/project/architecture', file: 'ARCHITECTURE.md' },
      { title: 'Proofs', path: '/project/proofs', file: 'apps/proofs/README.md' },
      { title: 'Load', path: '/project/load', file: 'apps/proofs/load/README.md' },
      { title: 'Benchmarks', path: '/project/bench', file: 'apps/bench/README.md' },
      { title: 'Decisions', path: '/project/decisions/', file: 'docs/decisions/README.md' },
      { title: 'Contributing', path: '/project/contributing', file: 'CONTRIBUTING.md' },
    ],
  },
].map((section) => ({ ...section, pages: /** @type {Page[]} */ (section.pages) }));

/** Pages that no side bar names. @type {Page[]} */
const BESIDE = [{ title: 'GoConnect', path: '/', file: 'apps/docs/index.md' }, ...decisions()];

export const PAGES = [...BESIDE, ...SECTIONS.flatMap(({ pages }) => pages)];

/** What TypeDoc writes a page of each of, at `/api/<name>`: entry points of the packages, as they are imported. */
export const API = {
  '@goconnect/client': 'packages/client/src/index.ts',
  '@goconnect/client/react': 'packages/client/src/react.ts',
  '@goconnect/client/storage/indexeddb': 'packages/client/src/storage/indexeddb.ts',
  '@goconnect/client/storage/file': 'packages/client/src/storage/file.ts',
  '@goconnect/testkit': 'packages/testkit/src/index.ts',
  '@goconnect/server': 'packages/server/src/index.ts',
  '@goconnect/server/open-telemetry': 'packages/server/src/open-telemetry.ts',
  '@goconnect/protocol': 'packages/protocol/src/index.ts',
  '@goconnect/protocol/validators': 'packages/protocol/src/validators.ts',
};

/** @param {string} name of an entry point */
export const apiPath = (name) => `/api/${name.replace('@goconnect/', '')}`;
