import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { browserOptions, openStage, type Stage } from './support/stage.js';

/**
 * What a browser says of its own accord when nobody answers, or a server that is still starting (503 with
 * `Retry-After`); not a fault of the page.
 */
const SERVER_AWAY =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE|WebSocket connection to|status of 503/;

describe.skipIf(!browserOptions)('the server is killed and started again underneath', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterEach(() => stage.clear());
  afterAll(() => stage?.close());

  it('both continue, what was written meanwhile arrives once, and what was taken back does not', async () => {
    const [ada, grace] = [await stage.user('ada'), await stage.user('grace')];
    await ada.say('before');
    await grace.sees('before');

    await stage.server.kill();
    await ada.chip('Reconnecting').waitFor();
    await grace.chip('Reconnecting').waitFor();
    await ada.say('written while away');
    await ada.say('on second thought, no');
    await ada.page.getByText('2 messages are waiting to be sent.').waitFor();
    await ada.log.getByText('Waiting for the connection').first().waitFor();
    await ada.log
      .getByRole('article')
      .filter({ hasText: 'on second thought, no' })
      .getByRole('button', { name: 'Do not send' })
      .click();
    await ada.page.getByText('One message is waiting to be sent.').waitFor();

    await stage.server.start();
    await ada.chip('Connected').waitFor({ timeout: 40_000 });
    await grace.chip('Connected').waitFor({ timeout: 40_000 });
    await grace.sees('written while away');
    await ada.sees('written while away');
    await grace.say('after');
    await ada.sees('after');
    for (const page of [ada, grace]) {
      expect(await page.said('written while away').count()).toBe(1);
      expect(await page.said('before').count()).toBe(1);
      expect(await page.log.getByText('on second thought, no').count()).toBe(0);
      expect(page.complaints.filter((line) => !SERVER_AWAY.test(line))).toEqual([]);
    }
  });
});
