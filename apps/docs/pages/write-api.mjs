import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { API, ROOT } from '../contents.mjs';

const SITE = fileURLToPath(new URL('../site/', import.meta.url));

/**
 * Has TypeDoc write a page for each entry point, from what stands beside the code.
 * @param {string} folder @param {(file: string, args: string[]) => Promise<void>} tool runs a script of the site's tools
 */
export async function writeApi(folder, tool) {
  const settings = join(dirname(folder), 'typedoc');
  mkdirSync(settings, { recursive: true });
  const tsconfig = join(settings, 'tsconfig.json');
  writeFileSync(tsconfig, JSON.stringify(compilerOptions()));
  const options = join(settings, 'typedoc.json');
  writeFileSync(options, JSON.stringify(typedocOptions(join(folder, 'api'), tsconfig)));
  await tool('typedoc/bin/typedoc', ['--options', options]);
}

function compilerOptions() {
  return {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: {
      lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      types: ['node'],
      typeRoots: [join(ROOT, 'apps/docs/node_modules/@types')],
      jsx: 'react-jsx',
    },
    include: [join(ROOT, 'packages/*/src')],
  };
}

/** @param {string} out @param {string} tsconfig */
function typedocOptions(out, tsconfig) {
  return {
    plugin: [
      join(SITE, 'node_modules/typedoc-plugin-markdown/dist/index.js'),
      join(SITE, 'module-names.mjs'),
    ],
    out,
    tsconfig,
    entryPoints: Object.values(API).map((file) => join(ROOT, file)),
    readme: 'none',
    logLevel: 'Warn',
    // The tests have checked them, with each package's own options.
    skipErrorChecking: true,
    validation: { notExported: false, invalidLink: false },
    excludePrivate: true,
    excludeInternal: true,
    disableSources: true,
    outputFileStrategy: 'modules',
    entryFileName: 'index',
    pageTitleTemplates: { module: '@goconnect/{name}' },
    hidePageHeader: true,
    hideBreadcrumbs: true,
    useCodeBlocks: true,
    parametersFormat: 'table',
    interfacePropertiesFormat: 'table',
    typeDeclarationFormat: 'table',
  };
}
