import type { BrowserContext } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { effort } from '../support/effort.js';
import { ChatTab } from './chat-tab.js';
import { browserOptions, openStage, type Stage } from './stage.js';

/** What becomes of the second tab while the server is away and both have something to send. */
const FATES = ['stays', 'is closed', 'crashes', 'is reloaded', 'is frozen'] as const;
type Fate = (typeof FATES)[number];

const ROUNDS = effort({ test: 1, ci: 2, prove: 10 });
/** Written by each tab in each round. */
const LINES = 5;

describe.skipIf(!browserOptions)('two tabs of one person, on one stored outbox', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(() => stage?.end());

  const openTab = async (context: BrowserContext): Promise<ChatTab> => {
    const tab = await ChatTab.open(context, stage.server.url);
    await tab.signIn('ada');
    await tab.connected().waitFor();
    return tab;
  };

  const sentByTwo = (tabs: readonly ChatTab[]): readonly string[] => {
    const senders = tabs.flatMap(({ sent }) => [...new Set(sent)]);
    return senders.filter((opId, index) => senders.indexOf(opId) !== index);
  };

  const meet: Record<Fate, (tab: ChatTab) => Promise<void>> = {
    stays: async () => {},
    'is closed': (tab) => tab.page.close(),
    crashes: (tab) => tab.crash(),
    'is reloaded': (tab) => tab.reload(),
    'is frozen': (tab) => tab.freeze(),
  };

  it(`send each message once, whatever becomes of one of them (${ROUNDS} x ${FATES.join(', ')})`, {
    timeout: 120_000 + ROUNDS * 200_000,
  }, async () => {
    const { server, browser, reader } = stage;
    const context = await browser.newContext();
    const first = await openTab(context);
    const written: string[] = [];
    for (let round = 1; round <= ROUNDS; round++)
      for (const fate of FATES) {
        const second = await openTab(context);
        await server.kill();
        for (let line = 1; line <= LINES; line++)
          for (const [name, tab] of Object.entries({ first, second })) {
            const text = `round ${round}, second tab ${fate}, ${name}: ${line}`;
            written.push(text);
            await tab.say(text);
          }
        // A third one comes while both hold what they could not send: it may take only from the dead.
        for (const tab of [first, second]) await tab.offline(true);
        await server.start();
        await meet[fate](second);
        const third = await openTab(context);
        await first.offline(false);
        await first.connected().waitFor();
        const lives = fate !== 'is closed' && fate !== 'crashes';
        if (lives) await second.offline(false);
        if (fate === 'is frozen') await second.thaw();
        if (fate === 'is reloaded') await second.arrive();
        const unheard = () => written.filter((text) => !reader.heard.includes(text));
        await expect.poll(unheard, { timeout: 60_000, message: fate }).toEqual([]);
        if (lives) await second.connected().waitFor();
        expect(sentByTwo([first, second, third]), fate).toEqual([]);
        for (const tab of [second, third]) await tab.page.close();
      }
    const kept = await reader.kept();
    expect([...kept].sort()).toEqual([...written].sort());
    expect(reader.heard).toEqual(kept);
    const of = (name: string, texts: readonly string[]) => texts.filter((text) => text.includes(name));
    for (const name of ['first:', 'second:']) expect(of(name, kept)).toEqual(of(name, written));
    console.log(
      `${written.length} messages of two tabs, ${ROUNDS * FATES.length} fates: once each, in order`,
    );
  });
});
