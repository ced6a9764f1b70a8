import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '../../domain/entities.js';
import { createNetworkStage } from '../testing/network-stage.js';
import type { World } from '../testing/world.js';

let world: World;
let scope: string;
let moderator: Actor;
let member: Actor;

beforeEach(async () => {
  const stage = await createNetworkStage();
  ({ world, moderator, member } = stage);
  scope = `network:${await stage.network()}`;
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
