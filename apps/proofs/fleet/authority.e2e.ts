import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ConformanceUser } from '@goconnect/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { atLength, effort } from '../support/effort.js';
import type { RawConnection } from '../support/raw-connection.js';
import { ON_ITS_OWN } from '../support/server-process.js';
import { Fleet } from './support/fleet.js';
import { ground, NO_GROUND } from './support/ground.js';

const PATIENCE_MS = 90_000;
const TIMEOUT_MS = 150_000;
/** Decision 0038, and what it takes to look. */
const LATE_MS = 11_000;
const LOGINS = 6;
/** A look every ten seconds finds a sixth of the users. */
const FOUND_MS = 30_000;
const EACH = effort({ test: 3, ci: 10, prove: 200 });

const removals = [
  ['kick', 'admin.kick'],
  ['ban', 'admin.ban'],
] as const;

describe.skipIf(NO_GROUND)('promise 8: what one server takes away is gone on the other', () => {
  const on = ground();
  let fleet: Fleet;
  let owner: ConformanceUser;
  let network: string;
  let room: string;
  /** Somebody who stays, on the server where the others are removed from afar. */
  let witness: RawConnection;

  beforeEach(async () => {
    fleet = await Fleet.start(on());
    owner = fleet.stranger('owner');
    network = await fleet.admin(0).newNetwork(owner);
    room = `network:${network}`;
    witness = await fleet.raw(1, owner.token);
  });
  afterEach(async () => {
    await fleet.stop();
    const { redis } = on();
    if (redis.ended()) await redis.restart();
  });

  const say = (who: RawConnection, body: string) => who.ask('chat.send', randomUUID(), { scope: room, body });

  /** A member, on the second server, who has said something. */
  async function member(name: string) {
    const user = fleet.stranger(name);
    await fleet.admin(1).join(network, user);
    const connection = await fleet.raw(1, user.token);
    const said = await say(connection, `${name} was here`);
    return { user, connection, message: said.data?.message_id };
  }

  const told = (who: RawConnection, type: string) =>
    vi.waitUntil(() => who.events.some((one) => one.type === type), PATIENCE_MS);

  /** The witness heard of what came later; whoever was removed has heard nothing since. */
  async function nothingAfter(removed: RawConnection): Promise<void> {
    const { data } = await say(witness, `after ${randomUUID()}`);
    await vi.waitUntil(() => witness.events.some((one) => one.data?.id === data?.message_id), PATIENCE_MS);
    await removed.ask('presence.ping', randomUUID(), {});
    expect(removed.events.filter((one) => one.room === room).at(-1)?.type).toBe('member.left');
  }

  async function canDoNothing({ connection, message }: Awaited<ReturnType<typeof member>>): Promise<void> {
    const asked = [
      ['chat.send', { scope: room, body: 'still here' }],
      ['chat.edit', { message_id: message, new_body: 'still here' }],
      ['chat.history', { scope: room, limit: 10 }],
      ['presence.list', { room }],
      ['room.join', { room }],
    ] as const;
    for (const [type, data] of asked) {
      const { error } = await connection.ask(type, randomUUID(), data);
      expect([type, error?.code]).toEqual([type, expect.stringMatching(/^ERR_(FORBIDDEN|NOT_FOUND)$/)]);
    }
  }

  it.each(removals)(
    'a %s, by the bus and not by a look into the log',
    async (how, type) => {
      const tookMs: number[] = [];
      for (let round = 0; round < EACH; round++) {
        const one = await member(`${how}-${round}`);
        const startedAt = performance.now();
        await fleet.admin(0)[how](network, owner, one.user, 'for proof');
        await told(one.connection, type);
        tookMs.push(performance.now() - startedAt);
        await nothingAfter(one.connection);
        await canDoNothing(one);
      }
      console.log(
        `${how}: ${EACH} removed on the other server, the slowest in ${Math.ceil(Math.max(...tookMs))} ms`,
      );
      // A look finds each; one that comes while an entry is on its way finds that as well.
      expect(await fleet.metric(1, 'goconnect_room_holes_total')).toBeLessThan(EACH / 2);
      if (atLength()) expect(Math.max(...tookMs)).toBeLessThan(1_000);
    },
    TIMEOUT_MS,
  );

  async function logOut(at: number, { token, refreshToken }: ConformanceUser): Promise<void> {
    const answer = await fetch(`${fleet.node(at).http}/v1/auth/logout`, {
      method: 'POST',
      headers: { ...ON_ITS_OWN, authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ refresh_token: refreshToken }),
    });
    expect(answer.status).toBe(200);
  }

  it(
    `${LOGINS} log-ins, and not one after the other as a look finds them`,
    async () => {
      const users = await Promise.all(Array.from({ length: LOGINS }, () => fleet.admin(0).newUser()));
      const connections = await Promise.all(users.map(({ token }) => fleet.raw(1, token)));
      const startedAt = performance.now();
      const closed = Promise.all(connections.map((one) => one.closed));
      await Promise.all(users.map((user) => logOut(0, user)));
      const codes = await Promise.race([closed, pause(FOUND_MS, 'late')]);
      expect(codes).toEqual(users.map(() => 4401));
      const tookMs = performance.now() - startedAt;
      console.log(
        `log-out: the last of ${LOGINS} was closed on the other server after ${Math.ceil(tookMs)} ms`,
      );
      if (atLength()) expect(tookMs).toBeLessThan(1_000);
      for (const { token } of users) expect(await (await fleet.raw(1, token)).closed).toBe(4401);
    },
    TIMEOUT_MS,
  );

  it.each(removals)(
    'while Redis is gone: a %s, at the next look, and nothing is allowed meanwhile',
    async (how, type) => {
      const one = await member(how);
      await on().redis.kill();
      await vi.waitUntil(async () => (await fleet.ready()).every(({ bus }) => bus === 'down'), PATIENCE_MS);
      const startedAt = performance.now();
      await fleet.admin(0)[how](network, owner, one.user, 'for proof');
      await canDoNothing(one);
      await told(one.connection, type);
      const tookMs = performance.now() - startedAt;
      console.log(`${how} without Redis: told on the other server in ${Math.ceil(tookMs)} ms`);
      await nothingAfter(one.connection);
      if (atLength()) expect(tookMs).toBeLessThan(LATE_MS);
    },
    TIMEOUT_MS,
  );

  it.skipIf(!atLength())(
    'while Redis is gone: a log-in, after about a minute',
    async () => {
      const user = await fleet.admin(0).newUser();
      const connection = await fleet.raw(1, user.token);
      await on().redis.kill();
      await logOut(0, user);
      expect(await connection.closed).toBe(4401);
    },
    TIMEOUT_MS,
  );
});
