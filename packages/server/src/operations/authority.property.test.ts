import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Actor, Role } from '../domain/entities.js';
import { OperationError } from '../domain/operation-error.js';
import { type Person, rankOf } from '../domain/rights.js';
import { createWorld, type World } from './testing/world.js';

// Many people of two tenants do what comes to their mind to two networks. Whatever they try: refusals are refusals of
// the contract, nobody gets past A3.3 and A3.7, and the log tells the same story as the tables.

const PEOPLE = 8;
const ACTS = [
  'join',
  'leave',
  'kick',
  'ban',
  'unban',
  'approve',
  'deny',
  'promote',
  'demote',
  'send',
  'edit',
  'delete',
  'redact',
  'history',
  'update',
] as const;
type Act = (typeof ACTS)[number];

const step = fc.record({
  act: fc.constantFrom(...ACTS),
  actor: fc.nat(PEOPLE - 1),
  target: fc.nat(PEOPLE - 1),
  network: fc.nat(1),
  message: fc.nat(20),
  hard: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Stage {
  readonly world: World;
  readonly people: readonly Actor[];
  readonly networks: readonly string[];
  /** Messages that were sent: id, author, network. */
  readonly messages: { readonly id: string; readonly author: Actor; readonly network: string }[];
}

async function setStage(): Promise<Stage> {
  const world = await createWorld('sqlite::memory:');
  const people: Actor[] = [];
  for (let n = 0; n < PEOPLE; n++) {
    const flags = { isAdmin: n === 5, isModerator: n === 6 };
    // The last one is a deployment admin, of another tenant.
    people.push(await world.user(`p${n}`, n === 7 ? { isAdmin: true, tenantId: 'elsewhere' } : flags));
  }
  const networks: string[] = [];
  for (const joinPolicy of ['open', 'approval'] as const) {
    const input = { name: joinPolicy, visibility: 'public' as const, joinPolicy };
    networks.push((await world.operations.networks.create(people[0] as Actor, input)).id);
  }
  return { world, people, networks, messages: [] };
}

function perform({ world, people, networks, messages }: Stage, { act, ...given }: Step): Promise<unknown> {
  const actor = people[given.actor] as Actor;
  const target = (people[given.target] as Actor).userId;
  const network = networks[given.network] as string;
  const { chat, networks: on } = world.operations;
  const message_id = messages[given.message % Math.max(1, messages.length)]?.id ?? 'msg-none';
  const acts: { readonly [K in Act]: () => Promise<unknown> } = {
    join: () => on.join(actor, network),
    leave: () => on.leave(actor, network),
    kick: () => on.kick(actor, network, target),
    ban: () => on.ban(actor, network, target),
    unban: () => on.unban(actor, network, target),
    approve: () => on.approve(actor, network, target),
    deny: () => on.deny(actor, network, target),
    promote: () => on.setRole(actor, network, target, given.hard ? 'admin' : 'moderator'),
    demote: () => on.setRole(actor, network, target, 'member'),
    send: async () => {
      const { reply } = await chat.send({ actor }, { scope: `network:${network}`, body: 'SAID' });
      messages.push({ id: reply.message_id, author: actor, network });
    },
    edit: () => chat.edit({ actor }, { message_id, new_body: 'SAID again' }),
    delete: () => chat.delete({ actor }, { message_id, mode: given.hard ? 'hard' : 'soft' }),
    redact: () => chat.redact({ actor }, { message_id, mask: '#' }),
    history: () => chat.history(actor, { scope: `network:${network}` }),
    update: () => on.update(actor, network, { name: `name ${given.message}` }),
  };
  return acts[act]();
}

/** Everybody's place in a network right now. */
async function standings({ world, people }: Stage, network: string): Promise<Map<string, Person>> {
  const found = new Map<string, Person>();
  for (const { userId } of people) {
    const standing = await world.store.read((tx) => tx.networks.standing(network, userId));
    const { role, isAdmin = false, isModerator = false } = standing ?? {};
    found.set(userId, { userId, role, isAdmin, isModerator });
  }
  return found;
}

const PERSONAL: readonly Act[] = ['kick', 'ban', 'promote', 'demote'];
const ON_MESSAGES: readonly Act[] = ['edit', 'delete', 'redact'];

/** Performs a step and holds what came of it against A3.3 and A3.7. */
async function performAndJudge(stage: Stage, given: Step): Promise<void> {
  const { people, networks, messages } = stage;
  const actor = people[given.actor] as Actor;
  const message = messages[given.message % Math.max(1, messages.length)];
  const onMessage = ON_MESSAGES.includes(given.act);
  const network = onMessage ? message?.network : networks[given.network];
  const before = await standings(stage, network ?? '');
  const error: unknown = await perform(stage, given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error !== undefined) expect(error).toBeInstanceOf(OperationError);
  if (actor.tenantId === 'elsewhere') {
    expect(error).toMatchObject({ code: 'ERR_NOT_FOUND' });
    return;
  }
  if (error !== undefined) return;
  const rank = rankOf(before.get(actor.userId) as Person);
  const targetId = onMessage ? message?.author.userId : (people[given.target] as Actor).userId;
  const targetRank = rankOf(before.get(targetId ?? '') as Person);
  if (PERSONAL.includes(given.act)) expect(rank).toBeGreaterThan(targetRank);
  if (onMessage && targetId !== actor.userId) expect(rank).toBeGreaterThan(targetRank);
  if (given.act === 'send') expect(before.get(actor.userId)?.role).toBeDefined();
}

async function checkStory(stage: Stage): Promise<void> {
  const { world, networks, messages } = stage;
  for (const network of networks) {
    const log = await world.log(`network:${network}`);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    const told = new Set<string>();
    for (const entry of log) {
      if (entry.type === 'member.joined') {
        expect(told.has(entry.data.user_id)).toBe(false);
        told.add(entry.data.user_id);
      }
      if (entry.type === 'member.left') expect(told.delete(entry.data.user_id)).toBe(true);
      // Nobody speaks after having left.
      if (entry.type === 'chat.message') expect(told.has(entry.data.user_id)).toBe(true);
    }
    const members = await world.store.read((tx) => tx.members.ofNetwork(network, { limit: 1_000 }));
    expect([...told].sort()).toEqual(members.map(({ userId }) => userId).sort());
    const owners = members.filter(({ role }: { readonly role: Role }) => role === 'owner');
    expect(owners).toHaveLength(1);
    for (const { userId } of members) {
      expect(await world.store.read((tx) => tx.members.bans.has(network, userId))).toBe(false);
    }
  }
  // What readers cannot read any more is in no log either.
  for (const { id, network } of messages) {
    const row = await world.store.read((tx) => tx.messages.get(id));
    if (row !== undefined && row.deletedAt === null && !row.redacted) continue;
    const told = (await world.log(`network:${network}`)).filter((entry) =>
      entry.type === 'chat.message'
        ? entry.data.id === id
        : entry.type === 'chat.edited' && entry.data.message_id === id,
    );
    expect(JSON.stringify(told)).not.toContain('SAID');
  }
}

describe('authority', () => {
  it('A3.3, A3.6, A3.7 hold whatever many people try, and the log tells what happened', async () => {
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }), async (history) => {
        const stage = await setStage();
        try {
          for (const given of history) await performAndJudge(stage, given);
          await checkStory(stage);
          steps += history.length;
        } finally {
          await stage.world.close();
        }
      }),
      { numRuns: Number(process.env.GOCONNECT_RUNS ?? 25) },
    );
    expect(steps).toBeGreaterThan(500);
  }, 60_000);
});
