import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { sayMany } from './support/say-many.js';
import { browserOptions, openStage, type Stage } from './support/stage.js';

describe.skipIf(!browserOptions)('two people in two browsers', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it('one reads what the other writes, each message once, and neither browser complains', async () => {
    const [ada, grace] = [await stage.user('ada'), await stage.user('grace')];
    await ada.say('Good morning');
    await grace.sees('Good morning');
    await ada.sees('Good morning');
    await grace.say('Good morning, Ada');
    await ada.sees('Good morning, Ada');
    for (const page of [ada, grace]) {
      expect(await page.said('Good morning').count()).toBe(1);
      expect(await page.said('Good morning, Ada').count()).toBe(1);
      expect(page.complaints).toEqual([]);
    }
  });

  it('an edit, a deletion and a removal are seen by the other', async () => {
    const [ada, grace] = [await stage.user('ada'), await stage.user('grace')];
    await ada.say('See you at tne');
    await grace.sees('See you at tne');
    await ada.act('See you at tne', 'Edit');
    await ada.page.getByLabel('New text').fill('See you at ten');
    await ada.page.getByLabel('New text').press('Enter');
    await grace.said('See you at ten (edited)').waitFor();

    await ada.act('See you at ten (edited)', 'Delete');
    await ada.dialog.getByRole('button', { name: 'Delete', exact: true }).click();
    await grace.said('This message was deleted.').waitFor();

    await ada.say('gone without a trace');
    await grace.sees('gone without a trace');
    await ada.act('gone without a trace', 'Delete');
    await ada.dialog.getByRole('button', { name: 'Remove completely' }).click();
    await grace.said('gone without a trace').waitFor({ state: 'detached' });
    await ada.said('gone without a trace').waitFor({ state: 'detached' });
  });

  it('an edit in another tab leaves alone what is being typed here, and who types', async () => {
    const [here, there] = [await stage.user('linus'), await stage.user('linus')];
    await here.say('first version');
    await there.sees('first version');
    await here.act('first version', 'Edit');
    await here.page.getByLabel('New text').fill('mine');
    await here.box.click();
    await here.page.keyboard.type('typed in ');
    await there.act('first version', 'Edit');
    await there.page.getByLabel('New text').fill('theirs');
    await there.page.getByLabel('New text').press('Enter');
    await here.log.getByRole('status').filter({ hasText: 'It now reads: theirs' }).waitFor();
    await here.page.keyboard.type('the box');
    expect(await here.box.inputValue()).toBe('typed in the box');
    expect(await here.page.getByLabel('New text').inputValue()).toBe('mine');
  });

  it.each(['Delete', 'Remove completely'])(
    'what was typed into a message stays when somebody chooses "%s" for it',
    async (choice) => {
      const [linus, ada] = [await stage.user('linus'), await stage.user('ada')];
      const text = `about to go: ${choice}`;
      await linus.say(text);
      await ada.sees(text);
      await linus.act(text, 'Edit');
      await linus.page.getByLabel('New text').fill('long and careful');
      await ada.act(text, 'Delete');
      await ada.dialog.getByRole('button', { name: choice, exact: true }).click();
      const news = linus.page.getByRole('region', { name: 'News' });
      await news
        .getByText('This message was deleted meanwhile. What you wrote is in the message box.')
        .waitFor();
      expect(await linus.box.inputValue()).toBe('long and careful');
      expect(await linus.page.evaluate(() => document.activeElement?.id)).toBe('message-box');
      expect(await linus.page.getByLabel('New text').count()).toBe(0);
    },
  );

  it('an edit that is refused can be gone on with', async () => {
    const ada = await stage.user('ada');
    await ada.say('can be corrected');
    await ada.act('can be corrected', 'Edit');
    await ada.page.getByLabel('New text').fill('with a \0 in it');
    await ada.page.getByLabel('New text').press('Enter');
    await ada.log.getByText('There is a character in it that cannot be sent').waitFor();
    await ada.log.getByRole('button', { name: 'Back to your text' }).click();
    expect(await ada.page.getByLabel('New text').inputValue()).toBe('with a \0 in it');
  });

  it('a moderator redacts what a member wrote, and members are offered nothing on what others wrote', async () => {
    const [grace, linus] = [await stage.user('grace'), await stage.user('linus')];
    await linus.say('the door code is 4711');
    await grace.say('a moderator wrote this');
    const foreign = await linus.sees('a moderator wrote this');
    expect(await foreign.getByRole('button').count()).toBe(0);
    await grace.act('the door code is 4711', 'Redact');
    await grace.dialog.getByRole('button', { name: 'Redact' }).click();
    await linus.said('*** (redacted by a moderator)').waitFor();
    expect(await linus.log.getByText('4711').count()).toBe(0);
  });

  it('what is written from right to left is set so, where it is typed and where it stands', async () => {
    const ada = await stage.user('ada');
    const direction = (element: Element) => getComputedStyle(element).direction;
    await ada.box.fill('שלום, world!');
    expect(await ada.box.evaluate(direction)).toBe('rtl');
    await ada.box.press('Enter');
    const message = await ada.sees('שלום, world!');
    expect(await message.locator('p').first().evaluate(direction)).toBe('rtl');
    await ada.act('שלום, world!', 'Edit');
    expect(await ada.page.getByLabel('New text').evaluate(direction)).toBe('rtl');
  });

  it('a text that is one character too long is told so', async () => {
    const ada = await stage.user('ada');
    await ada.box.fill('x'.repeat(4097));
    await ada.page.getByText('One character too long').waitFor();
    await ada.box.fill('x'.repeat(4095));
    await ada.page.getByText('One character left').waitFor();
  });

  it('text from others is never markup, and only web addresses become links', async () => {
    const [ada, grace] = [await stage.user('ada'), await stage.user('grace')];
    const hostile = '<img src=x onerror="document.title=1"> javascript:alert(1) https://ok.example/a';
    await ada.say(hostile);
    const message = await grace.sees(hostile);
    expect(await message.locator('img').count()).toBe(0);
    const links = message.getByRole('link');
    expect([await links.count(), await links.getAttribute('href')]).toEqual([1, 'https://ok.example/a']);
    expect(await links.getAttribute('rel')).toContain('noopener');
    expect(grace.complaints).toEqual([]);
  });

  it('what comes while one reads another room is counted there', async () => {
    const [ada, grace] = [await stage.user('ada'), await stage.user('grace')];
    await grace.enter('Everyone');
    await ada.say('are you there?');
    await grace.page.getByRole('button', { name: /^Lobby\s*1 unread/ }).waitFor();
    await grace.enter('Lobby');
    await grace.sees('are you there?');
    expect(await grace.page.getByText('unread').count()).toBe(0);
  });

  it('reads back as far as the room goes, page by page, without losing the place', async () => {
    await sayMany(stage.server.url, 'linus', 60);
    const ada = await stage.user('ada');
    await ada.sees('line 60');
    expect(await ada.said('line 5').count()).toBe(0);
    // Coming near the beginning is what loads it; the button is for those who do not scroll.
    await ada.page.getByRole('button', { name: 'Load earlier messages' }).scrollIntoViewIfNeeded();
    await ada.page.getByText('This is where it begins.').waitFor();
    await ada.said('line 5').waitFor();
    const lines = await ada.log.getByText(/^line \d+$/).allTextContents();
    expect(lines).toEqual(Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
  });

  it('a wrong password is explained in words, and a reload keeps the login and what was typed', async () => {
    const visitor = await stage.visitor();
    await visitor.signIn('ada@goconnect.example', 'not the password');
    await visitor.page.getByRole('alert').filter({ hasText: 'do not belong together' }).waitFor();
    await visitor.signIn('ada@goconnect.example', 'goconnect');
    await visitor.connected();
    await visitor.say('before the reload');
    await visitor.sees('before the reload');
    await visitor.box.fill('half a thought');
    await visitor.page.reload();
    await visitor.connected();
    await visitor.sees('before the reload');
    expect(await visitor.box.inputValue()).toBe('half a thought');

    await visitor.page.getByRole('button', { name: 'Sign out' }).click();
    await visitor.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    expect(await visitor.page.evaluate(() => Object.values(sessionStorage))).toEqual([]);
  });

  it('someone new registers, asks to join, is let in by the owner and reads what follows', async () => {
    const [ada, visitor] = [await stage.user('ada'), await stage.visitor()];
    await visitor.page.getByRole('button', { name: 'Create an account' }).click();
    await visitor.page.getByLabel('Name').fill('Margaret');
    await visitor.page.getByLabel('E-mail').fill('margaret@example.org');
    await visitor.page.getByLabel('Password').fill('a long password');
    await visitor.page.getByRole('button', { name: 'Create account' }).click();
    await visitor.connected();
    await visitor.page.getByRole('button', { name: 'Ask to join Attic' }).click();
    await visitor.page.getByRole('button', { name: 'Ask again Attic' }).waitFor();
    await visitor.page.reload();
    await visitor.connected();
    await visitor.page.getByRole('button', { name: 'Ask again Attic' }).waitFor();

    // Nobody is told of a denial, but one may ask again.
    await ada.enter('Attic');
    await ada.page.getByRole('button', { name: /^Deny/ }).click();
    await ada.page.getByText('Margaret was not let in.').waitFor();
    await visitor.page.getByRole('button', { name: 'Ask again Attic' }).click();
    await ada.page.getByRole('button', { name: /^Approve/ }).click();
    await visitor.page.getByText('You are now a member of Attic.').waitFor();
    await visitor.enter('Attic');
    await ada.say('welcome');
    await visitor.sees('welcome');
  });
});
