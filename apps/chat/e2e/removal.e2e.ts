import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserOptions, openStage, type Stage } from './support/stage.js';

describe.skipIf(!browserOptions)('someone who is removed', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  it('sees it at once, with the reason; the room closes, and what follows does not reach them', async () => {
    const [ada, linus] = [await stage.user('ada'), await stage.user('linus')];
    await linus.say('hello');
    await ada.sees('hello');
    await ada.page.getByRole('button', { name: 'Actions for Linus' }).click();
    await ada.page.getByRole('menuitem', { name: 'Remove' }).click();
    await ada.dialog.getByLabel(/^Reason/).fill('Take a break');
    await ada.dialog.getByRole('button', { name: 'Remove' }).click();

    const notice = linus.page.getByRole('alert').filter({ hasText: 'You were removed from Lobby' });
    await notice.waitFor();
    expect(await notice.textContent()).toContain('Take a break');
    expect(await linus.box.count()).toBe(0);
    await ada.page.getByText('Linus was removed from Lobby.').waitFor();
    await ada.say('said after the removal');
    await ada.sees('said after the removal');
    expect(await linus.page.getByText('said after the removal').count()).toBe(0);

    await linus.page.getByRole('button', { name: 'Join Lobby' }).click();
    await linus.sees('said after the removal');
    for (const page of [ada, linus]) expect(page.complaints).toEqual([]);
  });
});
