import type { BrowserContext, CDPSession, Locator, Page } from 'playwright-core';

const PATIENCE_MS = 60_000;

/** A tab with the chat page, as the person in front of it uses it. */
export class ChatTab {
  /** `op_id` of each chat message that it wrote to a socket, each time. */
  readonly sent: string[] = [];

  private constructor(
    readonly page: Page,
    private readonly url: string,
    private readonly debug: CDPSession,
  ) {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => {
        const [, opId] = /"type":"chat\.send".*?"op_id":"([^"]+)"/.exec(String(payload)) ?? [];
        if (opId) this.sent.push(opId);
      });
    });
  }

  static async open(context: BrowserContext, url: string): Promise<ChatTab> {
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    const tab = new ChatTab(page, url, await context.newCDPSession(page));
    await page.goto(url);
    return tab;
  }

  async signIn(name: string, { stay = false } = {}): Promise<void> {
    await this.page.getByLabel('E-mail').fill(`${name}@goconnect.example`);
    await this.page.getByLabel('Password').fill('goconnect');
    if (stay) await this.page.getByLabel('Stay signed in').check();
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await this.box.waitFor();
  }

  get box(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to Lobby/ });
  }

  async say(text: string): Promise<void> {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** The browser's own reload; on a page that could not be loaded it tries again. */
  async reload(): Promise<void> {
    await this.page.reload({ waitUntil: 'commit' }).catch(() => {});
  }

  /** Comes (back) to the conversation, also from the browser's "cannot be reached". */
  async arrive(): Promise<void> {
    if (!this.page.url().startsWith(this.url)) await this.page.goto(this.url);
    await this.box.waitFor();
  }

  /** What a browser does to a tab in the background. Nothing of the page runs until `thaw`. */
  async freeze(): Promise<void> {
    await this.debug.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  async thaw(): Promise<void> {
    await this.debug.send('Page.setWebLifecycleState', { state: 'active' });
  }

  /** Of this tab alone: what it has open stays, nothing new comes about. */
  async offline(offline: boolean): Promise<void> {
    const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await this.debug.send('Network.emulateNetworkConditions', { offline, ...unlimited });
  }

  /** The process behind the tab dies, as for want of memory. */
  async crash(): Promise<void> {
    const crashed = this.page.waitForEvent('crash');
    // It cannot answer.
    void this.debug.send('Page.crash').catch(() => {});
    await crashed;
  }

  /** Texts in the order in which they are shown, those that the server has confirmed. */
  async shown(pattern: RegExp): Promise<string[]> {
    return await this.page.locator('[data-message-id]').getByText(pattern).allTextContents();
  }

  connected(): Locator {
    return this.page.getByRole('banner').getByText('Connected', { exact: true });
  }
}
