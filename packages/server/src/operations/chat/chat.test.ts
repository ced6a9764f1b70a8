import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/entities.js';
import { createWorld, EDIT_WINDOW, type World } from '../testing/world.js';

let world: World;
let scope: string;
let networkId: string;
let owner: Actor;
let admin: Actor;
let moderator: Actor;
let member: Actor;
let stranger: Actor;
let foreigner: Actor;

beforeEach(async () => {
  world = await createWorld('sqlite::memory:');
  const user = world.user;
  [owner, admin, moderator, member] = [await user('o'), await user('a'), await user('mod'), await user('m')];
  stranger = await user('s');
  foreigner = await user('f', { tenantId: 'elsewhere' });
  const network = await world.operations.networks.create(owner, {
    name: 'net',
    visibility: 'public',
    joinPolicy: 'open',
  });
  networkId = network.id;
  scope = `network:${networkId}`;
  await world.enrol(networkId, admin, 'admin');
  await world.enrol(networkId, moderator, 'moderator');
  await world.enrol(networkId, member, 'member');
});
afterEach(() => world.close());

const chat = () => world.operations.chat;
const send = async (actor: Actor, body = 'hello', to = scope) =>
  (await chat().send({ actor }, { scope: to, body })).reply.message_id;
const edit = (actor: Actor, message_id: string, new_body = 'edited') =>
  chat().edit({ actor }, { message_id, new_body });
const remove = (actor: Actor, message_id: string, mode: 'soft' | 'hard' = 'soft') =>
  chat().delete({ actor }, { message_id, mode });
const redact = (actor: Actor, message_id: string, mask = '***') =>
  chat().redact({ actor }, { message_id, mask });
const newest = async (actor = owner) => (await chat().history(actor, { scope, limit: 1 })).messages[0];
const types = async () => (await world.log(scope)).map(({ type }) => type);
const code = (promise: Promise<unknown>) =>
  promise.then(
    () => 'ok',
    (error: { code?: string; details?: { reason?: string } }) =>
      [error.code, error.details?.reason].filter(Boolean).join(' '),
  );

describe('chat.send', () => {
  it('appends the message to the log of its scope, as it goes over the wire', async () => {
    const context = { actor: member, meta: { traceparent: '00-1-2-01' } };
    const { reply, repeated } = await chat().send(context, {
      scope,
      body: 'hi',
      attachments: ['https://x/'],
    });
    expect(reply).toEqual({ message_id: expect.stringMatching(/^msg-[\w-]+$/), status: 'sent' });
    expect(repeated).toBe(false);
    const entry = (await world.log(scope)).at(-1);
    expect(entry).toMatchObject({
      type: 'chat.message',
      room: scope,
      meta: { traceparent: '00-1-2-01' },
      data: {
        id: reply.message_id,
        scope,
        user_id: member.userId,
        body: 'hi',
        redacted: false,
        deleted_at: null,
        attachments: ['https://x/'],
        created_at: new Date(world.clock.time).toISOString(),
      },
    });
    expect(entry?.type === 'chat.message' && 'edited_at' in entry.data).toBe(false);
  });

  it('A3.5 needs membership: a public network is forbidden, everything else does not exist', async () => {
    const hidden = await world.operations.networks.create(owner, {
      name: 'hid',
      visibility: 'private',
      joinPolicy: 'invite',
    });
    expect(await code(send(stranger))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await code(send(stranger, 'x', `network:${hidden.id}`))).toBe('ERR_NOT_FOUND');
    expect(await code(send(stranger, 'x', 'network:none'))).toBe('ERR_NOT_FOUND');
    expect(await code(send(foreigner))).toBe('ERR_NOT_FOUND');
    expect(await code(send(stranger, 'x', 'tenant:default'))).toBe('ERR_NOT_FOUND');
    expect(await types()).toEqual(['member.joined']);
  });

  it('A3.5 is for members alone, also when somebody watches over the whole deployment', async () => {
    const root = await world.user('root', { isAdmin: true });
    expect(await code(send(root))).toBe('ERR_FORBIDDEN not_a_member');
  });

  it('A3.3 to host reaches everyone, whatever their tenant', async () => {
    const id = await send(foreigner, 'hello all', 'host');
    const { messages } = await chat().history(stranger, { scope: 'host' });
    expect(messages).toMatchObject([{ id, body: 'hello all', userId: foreigner.userId }]);
  });

  it('A3.7 reads rights at the moment of the operation', async () => {
    await send(member);
    await world.operations.networks.kick(moderator, networkId, member.userId);
    expect(await code(send(member))).toBe('ERR_FORBIDDEN not_a_member');
  });

  it('A3.3 holds a user to the tenant of the token, even where a membership says otherwise', async () => {
    await world.enrol(networkId, foreigner, 'admin');
    expect(await code(send(foreigner))).toBe('ERR_NOT_FOUND');
    expect(await code(redact(foreigner, await send(member)))).toBe('ERR_NOT_FOUND');
  });

  it('A2.2 keeps the order in which one connection hands messages over', async () => {
    const bodies = Array.from({ length: 50 }, (_, n) => `${n}`);
    await Promise.all(bodies.map((body) => chat().send({ actor: member }, { scope, body })));
    const { messages } = await chat().history(member, { scope, limit: 50 });
    expect(messages.map(({ body }) => body).reverse()).toEqual(bodies);
  });
});

describe('chat.edit', () => {
  it('A3.6 is the author’s for a quarter of an hour', async () => {
    const id = await send(member);
    world.clock.advance(EDIT_WINDOW);
    const { reply } = await edit(member, id, 'better');
    const editedAt = new Date(world.clock.time).toISOString();
    expect(reply).toEqual({ message_id: id, status: 'edited', edited_at: editedAt });
    expect((await world.log(scope)).at(-1)).toMatchObject({
      type: 'chat.edited',
      data: { message_id: id, new_body: 'better', edited_at: editedAt },
    });
    expect(await newest()).toMatchObject({ body: 'better', editedAt: world.clock.time });
    world.clock.advance(1);
    expect(await code(edit(member, id))).toBe('ERR_FORBIDDEN edit_window');
  });

  it('A3.6 is an admin’s at any time, nobody else’s', async () => {
    const id = await send(member);
    world.clock.advance(10 * EDIT_WINDOW);
    expect(await code(edit(admin, id))).toBe('ok');
    expect(await code(edit(moderator, id))).toBe('ERR_FORBIDDEN rank');
    expect(await code(edit(admin, await send(owner)))).toBe('ERR_FORBIDDEN rank');
  });

  it('A3.6 never touches what was deleted or redacted', async () => {
    const [deleted, redacted] = [await send(member), await send(member)];
    await remove(member, deleted);
    await redact(moderator, redacted);
    expect(await code(edit(member, deleted))).toBe('ERR_FORBIDDEN deleted');
    expect(await code(edit(admin, redacted))).toBe('ERR_FORBIDDEN redacted');
  });

  it('ends with the membership', async () => {
    const id = await send(member);
    await world.operations.networks.leave(member, networkId);
    expect(await code(edit(member, id))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await code(remove(member, id))).toBe('ERR_FORBIDDEN not_a_member');
  });
});

describe('chat.delete', () => {
  it('A3.6 softly empties the body for readers and keeps it for moderators', async () => {
    const id = await send(member, 'regret');
    await edit(member, id, 'more regret');
    const { reply } = await remove(member, id);
    expect(reply).toEqual({
      message_id: id,
      status: 'deleted',
      mode: 'soft',
      deleted_at: new Date(world.clock.time).toISOString(),
    });
    expect(await newest()).toMatchObject({ id, body: '', attachments: [], deletedAt: world.clock.time });
    expect(await chat().edits(moderator, id)).toMatchObject([
      { previousBody: 'regret', change: 'edit', changedBy: member.userId },
      { previousBody: 'more regret', change: 'delete', changedBy: member.userId },
    ]);
    expect(await code(chat().edits(member, id))).toBe('ERR_FORBIDDEN role');
  });

  it('A3.6 hard leaves neither row nor history', async () => {
    const id = await send(member, 'secret');
    await edit(member, id, 'still secret');
    await remove(moderator, id, 'hard');
    expect((await chat().history(owner, { scope })).messages).toEqual([]);
    expect(await code(chat().edits(owner, id))).toBe('ERR_NOT_FOUND');
    expect(await code(remove(owner, id, 'hard'))).toBe('ERR_NOT_FOUND');
    expect(await types()).toEqual(['member.joined', 'chat.message', 'chat.edited', 'chat.deleted']);
  });

  it('can go from soft to hard, and softly twice without a second event', async () => {
    const id = await send(member);
    const first = await remove(member, id);
    world.clock.advance(1000);
    expect((await remove(moderator, id)).reply).toEqual(first.reply);
    expect(await code(remove(member, id, 'hard'))).toBe('ok');
    expect(await types()).toEqual(['member.joined', 'chat.message', 'chat.deleted', 'chat.deleted']);
  });

  it('A3.7 is nobody’s over a peer or a superior', async () => {
    const peer = await world.user('peer');
    await world.enrol(networkId, peer, 'moderator');
    const [byOwner, byAdmin, byPeer, byMember] = [
      await send(owner),
      await send(admin),
      await send(peer),
      await send(member),
    ];
    for (const id of [byOwner, byAdmin, byPeer])
      expect(await code(remove(moderator, id))).toBe('ERR_FORBIDDEN rank');
    expect(await code(remove(member, byOwner))).toBe('ERR_FORBIDDEN rank');
    expect(await code(remove(moderator, byMember))).toBe('ok');
    expect(await code(remove(admin, byPeer))).toBe('ok');
    expect(await code(remove(owner, byAdmin))).toBe('ok');
  });
});

describe('chat.redact', () => {
  it('A3.6 puts the mask in place of body and attachments', async () => {
    const { reply } = await chat().send(
      { actor: member },
      { scope, body: 'rude', attachments: ['https://x/'] },
    );
    const id = reply.message_id;
    expect((await redact(moderator, id, '[removed]')).reply).toEqual({
      message_id: id,
      status: 'redacted',
      redaction_mask: '[removed]',
    });
    expect((await world.log(scope)).at(-1)).toMatchObject({
      type: 'chat.redacted',
      data: { message_id: id, redaction_mask: '[removed]', redacted_by: moderator.userId },
    });
    expect(await newest(member)).toMatchObject({ body: '[removed]', redacted: true, attachments: [] });
    expect(await chat().edits(moderator, id)).toMatchObject([{ previousBody: 'rude', change: 'redact' }]);
  });

  it('A3.6 is for moderators and up', async () => {
    const id = await send(member);
    expect(await code(redact(member, id))).toBe('ERR_FORBIDDEN rank');
    expect(await code(redact(stranger, id))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await code(redact(foreigner, id))).toBe('ERR_NOT_FOUND');
    expect(await code(redact(moderator, await send(moderator)))).toBe('ok');
    expect(await code(redact(moderator, await send(admin)))).toBe('ERR_FORBIDDEN rank');
    await remove(member, id);
    expect(await code(redact(moderator, id))).toBe('ERR_FORBIDDEN deleted');
  });

  it('A3.7 is in host for those who watch over the deployment', async () => {
    const watcher = await world.user('watcher', { isModerator: true, tenantId: 'elsewhere' });
    const root = await world.user('root', { isAdmin: true });
    const id = await send(member, 'rude', 'host');
    expect(await code(redact(owner, id))).toBe('ERR_FORBIDDEN rank');
    expect(await code(redact(watcher, id))).toBe('ok');
    expect(await code(redact(watcher, await send(root, 'x', 'host')))).toBe('ERR_FORBIDDEN rank');
    expect(await chat().edits(watcher, id)).toHaveLength(1);
    expect(await code(chat().edits(owner, id))).toBe('ERR_FORBIDDEN role');
  });
});

describe('what was taken back', () => {
  it.each([
    ['soft', (id: string) => remove(member, id, 'soft'), ''],
    ['hard', (id: string) => remove(member, id, 'hard'), ''],
    ['redacted', (id: string) => redact(moderator, id, '###'), '###'],
  ])('(%s) does not come back with a replay, and nothing moves in the log', async (_, act, left) => {
    const id = await send(member, 'PRIVATE 1');
    await edit(member, id, 'PRIVATE 2');
    await send(member, 'other');
    await edit(member, id, 'PRIVATE 3');
    const before = await world.log(scope);
    await act(id);
    const after = await world.log(scope);
    expect(JSON.stringify(after)).not.toContain('PRIVATE');
    expect(after.slice(0, -1).map(({ type, seq, at }) => [type, seq, at])).toEqual(
      before.map(({ type, seq, at }) => [type, seq, at]),
    );
    expect(after[1]).toMatchObject({ type: 'chat.message', data: { id, body: left, attachments: [] } });
    expect(after[2]).toMatchObject({ type: 'chat.edited', data: { message_id: id, new_body: left } });
    expect(after[3]).toMatchObject({ data: { body: 'other' } });
  });
});

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
    await remove(member, sent[3] ?? '', 'hard');
    expect(await ids({ before: next })).toEqual({ ids: [sent[2], sent[1], sent[0]], next: null });
    expect(await ids({ after: next })).toEqual({ ids: [sent[4]], next: null });
  });

  it('refuses cursors of another scope, unknown ones, and two at once', async () => {
    const here = await send(member);
    const elsewhere = await send(member, 'x', 'host');
    expect(await code(ids({ before: elsewhere }))).toBe('ERR_NOT_FOUND');
    expect(await code(ids({ after: 'msg-never' }))).toBe('ERR_NOT_FOUND');
    expect(await code(ids({ before: here, after: here }))).toBe('ERR_INVALID_MESSAGE validation');
  });

  it('A3.3 and A3.5 is for those in the room, and for those who watch over it', async () => {
    await send(member);
    expect(await code(ids({}, stranger))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await code(ids({}, foreigner))).toBe('ERR_NOT_FOUND');
    expect(await code(ids({}, await world.user('w', { isModerator: true })))).toBe('ok');
    const rootElsewhere = await world.user('r', { isAdmin: true, tenantId: 'elsewhere' });
    expect(await code(ids({}, rootElsewhere))).toBe('ERR_NOT_FOUND');
  });

  it('gives fifty messages unless told otherwise', async () => {
    await Promise.all(Array.from({ length: 60 }, () => send(member)));
    expect((await ids({})).ids).toHaveLength(50);
  });
});
