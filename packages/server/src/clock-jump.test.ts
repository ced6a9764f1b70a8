import { expect, it, vi } from 'vitest';
import { systemClock } from './adapters/system-clock.js';
import type { RawClient } from './testing/raw-client.js';
import { startTestServer } from './testing/test-server.js';

const DAY_MS = 24 * 3_600_000;
const PATIENCE = { timeout: 10_000, interval: 50 };

const say = (client: RawClient, opId: string) =>
  client.ask('chat.send', opId, { scope: 'network:lobby', body: `this is ${opId}` });
const placesHeard = (client: RawClient) =>
  client.heard.filter(({ type }) => type === 'chat.message').map((heard) => Reflect.get(heard, 'seq'));

// At once: most of it is waiting for the server to look at its clock.
it.concurrent.each([
  ['ahead', DAY_MS],
  ['back', -DAY_MS],
])(
  'a clock that jumps a day %s, and back again: nothing is lost, doubled or cut off, and it is told of',
  async (_, jump) => {
    let shift = 0;
    const server = await startTestServer({ clock: { ...systemClock, now: () => Date.now() + shift } });
    const warnings = () => server.logs.filter((line) => line.includes('the clock of this machine jumped'));
    const ada = await server.connect(await server.tokenOf('ada'), 'v1');
    const grace = await server.connect(await server.tokenOf('grace'), 'v1');
    const before = await say(ada, 'before');
    expect(before.type).toBe('ack');

    shift = jump;
    const during = await say(ada, 'during');
    expect(during.type).toBe('ack');
    // What was done yesterday, by this clock, is not done again.
    expect((await say(ada, 'before')).data).toEqual(before.data);
    expect((await grace.ask('presence.ping', 'ping')).type).toBe('presence.pong');
    // Who comes now gets tokens of this time and is let in.
    const late = await server.connect(await server.tokenOf('linus'), 'v1');
    expect((await say(late, 'late')).type).toBe('ack');
    await vi.waitFor(() => expect(warnings()).toHaveLength(1), PATIENCE);

    shift = 0;
    await vi.waitFor(() => expect(warnings()).toHaveLength(2), PATIENCE);
    expect((await say(ada, 'during')).data).toEqual(during.data);
    expect((await say(grace, 'after')).type).toBe('ack');
    const last = await server.connect(await server.tokenOf('linus'), 'v1');
    expect((await say(last, 'last')).type).toBe('ack');

    await vi.waitFor(() => expect(placesHeard(grace)).toEqual([1, 2, 3, 4, 5]), PATIENCE);
    expect(placesHeard(ada)).toEqual([1, 2, 3, 4, 5]);
    const { data } = await ada.ask('chat.history', 'all', { scope: 'network:lobby' });
    const bodies = ((data?.messages ?? []) as { body: string }[]).map(({ body }) => body);
    expect(bodies).toEqual(['last', 'after', 'late', 'during', 'before'].map((name) => `this is ${name}`));
    expect((await server.call('GET', '/ready')).status).toBe(200);
    for (const client of [ada, grace, late, last]) await client.close();
    await server.end();
  },
  30_000,
);
