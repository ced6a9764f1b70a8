import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { vi } from 'vitest';
import { launchOptions } from '../../../../scripts/browser.mjs';
import { startTestServer, type TestServer } from '../../../../scripts/test-server.mjs';
import { ChatPage } from './chat-page.js';

// Patience for a busy machine, not what anything should take.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 120_000 });

const DIST = fileURLToPath(new URL('../../dist', import.meta.url));

export const browserOptions = launchOptions();

/** A real server which serves the built page, and a real browser. */
export interface Stage {
  readonly server: TestServer;
  /** A browser of its own, as far as the page can tell: nothing is shared with another visitor. */
  visitor(options?: BrowserContextOptions): Promise<ChatPage>;
  /** A visitor who has signed in as one of the demo users. */
  user(name: 'ada' | 'grace' | 'linus', options?: BrowserContextOptions): Promise<ChatPage>;
  /** Ends what visitors are left; the server stays. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

export async function openStage(): Promise<Stage> {
  if (!existsSync(`${DIST}/index.html`)) throw new Error('The page is not built: node scripts/run.mjs build');
  const server = await startTestServer({ staticDir: DIST });
  const browser: Browser = await chromium.launch(browserOptions ?? {});
  const visitor = async (options: BrowserContextOptions = {}) => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    context.setDefaultTimeout(30_000);
    const page = new ChatPage(await context.newPage());
    await page.open(server.url);
    return page;
  };
  return {
    server,
    visitor,
    async user(name, options) {
      const page = await visitor(options);
      await page.signIn(`${name}@goconnect.example`, 'goconnect');
      await page.connected();
      return page;
    },
    async clear() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async close() {
      await browser.close();
      await server.stop();
    },
  };
}
