import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/entities.js';
import { createNetworkStage } from '../testing/network-stage.js';
import { outcome } from '../testing/outcome.js';
import type { World } from '../testing/world.js';

let world: World;
let scope: string;
let member: Actor;
let guest: Actor;
let foreigner: Actor;

beforeEach(async () => {
  const stage = await createNetworkStage();
  ({ world, member, guest, foreigner } = stage);
  scope = `network:${await stage.network()}`;
});
afterEach(() => world.close());

const chat = () => world.operations.chat;
const send = async (actor: Actor, body = 'hello', to = scope) =>
  (await chat().send({ actor }, { scope: to, body })).reply.message_id;
const remove = (actor: Actor, message_id: string) => chat().delete({ actor }, { message_id, mode: 'hard' });

describe('chat.history', () => {
  const ids = async (query: object, actor = member) => {
    const { messages, next } = await chat().history(actor, { scope, ...query });
    return { ids: messages.map(({ id }) => id), next };
  };

  it('B3.5 pages from the newest to the oldest, each message once', async () => {
    const sent: string[] = [];
    for (let n = 0; n < 7; n++) sent.push(await send(member, `${n}`));
    const seen: string[] = [];
    let before: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof ids>> = await ids({ limit: 3, ...(before && { before }) });
      seen.push(...page.ids);
      before = page.next;
    } while (before !== null);
    expect(seen).toEqual([...sent].reverse());
  });

  it('B3.5 pages forward with after, oldest first', async () => {
    const sent: string[] = [];
    for (let n = 0; n < 5; n++) sent.push(await send(member, `${n}`));
    expect(await ids({ after: sent[0], limit: 2 })).toEqual({ ids: sent.slice(1, 3), next: sent[2] });
    expect(await ids({ after: sent[2], limit: 2 })).toEqual({ ids: sent.slice(3), next: null });
    expect(await ids({ after: sent[4] })).toEqual({ ids: [], next: null });
  });

  it('goes on at a message that was removed meanwhile', async () => {
    const sent: string[] = [];
    for (let n = 0; n < 5; n++) sent.push(await send(member, `${n}`));
    const { next } = await ids({ limit: 2 });
    expect(next).toBe(sent[3]);
    await remove(member, sent[3] ?? '');
    expect(await ids({ before: next })).toEqual({ ids: [sent[2], sent[1], sent[0]], next: null });
    expect(await ids({ after: next })).toEqual({ ids: [sent[4]], next: null });
  });

  it('refuses cursors of another scope, unknown ones, and two at once', async () => {
    const here = await send(member);
    const elsewhere = await send(member, 'x', 'host');
    expect(await outcome(ids({ before: elsewhere }))).toBe('ERR_NOT_FOUND');
    expect(await outcome(ids({ after: 'msg-never' }))).toBe('ERR_NOT_FOUND');
    expect(await outcome(ids({ before: here, after: here }))).toBe('ERR_INVALID_MESSAGE validation');
  });

  it('A3.3 and A3.5 is for those in the room, and for those who watch over it', async () => {
    await send(member);
    expect(await outcome(ids({}, guest))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(ids({}, foreigner))).toBe('ERR_NOT_FOUND');
    expect(await outcome(ids({}, await world.user('w', { isModerator: true })))).toBe('ok');
    const rootElsewhere = await world.user('r', { isAdmin: true, tenantId: 'elsewhere' });
    expect(await outcome(ids({}, rootElsewhere))).toBe('ERR_NOT_FOUND');
  });

  it('gives fifty messages unless told otherwise', async () => {
    await Promise.all(Array.from({ length: 60 }, () => send(member)));
    expect((await ids({})).ids).toHaveLength(50);
  });
});
