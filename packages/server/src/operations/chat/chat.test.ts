import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/entities.js';
import { createNetworkStage } from '../testing/network-stage.js';
import { outcome } from '../testing/outcome.js';
import { EDIT_WINDOW, type World } from '../testing/world.js';

let world: World;
let scope: string;
let networkId: string;
let owner: Actor;
let admin: Actor;
let moderator: Actor;
let member: Actor;
let guest: Actor;
let foreigner: Actor;

beforeEach(async () => {
  const stage = await createNetworkStage();
  ({ world, owner, admin, moderator, member, guest, foreigner } = stage);
  networkId = await stage.network();
  scope = `network:${networkId}`;
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
    expect(await outcome(send(guest))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(send(guest, 'x', `network:${hidden.id}`))).toBe('ERR_NOT_FOUND');
    expect(await outcome(send(guest, 'x', 'network:none'))).toBe('ERR_NOT_FOUND');
    expect(await outcome(send(foreigner))).toBe('ERR_NOT_FOUND');
    expect(await outcome(send(guest, 'x', 'tenant:default'))).toBe('ERR_NOT_FOUND');
    expect(await types()).toEqual(['member.joined']);
  });

  it('A3.5 is for members alone, also when somebody watches over the whole deployment', async () => {
    const root = await world.user('root', { isAdmin: true });
    expect(await outcome(send(root))).toBe('ERR_FORBIDDEN not_a_member');
  });

  it('A3.3 to host reaches everyone, whatever their tenant', async () => {
    const id = await send(foreigner, 'hello all', 'host');
    const { messages } = await chat().history(guest, { scope: 'host' });
    expect(messages).toMatchObject([{ id, body: 'hello all', userId: foreigner.userId }]);
  });

  it('A3.7 reads rights at the moment of the operation', async () => {
    await send(member);
    await world.operations.networks.kick(moderator, networkId, member.userId);
    expect(await outcome(send(member))).toBe('ERR_FORBIDDEN not_a_member');
  });

  it('A3.3 holds a user to the tenant of the token, even where a membership says otherwise', async () => {
    await world.enrol(networkId, foreigner, 'admin');
    expect(await outcome(send(foreigner))).toBe('ERR_NOT_FOUND');
    expect(await outcome(redact(foreigner, await send(member)))).toBe('ERR_NOT_FOUND');
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
    expect(await outcome(edit(member, id))).toBe('ERR_FORBIDDEN edit_window');
  });

  it('A3.6 is an admin’s at any time, nobody else’s', async () => {
    const id = await send(member);
    world.clock.advance(10 * EDIT_WINDOW);
    expect(await outcome(edit(admin, id))).toBe('ok');
    expect(await outcome(edit(moderator, id))).toBe('ERR_FORBIDDEN rank');
    expect(await outcome(edit(admin, await send(owner)))).toBe('ERR_FORBIDDEN rank');
  });

  it('A3.6 never touches what was deleted or redacted', async () => {
    const [deleted, redacted] = [await send(member), await send(member)];
    await remove(member, deleted);
    await redact(moderator, redacted);
    expect(await outcome(edit(member, deleted))).toBe('ERR_FORBIDDEN deleted');
    expect(await outcome(edit(admin, redacted))).toBe('ERR_FORBIDDEN redacted');
  });

  it('ends with the membership', async () => {
    const id = await send(member);
    await world.operations.networks.leave(member, networkId);
    expect(await outcome(edit(member, id))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(remove(member, id))).toBe('ERR_FORBIDDEN not_a_member');
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
    expect(await outcome(chat().edits(member, id))).toBe('ERR_FORBIDDEN role');
  });

  it('A3.6 hard leaves neither row nor history', async () => {
    const id = await send(member, 'secret');
    await edit(member, id, 'still secret');
    await remove(moderator, id, 'hard');
    expect((await chat().history(owner, { scope })).messages).toEqual([]);
    expect(await outcome(chat().edits(owner, id))).toBe('ERR_NOT_FOUND');
    expect(await outcome(remove(owner, id, 'hard'))).toBe('ERR_NOT_FOUND');
    expect(await types()).toEqual(['member.joined', 'chat.message', 'chat.edited', 'chat.deleted']);
  });

  it('can go from soft to hard, and softly twice without a second event', async () => {
    const id = await send(member);
    const first = await remove(member, id);
    world.clock.advance(1000);
    expect((await remove(moderator, id)).reply).toEqual(first.reply);
    expect(await outcome(remove(member, id, 'hard'))).toBe('ok');
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
      expect(await outcome(remove(moderator, id))).toBe('ERR_FORBIDDEN rank');
    expect(await outcome(remove(member, byOwner))).toBe('ERR_FORBIDDEN rank');
    expect(await outcome(remove(moderator, byMember))).toBe('ok');
    expect(await outcome(remove(admin, byPeer))).toBe('ok');
    expect(await outcome(remove(owner, byAdmin))).toBe('ok');
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
    expect(await outcome(redact(member, id))).toBe('ERR_FORBIDDEN rank');
    expect(await outcome(redact(guest, id))).toBe('ERR_FORBIDDEN not_a_member');
    expect(await outcome(redact(foreigner, id))).toBe('ERR_NOT_FOUND');
    expect(await outcome(redact(moderator, await send(moderator)))).toBe('ok');
    expect(await outcome(redact(moderator, await send(admin)))).toBe('ERR_FORBIDDEN rank');
    await remove(member, id);
    expect(await outcome(redact(moderator, id))).toBe('ERR_FORBIDDEN deleted');
  });

  it('A3.7 is in host for those who watch over the deployment', async () => {
    const watcher = await world.user('watcher', { isModerator: true, tenantId: 'elsewhere' });
    const root = await world.user('root', { isAdmin: true });
    const id = await send(member, 'rude', 'host');
    expect(await outcome(redact(owner, id))).toBe('ERR_FORBIDDEN rank');
    expect(await outcome(redact(watcher, id))).toBe('ok');
    expect(await outcome(redact(watcher, await send(root, 'x', 'host')))).toBe('ERR_FORBIDDEN rank');
    expect(await chat().edits(watcher, id)).toHaveLength(1);
    expect(await outcome(chat().edits(owner, id))).toBe('ERR_FORBIDDEN role');
  });
});
