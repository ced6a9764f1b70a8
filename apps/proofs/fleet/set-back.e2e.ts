import { execFileSync } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConformanceUser } from '@goconnect/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wholeHistory } from '../support/demo-users.js';
import { asLogin, Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';
import type { Guest } from './support/guest.js';

const PATIENCE_MS = 90_000;
const TIMEOUT_MS = 240_000;

describe.skipIf(NO_GROUND)('a database that goes back under two servers', () => {
  const on = ground();
  let fleet: Fleet;
  let ada: ConformanceUser;
  let room: string;
  let guests: readonly Guest[];

  /** Files belong to the user of PostgreSQL, who is kept by `cp -a`. */
  const copy = (from: string, to: string) => execFileSync('cp', ['-a', from, to]);
  const keep = () =>
    on().postgres.restart(async (data) => {
      await rm(`${data}-older`, { recursive: true, force: true });
      copy(data, `${data}-older`);
    });
  const putBack = () =>
    on().postgres.restart(async (data) => {
      await rm(data, { recursive: true });
      copy(`${data}-older`, data);
    });

  beforeEach(async () => {
    fleet = await Fleet.start(on());
    ada = fleet.stranger('ada');
    room = `network:${await fleet.admin(0).newNetwork(ada)}`;
    guests = await Promise.all([0, 1, 0, 1].map((at) => fleet.visit(ada, at)));
  });
  afterEach(async () => {
    await fleet.stop();
  });

  const bodies = (guest: Guest) => guest.of(room).map(({ what }) => what);
  const everybodyHeard = (body: string) =>
    vi.waitUntil(() => guests.every((guest) => bodies(guest).includes(body)), PATIENCE_MS);
  /** Once the servers have noticed that the lines they had are gone. */
  async function say(at: number, body: string): Promise<void> {
    while (
      !(await guests[at]?.client
        .room(room)
        .send(body)
        .catch(() => undefined))
    )
      await pause(20);
    await everybodyHeard(body);
  }

  it.each([
    ['and somebody writes on at once', 0],
    ['and nobody says anything', undefined],
  ])(
    '%s: everybody is told of a gap, on each of them, and nothing is missing without a word',
    async (_, writer) => {
      await say(0, 'one');
      await keep();
      await say(1, 'two, which is lost');
      await say(0, 'three, which is lost');
      expect(guests.flatMap(({ gaps }) => gaps)).toEqual([]);
      await putBack();
      if (writer !== undefined)
        await guests[writer]?.client
          .room(room)
          .send('four')
          .catch(() => {});
      const toldOfGap = ({ gaps }: Guest) => gaps.some((gap) => gap.startsWith(`${room} epoch`));
      await vi.waitUntil(() => guests.every(toldOfGap), PATIENCE_MS).catch(() => {});
      expect(guests.map(toldOfGap)).toEqual([true, true, true, true]);
      await say(1, 'five');
      await say(0, 'six');
      const stored = (await wholeHistory(fleet.node(1).http, asLogin(ada), room)).map(({ body }) => body);
      expect(stored.filter((body) => body !== 'four')).toEqual(['one', 'five', 'six']);
      // Where a gap was told it is read anew; after it nothing is doubled or left out.
      for (const guest of guests) {
        const after = bodies(guest).slice(bodies(guest).indexOf('five'));
        expect(after).toEqual(['five', 'six']);
      }
    },
    TIMEOUT_MS,
  );
});
