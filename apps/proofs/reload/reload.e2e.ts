import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { ChatTab } from './chat-tab.js';
import { type Disturbance, plan, seeded } from './disturbances.js';
import { browserOptions, openStage, type Stage } from './stage.js';

const MESSAGES = effort({ test: 60, ci: 200, prove: 1_000 });
/** Messages between two disturbances; as many are written in the middle of one. */
const PACE = effort({ test: 5, ci: 8, prove: 8 });
const SEED = Number(process.env.GOCONNECT_SEED ?? Date.now() % 100_000);
/** Not what it should take, but when a busy machine may be said to be stuck. */
const TIMEOUT_MS = 240_000 + MESSAGES * 3_000;

describe.skipIf(!browserOptions)('the chat page while everything happens to it', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage?.end());

  it(`sends ${MESSAGES} messages once each and in order (seed ${SEED})`, {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { server, browser, reader } = stage;
    const context = await browser.newContext();
    const tab = await ChatTab.open(context, server.url);
    await tab.signIn('ada');
    await tab.connected().waitFor();
    let written = 0;
    const write = async (count = PACE) => {
      for (let left = count; left > 0 && written < MESSAGES; left--) {
        written++;
        await tab.say(`line ${written}`);
      }
    };

    const disturb: Record<Disturbance, () => Promise<void>> = {
      reload: async () => {
        await tab.connected().waitFor();
        await tab.reload();
      },
      'reload at once': () => tab.reload(),
      offline: async () => {
        await context.setOffline(true);
        await write();
        await context.setOffline(false);
      },
      frozen: async () => {
        await tab.freeze();
        await tab.thaw();
      },
      'server restarted': async () => {
        await server.kill();
        await write();
        await server.start();
      },
      'server restarted while frozen': async () => {
        await tab.freeze();
        await server.kill();
        await server.start();
        await tab.thaw();
      },
      'reloaded while the server is away': async () => {
        await server.kill();
        await write();
        await tab.reload();
        await server.start();
        await tab.reload();
      },
    };

    const happened: Disturbance[] = [];
    for (const next of plan(seeded(SEED))) {
      await write();
      if (written >= MESSAGES) break;
      happened.push(next);
      await disturb[next]();
      await tab.arrive();
    }
    const expected = Array.from({ length: MESSAGES }, (_, index) => `line ${index + 1}`);
    const why = () => `seed ${SEED}; ${happened.join(', ')}`;
    const missing = (texts: readonly string[]) => expected.filter((text) => !texts.includes(text));
    await expect
      .poll(async () => missing(await reader.kept()), { timeout: 60_000, message: `kept; ${why()}` })
      .toEqual([]);
    await expect
      .poll(() => missing(reader.heard), { timeout: 60_000, message: `heard; ${why()}` })
      .toEqual([]);
    await tab.connected().waitFor();
    // All answers are in when nothing is on its way any more.
    await tab.page.locator('[data-delivery]').first().waitFor({ state: 'detached' });
    expect(await reader.kept(), why()).toEqual(expected);
    expect(reader.heard, why()).toEqual(expected);
    const shown = await tab.shown(/^line \d+$/);
    expect(shown, why()).toEqual(expected.slice(-shown.length));
    expect(shown.length).toBeGreaterThanOrEqual(Math.min(MESSAGES, 20));
    console.log(`${MESSAGES} messages, ${happened.length} disturbances, seed ${SEED}: once each, in order`);
  });
});
