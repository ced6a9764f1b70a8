import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PAGES, ROOT } from '../contents.mjs';
import { onTheSite, picturesOf } from './links.mjs';

/** The mark of the chat page is that of the site. */
const MARK = 'apps/chat/public/favicon.svg';

/** Writes every page but those of TypeDoc into a folder, which is new then. @param {string} folder */
export async function writePages(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(ROOT, MARK), join(folder, 'public', 'mark.svg'));
  for (const page of PAGES) {
    const text = 'file' in page ? fromFile(page.file, folder) : await page.write();
    const path = join(folder, page.path.endsWith('/') ? `${page.path}index.md` : `${page.path}.md`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, plain(text));
  }
}

/** @param {string} file @param {string} folder */
function fromFile(file, folder) {
  const text = readFileSync(join(ROOT, file), 'utf8');
  for (const picture of picturesOf(text, file))
    cpSync(join(ROOT, picture), join(folder, 'public', picture), { recursive: true });
  return onTheSite(text, file);
}

/** Words behind the language of a block are for our tests; two braces would be an expression of the page. @param {string} text */
const plain = (text) =>
  text
    .replaceAll(/^```(\w+) .*$/gm, '```$1')
    .replaceAll(
      /(```[\s\S]*?\n```|`[^`\n]*`)|\{\{/g,
      (found, code) => code ?? found.replace('{{', '&#123;&#123;'),
    );
