import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { launchOptions } from '../../../scripts/browser.mjs';
import type { Example } from './example.js';

const PAGE = pathToFileURL(fileURLToPath(new URL('../websocket/simple_chat.html', import.meta.url))).href;
const PATIENCE_MS = 30_000;
const options = launchOptions();
let browser: Browser | undefined;

/** `simple_chat.html`, opened from disk as a reader of the folder would. */
export const pageExample: Example = {
  name: 'simple_chat.html',
  available: options !== undefined,
  async prepare() {
    browser = await chromium.launch(options ?? {});
  },
  async run({ base, scope, as }) {
    const context = await browser?.newContext();
    if (!context) throw new Error('prepare() comes first');
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(PAGE);
    await page.getByLabel('Server').fill(base);
    await page.getByLabel('Scope').fill(scope);
    if ('token' in as) await page.getByLabel('or an access token').fill(as.token);
    else {
      await page.getByLabel('E-mail').fill(as.email);
      await page.getByLabel('Password').fill(as.password);
    }
    await page.getByRole('button', { name: 'Connect', exact: true }).click();
    const status = page.getByRole('status');
    const line = (className: string, text: string | RegExp) =>
      page.getByRole('log').locator(`p[class="${className}"]`).filter({ hasText: text });
    return {
      async say(text) {
        await page.getByLabel('Message', { exact: true }).fill(text);
        await page.getByRole('button', { name: 'Send' }).click();
      },
      async shows(outcome, text) {
        if (outcome === 'received') await line('', new RegExp(`^(?!me: ).*: ${text}$`)).waitFor();
        else if (outcome === 'sent') await line('', new RegExp(`^me: ${text}$`)).waitFor();
        else await line('failed', `me: ${text} (unknown_outcome`).waitFor();
      },
      connected: () => status.filter({ hasText: /^Connected/ }).waitFor(),
      disconnected: () => status.filter({ hasText: 'Next try' }).waitFor(),
      async leave() {
        await page.getByRole('button', { name: 'Disconnect' }).click();
        await status.filter({ hasText: 'You have disconnected.' }).waitFor();
        await context.close();
        if (errors.length > 0) throw new Error(errors.join('\n'));
        return 0;
      },
    };
  },
  dispose: async () => await browser?.close(),
};
