import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAuthApi } from '../src/api/auth-api.js';
import { createNetworkApi } from '../src/api/network-api.js';
import { acting } from './support/acting.js';
import { browserOptions, openStage, type Stage } from './support/stage.js';

/** The landmark, or else the field or button, that has the focus. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const { tagName, ariaLabel, textContent } = document.activeElement ?? document.body;
    return tagName === 'BODY' ? 'nowhere' : (ariaLabel ?? textContent);
  });

/** As if it had been ended on another device. */
async function endLogin(url: string, refreshToken: string): Promise<void> {
  const { tokens } = await createAuthApi(url).login('linus@goconnect.example', 'goconnect');
  const { accessToken } = tokens;
  await createNetworkApi(url, async () => accessToken).logout(refreshToken, accessToken);
}

/** Ada's network, to which Linus has come or asked to come. Answers with its id. */
async function clubOf(url: string, name: string, joinPolicy: 'open' | 'approval'): Promise<string> {
  const [owner, linus] = [await acting(url, 'ada'), await acting(url, 'linus')];
  const { id } = await owner.create({ name, visibility: 'public', joinPolicy });
  await linus.join(id);
  return id;
}

describe.skipIf(!browserOptions)('the focus is never thrown back to the top of the page', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it.each(['Approve', 'Deny'])('by "%s", which is told as well', async (answer) => {
    const name = `Club with ${answer}`;
    await clubOf(stage.server.url, name, 'approval');
    const ada = await stage.user('ada');
    await ada.enter(name);
    const button = ada.page.getByRole('button', { name: `${answer} Linus` });
    await button.press('Enter');
    await button.waitFor({ state: 'detached' });
    const news = ada.page.getByRole('region', { name: 'News' });
    await news.getByText(answer === 'Approve' ? 'Linus was let in.' : 'Linus was not let in.').waitFor();
    expect(await focused(ada.page)).toBe('People');
  });

  it('by the removal of a member, whose row had it', async () => {
    const name = 'Club of two';
    await clubOf(stage.server.url, name, 'open');
    const ada = await stage.user('ada');
    await ada.enter(name);
    await ada.page.getByRole('button', { name: 'Actions for Linus' }).click();
    await ada.page.getByRole('menuitem', { name: 'Remove' }).click();
    await ada.dialog.getByRole('button', { name: 'Remove' }).click();
    await ada.dialog.waitFor({ state: 'detached' });
    expect(await focused(ada.page)).toBe('People');
  });

  it('by the end of a ban', async () => {
    const { url } = stage.server;
    const name = 'Club with a ban';
    const id = await clubOf(url, name, 'open');
    await (await acting(url, 'ada')).ban(id, 'linus', '');
    const ada = await stage.user('ada');
    await ada.enter(name);
    const button = ada.page.getByRole('button', { name: 'Unban Linus' });
    await button.press('Enter');
    await button.waitFor({ state: 'detached' });
    expect(await focused(ada.page)).toBe('People');
  });

  it('by a wrong password', async () => {
    const visitor = await stage.visitor();
    await visitor.signIn('ada@goconnect.example', 'not the password');
    await visitor.page.getByRole('alert').filter({ hasText: 'do not belong together' }).waitFor();
    expect(await focused(visitor.page)).toBe('Sign in');
  });

  it('by signing in again: the form has it', async () => {
    const visitor = await stage.visitor();
    const { page } = visitor;
    await page.getByLabel('Stay signed in').check();
    await visitor.signIn('linus@goconnect.example', 'goconnect');
    await visitor.connected();
    const refreshToken = await page.evaluate(
      () => JSON.parse(localStorage.getItem('goconnect.login') ?? '{}').refreshToken,
    );
    await endLogin(stage.server.url, refreshToken);
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('email');
  });
});
