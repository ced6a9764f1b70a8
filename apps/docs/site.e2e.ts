import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchOptions } from '../../scripts/browser.mjs';
import { exclusively, installAlone } from '../../scripts/run/toolchain.mjs';
import { buildSite, serveSite } from './build.mjs';
import { PAGES, SECTIONS } from './contents.mjs';

const options = launchOptions();
const SITE = fileURLToPath(new URL('dist/site/', import.meta.url));

describe.skipIf(options === undefined)('the documentation site', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof serveSite>>;
  let base: string;

  beforeAll(async () => {
    await exclusively(() => installAlone('apps/docs/site'));
    // Fails on any link that leads nowhere.
    await buildSite();
    server = await serveSite(0);
    base = `http://localhost:${(server.address() as AddressInfo).port}`;
    browser = await chromium.launch(options);
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
  });

  /** A page whose faults are gathered: what it says on the console, and whom else it asks. */
  const visit = async (path: string, context: Parameters<Browser['newPage']>[0] = {}) => {
    const page = await browser.newPage(context);
    const faults: string[] = [];
    page.on('console', (message) => message.type() === 'error' && faults.push(message.text()));
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(base) && !request.url().startsWith('data:')) faults.push(request.url());
    });
    await page.goto(`${base}${path}`, { waitUntil: 'networkidle' });
    return { page, faults };
  };
  const wider = (page: Page) =>
    page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

  it('has every page, and no heading of a page is missing', () => {
    for (const { path } of PAGES) {
      const html = path.endsWith('/') ? `${path}index.html` : `${path}.html`;
      expect(existsSync(join(SITE, html)), path).toBe(true);
      expect(readFileSync(join(SITE, html), 'utf8'), path).toContain('<h1');
    }
    for (const name of ['client', 'client/react', 'testkit', 'server', 'protocol'])
      expect(existsSync(join(SITE, 'api', `${name}.html`)), name).toBe(true);
  });

  it('names no machine that made it', () => {
    const here = fileURLToPath(new URL('../..', import.meta.url));
    const pages = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.(html|js)$/.test(name),
    );
    expect(pages.filter((name) => readFileSync(join(SITE, name), 'utf8').includes(here))).toEqual([]);
  });

  it.each(['/', ...SECTIONS.map(({ pages }) => pages[0]?.path ?? ''), '/api/client.html'])(
    'shows %s without a fault, without anybody else, and on a phone without scrolling sideways',
    async (path) => {
      const { page, faults } = await visit(path, {
        viewport: { width: 320, height: 640 },
        colorScheme: 'dark',
      });
      expect(await page.locator('h1').first().textContent()).not.toBe('');
      expect(await wider(page)).toBeLessThanOrEqual(0);
      expect(faults).toEqual([]);
      await page.close();
    },
  );

  it('finds a code by its search, with the keyboard alone', async () => {
    const { page, faults } = await visit('/guide/people.html', { viewport: { width: 1_280, height: 800 } });
    await page.keyboard.press('Control+k');
    await page.locator('.VPLocalSearchBox input').waitFor();
    await page.keyboard.type('unknown_outcome');
    await page.locator('.VPLocalSearchBox .result', { hasText: 'Sending' }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/guide/sending*');
    await page.getByRole('heading', { level: 1, name: 'Sending' }).waitFor();
    expect(faults).toEqual([]);
    await page.close();
  });
});
