import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserOptions, openStage, type Stage } from './support/stage.js';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true } as const;

/** Rules that axe finds broken, of serious or critical impact. Each with the places, so that a failure says where. */
async function barriers(page: Page): Promise<readonly string[]> {
  // Through the debugger, past the page's policy: that one forbids scripts of others, as it should.
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: await readFile(AXE, 'utf8') });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run().then(({ violations }) => JSON.stringify(violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ': ' + nodes.map(({ target }) => target.join(' ')).join(', ') + ' ' + nodes[0].failureSummary)))`,
    awaitPromise: true,
  });
  await session.detach();
  return JSON.parse(result.value);
}

const sidewaysScroll = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

describe.skipIf(!browserOptions)('the page is for everyone', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it('its policy admits no inline script or style, and nothing on the page needs one', async () => {
    const response = await fetch(stage.server.url);
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe-/);
    const ada = await stage.user('ada');
    await ada.say('with an emoji 🎉 and a line\nmore');
    await ada.page.getByRole('button', { name: 'Create a network' }).click();
    await ada.page.keyboard.press('Escape');
    expect(ada.complaints).toEqual([]);
  });

  it('can be used with the keyboard alone, from signing in to deleting a message', async () => {
    const { page, complaints } = await stage.visitor();
    const press = (...keys: string[]) =>
      keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
    const focused = () =>
      page.evaluate(
        () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
      );
    await press('Tab');
    await page.keyboard.type('ada@goconnect.example');
    await press('Tab');
    await page.keyboard.type('goconnect');
    await press('Enter');
    const box = page.getByRole('textbox', { name: /^Message to Lobby/ });
    await box.waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('message-box');

    await page.keyboard.type('first line');
    await press('Shift+Enter');
    await page.keyboard.type('second line');
    await press('Enter');
    const message = page.locator('[data-message-id]').filter({ hasText: 'first line' });
    await message.waitFor();

    // Arrow up edits the last one; Escape gives up and brings one back to where one wrote.
    await press('ArrowUp');
    await page.getByLabel('New text').waitFor();
    await press('Escape');
    await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('message-box');

    // Shift+Tab from the box reaches the actions of the newest message.
    await press('Shift+Tab');
    expect(await focused()).toBe('Actions for the message of Ada');
    await press('Enter', 'ArrowDown', 'ArrowDown');
    expect(await focused()).toBe('Delete …');
    await press('Escape');
    expect(await focused()).toBe('Actions for the message of Ada');
    await press('Enter', 'End', 'Enter');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    // The focus stays inside the dialog, however often one goes on.
    await press('Tab', 'Tab', 'Tab', 'Tab', 'Tab');
    expect(
      await page.evaluate(
        () => document.activeElement === document.body || !!document.activeElement?.closest('dialog'),
      ),
    ).toBe(true);
    await press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await focused()).toBe('Actions for the message of Ada');
    expect(complaints).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('has no serious barrier in the %s theme', async (colorScheme) => {
    const visitor = await stage.visitor({ colorScheme });
    expect(await barriers(visitor.page)).toEqual([]);
    await visitor.signIn('ada@goconnect.example', 'goconnect');
    await visitor.connected();
    const text = `a message with https://${colorScheme}.link.example`;
    await visitor.say(text);
    await visitor.sees(text);
    expect(await barriers(visitor.page)).toEqual([]);
    await visitor.act(text, 'Edit');
    expect(await barriers(visitor.page)).toEqual([]);
    await visitor.page.keyboard.press('Escape');
    await visitor.page.getByRole('button', { name: 'Create a network' }).click();
    await visitor.dialog.waitFor();
    expect(await barriers(visitor.page)).toEqual([]);
  });

  it('each dialog is for everyone: both themes, phone width, keyboard, and the focus goes back where it was', async () => {
    const ada = await stage.user('ada');
    const { page, dialog } = ada;
    await ada.say('to be judged');
    await ada.sees('to be judged');
    const menu = (name: string, entry: string) => async () => {
      await page.getByRole('button', { name, exact: true }).last().click();
      await page.getByRole('menuitem', { name: entry }).click();
      return name;
    };
    const button = (name: string) => async () => {
      await page.getByRole('button', { name }).click();
      return name;
    };
    const dialogs = {
      'a new network': button('Create a network'),
      'an invitation that one has': button('Join with an invitation'),
      'settings of a network': menu('Actions for Lobby', 'Settings'),
      'a new invitation': menu('Actions for Lobby', 'Invite people'),
      'the end of a network': menu('Actions for Lobby', 'Delete'),
      'a role': menu('Actions for Linus', 'Change role'),
      'a removal': menu('Actions for Linus', 'Remove'),
      'a ban': menu('Actions for Linus', 'Ban'),
      'a redaction': menu('Actions for the message of Ada', 'Redact'),
      'a deletion': menu('Actions for the message of Ada', 'Delete'),
    };
    for (const [name, open] of Object.entries(dialogs)) {
      const opener = await open();
      await dialog.waitFor();
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        expect(await barriers(page), `${name}, ${colorScheme}`).toEqual([]);
      }
      for (let press = 0; press < 8; press++) await page.keyboard.press('Tab');
      const inside = await page.evaluate(
        () => document.activeElement === document.body || !!document.activeElement?.closest('dialog'),
      );
      expect(inside, `the focus stays in ${name}`).toBe(true);
      const wide = page.viewportSize() ?? { width: 1280, height: 720 };
      await page.setViewportSize(PHONE.viewport);
      expect(await sidewaysScroll(page), name).toBe(0);
      const { x = -1, width = 0 } = (await dialog.boundingBox()) ?? {};
      expect(x, `left edge of ${name}`).toBeGreaterThanOrEqual(0);
      expect(x + width, `right edge of ${name}`).toBeLessThanOrEqual(PHONE.viewport.width);
      await page.setViewportSize(wide);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await expect
        .poll(
          () =>
            page.evaluate(
              () => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.textContent,
            ),
          { message: name },
        )
        .toBe(opener);
    }
    expect(ada.complaints).toEqual([]);
  });

  it('follows the theme of the system', async () => {
    const brightness = async (colorScheme: 'light' | 'dark') => {
      const { page } = await stage.visitor({ colorScheme });
      const color = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
      return (color.match(/\d+/g) ?? []).slice(0, 3).reduce((sum, part) => sum + Number(part), 0) / 3;
    };
    expect(await brightness('light')).toBeGreaterThan(200);
    expect(await brightness('dark')).toBeLessThan(50);
  });

  it.each([
    [320, true],
    [320, false],
    [340, true],
  ])('has everything within reach at %i pixels (mobile: %s), connected or not', async (width, isMobile) => {
    const visitor = await stage.visitor({ viewport: { width, height: 640 }, hasTouch: true, isMobile });
    const { page } = visitor;
    expect(await sidewaysScroll(page)).toBe(0);
    await visitor.signIn('grace@goconnect.example', 'goconnect');
    await visitor.connected();
    const fits = async () => {
      expect(await sidewaysScroll(page)).toBe(0);
      const { x = 0, width: wide = 0 } =
        (await page.getByRole('button', { name: 'Sign out' }).boundingBox()) ?? {};
      expect(x + wide).toBeLessThanOrEqual(width);
    };
    await fits();
    await page.getByRole('button', { name: 'Back to the networks' }).click();
    await fits();
    await visitor.enter('Lobby');
    await page.getByRole('button', { name: 'People' }).click();
    await fits();
    await page.context().setOffline(true);
    await visitor.chip('Reconnecting').waitFor();
    await fits();
  });

  it('fits a phone 360 pixels wide: one pane at a time, nothing to scroll sideways, everything within reach', async () => {
    const visitor = await stage.visitor(PHONE);
    expect(await sidewaysScroll(visitor.page)).toBe(0);
    await visitor.signIn('grace@goconnect.example', 'goconnect');
    await visitor.connected();
    await visitor.say(`a very long word: ${'w'.repeat(300)}`);
    await visitor.page.getByText('wwww').waitFor();
    expect(await sidewaysScroll(visitor.page)).toBe(0);
    expect(await barriers(visitor.page)).toEqual([]);

    await visitor.page.getByRole('button', { name: 'People' }).click();
    await visitor.page.getByRole('complementary', { name: 'People' }).getByText('Linus').waitFor();
    expect(await visitor.box.isVisible()).toBe(false);
    expect(await sidewaysScroll(visitor.page)).toBe(0);
    await visitor.page.getByRole('button', { name: 'Back to the conversation' }).click();
    await visitor.page.getByRole('button', { name: 'Back to the networks' }).click();
    expect(await visitor.box.isVisible()).toBe(false);
    expect(await sidewaysScroll(visitor.page)).toBe(0);
    await visitor.enter('Everyone');
    await visitor.box.waitFor();
    expect(visitor.complaints).toEqual([]);
  });
});
