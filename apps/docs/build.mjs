import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { writeApi } from './pages/write-api.mjs';
import { writePages } from './pages/write-pages.mjs';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** Makes the site from the documents, the code and the built packages. The tools of `site/` must be installed. */
export async function buildSite() {
  const pages = here('dist/pages');
  await writePages(pages);
  await writeApi(pages, tool);
  await tool('vitepress/bin/vitepress.js', ['build', here('site')]);
}

/** Serves what was built. @param {number} port 0 takes any free one @returns {Promise<import('node:http').Server>} */
export async function serveSite(port) {
  const { serve } = await import(here('site/node_modules/vitepress/dist/node/index.js'));
  const { server } = await serve({ root: here('site'), port });
  if (!server.listening) await once(server, 'listening');
  return server;
}

/** Runs a script of the site's tools; what it says is told when it fails. @param {string} file @param {string[]} args */
async function tool(file, args) {
  const child = spawn(process.execPath, [here(`site/node_modules/${file}`), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk) => {
      said += chunk;
    });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} failed:\n${said}`);
}
