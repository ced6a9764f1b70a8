import { existsSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { PAGES, ROOT } from '../contents.mjs';

/** Where the documents of the repository are on the site. */
const SITE_PATHS = new Map(PAGES.flatMap((page) => ('file' in page ? [[page.file, page.path]] : [])));

/** Links and pictures of Markdown, but not what stands in blocks of code. */
const LINK = /(```[\s\S]*?\n```|`[^`\n]*`)|(!?)\[((?:[^\][]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g;

/**
 * A document as a page: links to other documents lead to their pages, links to other files of the repository become their names.
 * @param {string} text @param {string} file where it lies in the repository
 */
export function onTheSite(text, file) {
  return text.replace(LINK, (whole, code, picture, words, target) => {
    if (code !== undefined || /^([a-z]+:|#|\/)/.test(target)) return whole;
    const [path = '', anchor] = decodeURI(target).split('#');
    const inRepository = normalize(join(dirname(file), path)).replace(/\/$/, '');
    if (picture) return `![${words}](/${inRepository})`;
    const page = pageOf(inRepository);
    if (page !== undefined) return `[${words}](${page}${anchor === undefined ? '' : `#${anchor}`})`;
    return words === `\`${path}\`` || words === path
      ? `\`${inRepository}\``
      : `${words} (\`${inRepository}\`)`;
  });
}

/** @param {string} path in the repository @returns {string | undefined} */
function pageOf(path) {
  const own = SITE_PATHS.get(path);
  if (own !== undefined || !existsSync(join(ROOT, path))) return own;
  return statSync(join(ROOT, path)).isDirectory() ? SITE_PATHS.get(`${path}/README.md`) : undefined;
}

/** Pictures that a document shows, as they lie in the repository. @param {string} text @param {string} file */
export function picturesOf(text, file) {
  return [...text.matchAll(LINK)].flatMap(([, code, picture, , target = '']) =>
    code === undefined && picture && !/^([a-z]+:|\/)/.test(target)
      ? [normalize(join(dirname(file), target))]
      : [],
  );
}
