import type { Locator, Page } from 'playwright-core';

/** The page as a person meets it: by what is written on things, never by their place in the markup. */
export class ChatPage {
  /** What the browser complained about: errors of the page and of the console, violations of the policy. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' || /content security policy/i.test(message.text()))
        this.complaints.push(`console: ${message.text()}`);
    });
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  }

  async signIn(email: string, password: string): Promise<void> {
    await this.page.getByLabel('E-mail').fill(email);
    await this.page.getByLabel('Password').fill(password);
    await this.page.getByRole('button', { name: 'Sign in', exact: true }).click();
  }

  async connected(): Promise<void> {
    await this.chip('Connected').waitFor();
    await this.box.waitFor();
  }

  chip(text: string): Locator {
    return this.page.getByRole('banner').getByRole('status').filter({ hasText: text });
  }

  /** Where one writes. */
  get box(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to/ });
  }

  get log(): Locator {
    return this.page.getByRole('log', { name: 'Messages' });
  }

  /** Enters a room by its name in the list. */
  async enter(room: string): Promise<void> {
    await this.page
      .getByRole('navigation', { name: 'Networks' })
      .getByRole('button', { name: new RegExp(`^${room}`) })
      .click();
    await this.page.getByRole('heading', { level: 1, name: room }).waitFor();
  }

  async say(text: string): Promise<void> {
    // A dialog keeps the keys, and may still wait for an answer when what it did shows already.
    await this.dialog.waitFor({ state: 'hidden' });
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** Messages with exactly this text that the server has confirmed. */
  said(text: string): Locator {
    return this.log.locator('[data-message-id]').filter({ has: this.page.getByText(text, { exact: true }) });
  }

  /** Resolves once the message is there, confirmed. */
  async sees(text: string): Promise<Locator> {
    const message = this.said(text);
    await message.waitFor();
    return message;
  }

  /** Opens the menu of a message and chooses. */
  async act(text: string, action: string): Promise<void> {
    const message = await this.sees(text);
    await message.hover();
    await message.getByRole('button', { name: /^Actions for the message/ }).click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  get dialog(): Locator {
    return this.page.getByRole('dialog');
  }
}
