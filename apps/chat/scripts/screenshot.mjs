/**
 * Draws the pictures of the documentation from the real page with a real server: `node apps/chat/scripts/screenshot.mjs [folder]`.
 * Writes `chat.png` into `docs/`, or with a folder given all views (light, dark, phone …) into that.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { launchOptions } from '../../../scripts/browser.mjs';
import { startTestServer } from '../../../scripts/test-server.mjs';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));
const MAX_BYTES = 300 * 1024;
const DESKTOP = { width: 1180, height: 760 };
const PHONE = { width: 390, height: 800 };

/** A zone in which it is ten in the morning, whenever this runs. (`Etc/GMT-2` is two hours east.) */
const east = 10 - new Date().getUTCHours();
const timezoneId = `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`;

const folder = process.argv[2];
const options = launchOptions();
if (!options)
  throw new Error('There is no Chromium to draw with: apt-get install chromium, or set CHROMIUM_PATH');
const target = folder ?? here('../../../docs');
await mkdir(target, { recursive: true });
const server = await startTestServer({ staticDir: here('../dist') });
const browser = await chromium.launch(options);

/** @param {string} email @param {import('playwright-core').BrowserContextOptions} [look] @param {string} [password] */
async function enter(email, look = {}, password = 'goconnect') {
  const context = await browser.newContext({
    viewport: DESKTOP,
    deviceScaleFactor: 2,
    locale: 'en-GB',
    timezoneId,
    ...look,
  });
  const page = await context.newPage();
  await page.goto(server.url);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('banner').getByText('Connected').waitFor();
  await page.getByRole('textbox', { name: /^Message to/ }).waitFor();
  return page;
}

/** @param {import('playwright-core').Page} page @param {string} text */
async function say(page, text) {
  await page.getByRole('textbox', { name: /^Message to/ }).fill(text);
  await page.keyboard.press('Enter');
  const line = text.split('\n')[0] ?? '';
  await page
    .locator('[data-message-id]')
    .filter({ hasText: line.slice(0, 20) })
    .last()
    .waitFor();
}

/** @param {import('playwright-core').Page} page @param {string} name */
const shoot = async (page, name) => {
  const path = join(target, name);
  await page.screenshot({ path, animations: 'disabled' });
  console.log(`${path} (${Math.round((await stat(path)).size / 1024)} KiB)`);
};

try {
  const ada = await enter('ada@goconnect.example');
  const grace = await enter('grace@goconnect.example');
  const linus = await enter('linus@goconnect.example');
  await ada.getByRole('button', { name: 'Create a network' }).click();
  await ada.getByLabel('Name').fill('Release 0.2');
  await ada.getByRole('button', { name: 'Create', exact: true }).click();
  await ada.getByRole('button', { name: 'Lobby', exact: true }).click();
  await linus.getByRole('button', { name: 'Ask to join Attic' }).click();

  await say(linus, 'Morning! I unplugged the router in the middle of a send, twice.');
  await say(linus, 'Everything was there when I came back. In order, and only once.');
  await say(grace, 'That is the whole idea 🙂');
  await say(grace, 'Notes on what a reconnect does: https://goconnect.example/docs/reconnect');
  await say(
    ada,
    'Lovely. Two things before we tag it:\n1. restart the server while all three of us are typing\n2. read the changelog aloud, once',
  );
  await say(linus, 'the staging password is hunter2');
  const slip = grace.locator('[data-message-id]').filter({ hasText: 'hunter2' });
  await slip.hover();
  await slip.getByRole('button').click();
  await grace.getByRole('menuitem', { name: 'Redact' }).click();
  await grace.getByRole('dialog').getByRole('button', { name: 'Redact' }).click();
  await say(grace, 'Masked that one, Linus. Please change it.');
  await say(linus, 'Thanks. Changed it, and blushed.');
  await say(ada, 'Starting with number one in five minuts.');
  const typo = ada.locator('[data-message-id]').filter({ hasText: 'minuts' });
  await typo.hover();
  await typo.getByRole('button').click();
  await ada.getByRole('menuitem', { name: 'Edit' }).click();
  await ada.getByLabel('New text').fill('Starting with number one in five minutes.');
  await ada.keyboard.press('Enter');
  await ada.getByText('(edited)').waitFor();
  await linus.getByRole('button', { name: 'Everyone' }).click();
  await say(linus, 'Coffee is ready');
  await ada.getByRole('button', { name: /Everyone\s*1 unread/ }).waitFor();
  // The news have been read by now.
  const dismiss = ada.getByRole('button', { name: 'Dismiss' });
  while ((await dismiss.count()) > 0) await dismiss.first().click();
  await ada
    .getByRole('textbox', { name: /^Message to/ })
    .fill('Grace, will you watch the metrics meanwhile?');
  await ada.mouse.move(5, 5);
  await shoot(ada, 'chat.png');
  if (folder === undefined) {
    const { size } = await stat(join(target, 'chat.png'));
    if (size > MAX_BYTES)
      throw new Error(`chat.png has ${size} bytes; the README should load fast: at most ${MAX_BYTES}`);
  } else await otherViews();
} finally {
  await browser.close();
  await server.stop();
}

async function otherViews() {
  const dark = await enter('ada@goconnect.example', { colorScheme: 'dark' });
  await dark.getByText('(edited)').waitFor();
  await shoot(dark, 'dark.png');
  await dark.locator('[data-message-id]').last().hover();
  await dark.locator('[data-message-id]').last().getByRole('button').click();
  await shoot(dark, 'dark-menu.png');
  await dark.keyboard.press('Escape');
  await dark.getByRole('button', { name: 'Actions for Linus' }).click();
  await dark.getByRole('menuitem', { name: 'Remove' }).click();
  await shoot(dark, 'dark-dialog.png');
  await dark.getByRole('button', { name: 'Cancel' }).click();

  const phone = await enter('grace@goconnect.example', { viewport: PHONE, isMobile: true, hasTouch: true });
  await phone.getByText('(edited)').waitFor();
  await shoot(phone, 'phone.png');
  await phone.getByRole('button', { name: 'People' }).click();
  await shoot(phone, 'phone-people.png');
  await phone.getByRole('button', { name: 'Back to the conversation' }).click();
  await phone.getByRole('button', { name: 'Back to the networks' }).click();
  await shoot(phone, 'phone-list.png');

  const tablet = await enter('ada@goconnect.example', { viewport: { width: 900, height: 700 } });
  await tablet.getByRole('button', { name: /^People/ }).click();
  await shoot(tablet, 'tablet.png');
  const stranger = await (await browser.newContext({ viewport: DESKTOP, colorScheme: 'dark' })).newPage();
  await stranger.goto(server.url);
  await shoot(stranger, 'sign-in-dark.png');

  await server.kill();
  await dark.getByRole('banner').getByText('Reconnecting').waitFor();
  await dark.getByRole('textbox', { name: /^Message to/ }).fill('Is anybody there?');
  await dark.keyboard.press('Enter');
  await dark.getByText('Next try in').waitFor();
  await shoot(dark, 'dark-away.png');
}
