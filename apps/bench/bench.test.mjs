import { describe, expect, it } from 'vitest';
import { clientTable, measureClients } from './client/client.mjs';
import { fanOutTable, measureFanOut } from './fan-out/fan-out.mjs';
import { measureSizes, sizeTable } from './size/size.mjs';
import { Tally } from './support/tally.mjs';
import { measureWholeWay, wholeWayTable } from './whole-way/whole-way.mjs';

// The bench itself at its smallest, with what the workspace has: peers are installed by `npm run bench` alone. That each
// message reached each member once is checked by the bench in every run.

/** @param {readonly number[]} figures */
const areCosts = (figures) => expect(figures.every((figure) => figure > 0)).toBe(true);

describe('the bench', () => {
  it('weighs our client', async () => {
    const [ours] = await measureSizes(['@goconnect/client']);
    expect(ours?.bytes).toBeGreaterThan(1_000);
    expect(sizeTable(ours ? [ours] : [])).toContain('| 1.00 |');
  });

  it('measures fan-out', { timeout: 60_000 }, async () => {
    const options = {
      members: 3,
      rounds: 1,
      loads: [{ perTurn: 5, turns: 2 }],
      candidates: ['goconnect', 'ws', 'ws-joined', 'net'],
    };
    const figures = await measureFanOut(options);
    for (const name of options.candidates) areCosts((figures[name] ?? [0]).flat());
    expect(fanOutTable(options, figures)).toMatch(/\| ws .*1\.00 x/);
  });

  it('measures the whole way', { timeout: 60_000 }, async () => {
    const options = {
      members: 40,
      rounds: 1,
      flood: { senders: 2, window: 2, warmUpS: 0.1, seconds: 0.2 },
      pace: { senders: 2, perSecond: 50, seconds: 0.2 },
      candidates: ['goconnect', 'ws'],
    };
    const figures = await measureWholeWay(options);
    for (const name of options.candidates) areCosts((figures[name] ?? []).flatMap(Object.values));
    expect(wholeWayTable(options, figures)).toContain('our group commit');
  });

  it('measures the client', { timeout: 60_000 }, async () => {
    const candidates = ['goconnect-strict', 'goconnect-off', 'JSON.parse'];
    const options = { events: 100, passes: 1, rounds: 1, candidates };
    const figures = await measureClients(options);
    for (const name of candidates) areCosts(figures[name] ?? [0]);
    expect(clientTable(options, figures)).toContain("validate: 'strict'");
  });
});

describe('the tally', () => {
  it('refuses a message that somebody got twice while another lacks one', async () => {
    const tally = new Tally();
    tally.add(0, Buffer.from('a|b|c|'));
    tally.add(1, Buffer.from('a|'));
    await expect(tally.everybodyHeard(2)).rejects.toThrow('they have 1 to 3');
  });

  it('waits until everybody has heard everything', async () => {
    const tally = new Tally();
    tally.add(0, Buffer.from('a|b|'));
    tally.add(1, Buffer.from('a|'));
    const heard = tally.everybodyHeard(2);
    tally.add(1, Buffer.from('b|'));
    await heard;
  });
});
