import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import type { RawConnection } from '../support/raw-connection.js';
import { asLogin, Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';
import { judge, Talk } from './support/talk.js';

const PEOPLE = 6;
const ROLLS = effort({ test: 1, ci: 2, prove: 50 });
const MOVES = effort({ test: 10, ci: 50, prove: 2_000 });
const PATIENCE_MS = 60_000;
/** A silent server is gone after 45 s, which is seen within 15 s; its users have 15 s to come back. */
const GONE_MS = 75_000;

describe.skipIf(NO_GROUND)('presence (A4.1) on two servers', () => {
  const on = ground();
  let fleet: Fleet;
  beforeEach(async () => {
    fleet = await Fleet.start(on());
  });
  afterEach(() => fleet.stop());

  const told = ({ events }: RawConnection, userId: string) =>
    events
      .filter(({ type, data }) => type === 'presence.update' && data?.user_id === userId)
      .map(({ data }) => data?.status);

  /** Ids of who is online by the word of one server. */
  async function online(at: number): Promise<readonly string[]> {
    const asker = await fleet.raw(at, fleet.stranger('asker').token);
    const { data } = await asker.ask('presence.list', randomUUID(), { room: 'tenant:default' });
    await asker.close();
    return ((data?.members ?? []) as { readonly user_id: string }[])
      .map(({ user_id }) => user_id)
      .filter((id) => id !== 'asker')
      .sort();
  }

  it(
    `promise 7: does not flicker, and nothing is lost, when both are stopped and started in turn, ${ROLLS} times`,
    async () => {
      const people = Array.from({ length: PEOPLE }, (_, index) => fleet.stranger(`person-${index}`));
      const [owner = fleet.stranger('owner')] = people;
      const network = await fleet.admin(0).newNetwork(owner);
      for (const one of people.slice(1)) await fleet.admin(0).join(network, one);
      const guests = await Promise.all(people.map((one) => fleet.visit(one)));
      const talk = new Talk(guests, `network:${network}`);
      for (let roll = 0; roll < ROLLS; roll++) {
        for (const node of fleet.nodes.keys()) {
          await talk.goesOn(PEOPLE);
          await fleet.restart(node, 'SIGTERM');
        }
      }
      await talk.goesOn(PEOPLE);
      await talk.end();
      await judge(talk, guests, fleet.node(0).http, asLogin(owner));
      const left = guests.flatMap(({ presence }) => presence).filter((text) => text.endsWith(' offline'));
      expect(left).toEqual([]);
      const ids = people.map(({ id }) => id);
      for (const at of [0, 1])
        await vi.waitUntil(async () => `${await online(at)}` === `${ids}`, PATIENCE_MS);
    },
    120_000 + ROLLS * 60_000,
  );

  it(
    `is told once of somebody who moves from one to the other ${MOVES} times`,
    async () => {
      const witnesses = await Promise.all([0, 1].map((at) => fleet.raw(at, fleet.stranger('witness').token)));
      const { token } = fleet.stranger('mover');
      let here = await fleet.raw(0, token);
      for (let move = 1; move <= MOVES; move++) {
        const there = await fleet.raw(move % 2, token);
        // The bus keeps the order: where this is heard, it was heard before who is there.
        const body = `move ${move}`;
        await there.ask('chat.send', randomUUID(), { scope: 'host', body });
        await vi.waitUntil(() => here.events.some(({ data }) => data?.body === body), PATIENCE_MS);
        await here.close();
        here = there;
      }
      for (const witness of witnesses) {
        await vi.waitUntil(() => told(witness, 'mover').length > 0, PATIENCE_MS);
        expect(told(witness, 'mover')).toEqual(['online']);
      }
      await here.close();
      for (const witness of witnesses) {
        await vi.waitUntil(() => told(witness, 'mover').length > 1, PATIENCE_MS);
        expect(told(witness, 'mover')).toEqual(['online', 'offline']);
      }
      expect(await Promise.all([online(0), online(1)])).toEqual([['witness'], ['witness']]);
    },
    120_000 + MOVES * 200,
  );

  /** Those who are on the second server, and somebody on the first one who is told of them. */
  async function crowd(names: readonly string[]): Promise<RawConnection> {
    const witness = await fleet.raw(0, fleet.stranger('witness').token);
    await Promise.all(names.map((name) => fleet.raw(1, fleet.stranger(name).token)));
    await vi.waitUntil(async () => (await online(0)).length === names.length + 1, PATIENCE_MS);
    return witness;
  }

  it.skipIf(!atLength())(
    `of those whose server was killed is told once, within ${GONE_MS} ms, and of those who came back it is not`,
    async () => {
      const names = ['back-0', 'back-1', 'lost-0', 'lost-1'];
      const witness = await crowd(names);
      const startedAt = performance.now();
      // A supervisor starts it at once; the new one knows nothing of whom the old one had.
      await fleet.restart(1, 'SIGKILL');
      await Promise.all(names.slice(0, 2).map((name, at) => fleet.raw(at, fleet.stranger(name).token)));
      const gone = () => names.filter((name) => told(witness, name).includes('offline'));
      await vi.waitUntil(() => gone().length >= 2, 2 * GONE_MS);
      const tookMs = performance.now() - startedAt;
      console.log(`a killed server: its users are told of as gone after ${Math.ceil(tookMs)} ms`);
      // Who comes back to the new one, which never knew of them, is told of as online once more.
      expect(names.slice(0, 2).flatMap((name) => told(witness, name))).not.toContain('offline');
      for (const name of names.slice(2)) expect(told(witness, name)).toEqual(['online', 'offline']);
      expect(await online(0)).toEqual(['back-0', 'back-1', 'witness']);
      expect(tookMs).toBeLessThan(GONE_MS + 1_000);
    },
  );

  it.skipIf(!atLength())(
    'of those whose server stood still for so long that it seemed gone is told again',
    async () => {
      const witness = await crowd(['there']);
      const { pid = 0 } = fleet.node(1);
      process.kill(pid, 'SIGSTOP');
      await vi.waitUntil(() => told(witness, 'there').includes('offline'), 2 * GONE_MS);
      process.kill(pid, 'SIGCONT');
      await vi.waitUntil(() => told(witness, 'there').length > 2, 2 * GONE_MS);
      expect(told(witness, 'there')).toEqual(['online', 'offline', 'online']);
      expect(await Promise.all([online(0), online(1)])).toEqual([
        ['there', 'witness'],
        ['there', 'witness'],
      ]);
    },
  );
});
