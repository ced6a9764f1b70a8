import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ChatPage } from './support/chat-page.js';
import { browserOptions, openStage, type Stage } from './support/stage.js';

describe.skipIf(!browserOptions)('a network is governed from the page', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  const choose = async ({ page }: ChatPage, menu: string, entry: string) => {
    await page.getByRole('button', { name: menu }).click();
    await page.getByRole('menuitem', { name: entry }).click();
  };

  it('from its settings over an invitation, roles, a ban and its end to its deletion', async () => {
    const [ada, linus] = [await stage.user('ada'), await stage.user('linus')];
    await ada.page.getByRole('button', { name: 'Create a network' }).click();
    await ada.dialog.getByLabel('Name').fill('Secret plans');
    await ada.dialog.getByText('Private', { exact: false }).first().click();
    await ada.dialog.getByText('By invitation only').click();
    await ada.dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await ada.page.getByRole('heading', { level: 1, name: 'Secret plans' }).waitFor();
    await choose(ada, 'Actions for Secret plans', 'Settings');
    await ada.dialog.getByLabel('Name').fill('Open plans');
    await ada.dialog.getByRole('button', { name: 'Save' }).click();
    await ada.page.getByRole('heading', { level: 1, name: 'Open plans' }).waitFor();

    await choose(ada, 'Actions for Open plans', 'Invite people');
    await ada.dialog.getByRole('button', { name: 'Make an invitation' }).click();
    const link = await ada.dialog.getByLabel('Link').inputValue();
    expect(new URL(link).hash).toMatch(/^#join=/);
    await ada.dialog.getByRole('button', { name: 'Done' }).click();

    await linus.page.getByRole('button', { name: 'Join with an invitation' }).click();
    await linus.dialog.getByLabel('Invitation').fill(`${link}x`);
    await linus.dialog.getByRole('button', { name: 'Join' }).click();
    await linus.dialog.getByRole('alert').filter({ hasText: 'not valid any more' }).waitFor();
    await linus.dialog.getByLabel('Invitation').fill(link);
    await linus.dialog.getByRole('button', { name: 'Join' }).click();
    await linus.page.getByRole('heading', { level: 1, name: 'Open plans' }).waitFor();

    // What a member may not do is not offered.
    const menu = linus.page.getByRole('button', { name: 'Actions for Open plans' });
    await menu.click();
    expect(await linus.page.getByRole('menuitem').allTextContents()).toEqual(['Leave …']);
    await linus.page.keyboard.press('Escape');
    await choose(ada, 'Actions for Linus', 'Change role');
    await ada.dialog.getByRole('radio', { name: /^Admin/ }).check();
    await ada.dialog.getByRole('button', { name: 'Save' }).click();
    await ada.page
      .getByRole('complementary', { name: 'People' })
      .getByText('admin', { exact: true })
      .waitFor();
    // The new role comes to the person by itself, and with it what it may do.
    await linus.page
      .getByRole('complementary', { name: 'People' })
      .getByText('admin', { exact: true })
      .waitFor();
    await menu.click();
    await linus.page.getByRole('menuitem', { name: 'Invite people' }).waitFor();
    expect(await linus.page.getByRole('menuitem').allTextContents()).toEqual([
      'Invite people …',
      'Settings …',
      'Leave …',
    ]);

    await choose(ada, 'Actions for Linus', 'Ban');
    await ada.dialog.getByLabel(/^Reason/).fill('only a test');
    await ada.dialog.getByRole('button', { name: 'Ban' }).click();
    await linus.page.getByRole('alert').filter({ hasText: 'You were banned from Open plans' }).waitFor();
    await ada.page.getByRole('button', { name: 'Unban Linus' }).click();
    await ada.page.getByText('Linus may ask to join again.').waitFor();

    await choose(ada, 'Actions for Open plans', 'Delete');
    await ada.dialog.getByRole('button', { name: 'Delete for everybody' }).click();
    await ada.page.getByRole('alert').filter({ hasText: 'Open plans is gone' }).waitFor();
    // What the browser says of the refused invitation is its own remark.
    for (const { complaints } of [ada, linus])
      expect(complaints.filter((line) => !/status of 40[34]/.test(line))).toEqual([]);
  });

  it('links go with a message, checked before they are attached', async () => {
    const [ada, grace] = [await stage.user('ada'), await stage.user('grace')];
    await ada.page.getByRole('button', { name: 'Attach a link' }).click();
    const address = ada.page.getByLabel('Address to attach');
    await address.fill('javascript:alert(1)');
    await address.press('Enter');
    await ada.page.getByRole('alert').filter({ hasText: 'Only http' }).waitFor();
    await address.fill('https://files.example/plan.pdf');
    await address.press('Enter');
    await ada.page.getByRole('button', { name: 'Remove https://files.example/plan.pdf' }).waitFor();
    await ada.say('the plan');
    const link = (await grace.sees('the plan')).getByRole('link', { name: /plan\.pdf/ });
    expect(await link.getAttribute('href')).toBe('https://files.example/plan.pdf');
    expect(grace.complaints).toEqual([]);
  });

  it('somebody new is known by name in the room of everyone', async () => {
    const [ada, visitor] = [await stage.user('ada'), await stage.visitor()];
    await visitor.page.getByRole('button', { name: 'Create an account' }).click();
    await visitor.page.getByLabel('Name').fill('Katherine');
    await visitor.page.getByLabel('E-mail').fill('katherine@example.org');
    await visitor.page.getByLabel('Password').fill('a long password');
    await visitor.page.getByRole('button', { name: 'Create account' }).click();
    await visitor.connected();
    await visitor.say('hello from nowhere');
    await ada.enter('Everyone');
    await ada.sees('hello from nowhere');
    await ada.log.getByText('Katherine').first().waitFor();
  });

  it('tabs share a login that stays on the device: one signs out, and so do all', async () => {
    const first = await stage.visitor();
    await first.page.getByLabel('Stay signed in').check();
    await first.signIn('ada@goconnect.example', 'goconnect');
    await first.connected();
    const second = new ChatPage(await first.page.context().newPage());
    await second.page.goto(stage.server.url);
    await second.connected();
    // Both renew at once, again and again; a token spent twice would end the login.
    for (let round = 0; round < 3; round++) {
      await Promise.all([first.page.reload(), second.page.reload()]);
      await Promise.all([first.connected(), second.connected()]);
    }
    await first.box.fill('nobody else is to read this');
    await second.page.getByRole('button', { name: 'Sign out' }).click();
    await second.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await first.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await first.page.evaluate(() => Object.values(sessionStorage))).toEqual([]);
    await first.page.reload();
    await first.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
