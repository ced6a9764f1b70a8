import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { launchOptions } from '../../../scripts/browser.mjs';
import { startTestServer, type TestServer } from '../../../scripts/test-server.mjs';
import { openReader, type Reader } from './reader.js';

const PAGE = fileURLToPath(new URL('../../chat/dist', import.meta.url));

export const browserOptions = launchOptions();

export interface Stage {
  readonly server: TestServer;
  readonly browser: Browser;
  readonly reader: Reader;
  end(): Promise<void>;
}

/** The real server with the real page, a real browser, and somebody who reads along. */
export async function openStage(): Promise<Stage> {
  // The rate limit has its own tests; here it would only make everything slow.
  const env = { WS_RATE_CLIENT: '10000/1s', WS_RATE_NETWORK: '10000/1s' };
  const server = await startTestServer({ staticDir: PAGE, env });
  const browser = await chromium.launch(browserOptions ?? {});
  const reader = await openReader(server.url);
  return {
    server,
    browser,
    reader,
    async end() {
      await reader.end();
      await browser.close();
      await server.stop();
    },
  };
}
