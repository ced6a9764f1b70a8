import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { NetworkApi } from '../src/api/network-api.js';
import { acting } from './support/acting.js';
import { browserOptions, openStage, type Stage } from './support/stage.js';

describe.skipIf(!browserOptions)('someone who is removed', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.clear());
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

  it('reads that a network is gone, which is offered to nobody any more', async () => {
    const name = 'Doomed';
    const [ada, member] = [await acting(stage.server.url, 'ada'), await acting(stage.server.url, 'linus')];
    const { id } = await ada.create({ name, visibility: 'public', joinPolicy: 'open' });
    await member.join(id);
    const [linus, grace] = [await stage.user('linus'), await stage.user('grace')];
    await linus.enter(name);
    await ada.remove(id);
    await linus.page
      .getByRole('alert')
      .filter({ hasText: `${name} is gone` })
      .waitFor();
    expect(await linus.page.getByRole('button', { name: `Join ${name}` }).count()).toBe(0);

    await grace.page.getByRole('button', { name: `Join ${name}` }).click();
    await grace.page.getByText('This network is no longer there.').waitFor();
    await grace.page.getByRole('button', { name: `Join ${name}` }).waitFor({ state: 'detached' });
  });

  it.each([
    ['removed', 'You are no longer in', (ada: NetworkApi, id: string) => ada.kick(id, 'linus', 'rude')],
    ['deleted', 'is gone', (ada: NetworkApi, id: string) => ada.remove(id)],
  ])(
    'is told when the network was %s while the line was down, and keeps the draft',
    async (how, words, end) => {
      const name = `Club that was ${how}`;
      const [ada, member] = [await acting(stage.server.url, 'ada'), await acting(stage.server.url, 'linus')];
      const { id } = await ada.create({ name, visibility: 'public', joinPolicy: 'open' });
      await member.join(id);
      const linus = await stage.user('linus');
      await linus.enter(name);
      await linus.say('between us');
      await linus.sees('between us');

      await linus.page.context().setOffline(true);
      await linus.chip('Reconnecting').waitFor();
      await linus.say('written while away');
      await linus.box.fill('half a thought');
      await end(ada, id);
      await linus.page.context().setOffline(false);
      await linus.chip('Connected').waitFor({ timeout: 40_000 });

      await linus.page.getByRole('alert').filter({ hasText: words }).waitFor();
      expect(await linus.box.count()).toBe(0);
      await linus.page.getByRole('region', { name: 'News' }).getByText('written while away').waitFor();
      expect(await linus.page.getByText('between us').count()).toBe(0);
      expect(await linus.page.getByText('some messages may be missing').count()).toBe(0);
      if (how !== 'removed') return;
      await linus.page.getByRole('button', { name: `Join ${name}` }).click();
      await expect.poll(() => linus.box.inputValue()).toBe('half a thought');
    },
  );
});
