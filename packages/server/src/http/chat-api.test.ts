import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawClient } from '../testing/raw-client.js';
import { startTestServer, type TestServer } from '../testing/test-server.js';

describe('messages over HTTP', () => {
  let server: TestServer;
  const tokens: Record<string, string> = {};
  let linus: RawClient;

  beforeAll(async () => {
    server = await startTestServer();
    for (const name of ['ada', 'grace', 'linus']) tokens[name] = await server.tokenOf(name);
    linus = await server.connect(tokens.linus ?? '');
  });
  afterAll(async () => {
    await linus.close();
    await server.end();
  });

  const get = (who: string, path: string) =>
    server.call('GET', `/v1/chat${path}`, { token: tokens[who] ?? '' });
  let sent = 0;
  const say = async (body: string) => {
    const ack = await linus.ask('chat.send', `say-${++sent}`, { scope: 'network:lobby', body });
    return String(ack.data?.message_id);
  };

  it('are paged newest first, as on the wire', async () => {
    const ids: string[] = [];
    for (const body of ['one', 'two', 'three', 'four', 'five']) ids.push(await say(body));
    const live = linus.heard.find(({ type, data }) => type === 'chat.message' && data?.id === ids[4]);

    const first = await get('ada', '?scope=network:lobby&limit=2');
    expect(first.list.map(({ body }) => body)).toEqual(['five', 'four']);
    expect(first.list[0]).toMatchObject({ ...live?.data });
    const second = await get(
      'ada',
      `?scope=network:lobby&limit=2&before=${(first.body as { next_cursor: string }).next_cursor}`,
    );
    expect(second.list.map(({ body }) => body)).toEqual(['three', 'two']);
    const after = await get('ada', `?scope=network:lobby&after=${ids[2]}`);
    expect(after.list.map(({ body }) => body)).toEqual(['four', 'five']);
  });

  it('show readers what is left, and moderators what it was (A3.6)', async () => {
    const id = await say('first');
    await linus.ask('chat.edit', 'edit-1', { message_id: id, new_body: 'second' });
    await linus.ask('chat.delete', 'delete-1', { message_id: id, mode: 'soft' });
    const [newest] = (await get('ada', '?scope=network:lobby&limit=1')).list;
    expect(newest).toMatchObject({ id, body: '', deleted_at: expect.any(String) });
    expect((await get('linus', `/${id}/edits`)).body).toMatchObject({ code: 'ERR_FORBIDDEN' });
    const { list } = await get('grace', `/${id}/edits`);
    expect(
      list.map(({ previous_body, change, changed_by }) => [previous_body, change, changed_by]).sort(),
    ).toEqual([
      ['first', 'edit', 'linus'],
      ['second', 'delete', 'linus'],
    ]);
  });

  it('of a network are for its members (A3.3)', async () => {
    expect((await get('linus', '?scope=network:attic')).status).toBe(403);
    expect((await get('linus', '?scope=network:nowhere')).status).toBe(404);
    expect((await get('linus', '/msg-nowhere/edits')).status).toBe(404);
    expect((await get('nobody', '?scope=host')).status).toBe(401);
  });

  it.each(['before', 'after'])('name %s as who asks wrote it, by either door', async (field) => {
    const { status, body } = await get('ada', `?scope=host&${field}=nowhere`);
    expect([status, body]).toMatchObject([404, { code: 'ERR_NOT_FOUND', details: { field } }]);
    const client = await server.connect(tokens.ada ?? '', 'v1');
    const { error } = await client.ask('chat.history', 'ask', { scope: 'host', [field]: 'nowhere' });
    expect(error).toMatchObject({ code: 'ERR_NOT_FOUND', details: { field: `data.${field}` } });
    await client.close();
  });

  it.each([
    ['no scope', '', 'scope'],
    ['no such scope', '?scope=tenant:default', 'scope'],
    ['a page too large', '?scope=host&limit=101', 'limit'],
    ['both directions', '?scope=host&before=a&after=b', 'after'],
    ['an id that is none', `?scope=host&before=${'x'.repeat(129)}`, 'before'],
    ['a NUL', '?scope=host&before=%00', 'before'],
  ])('are refused with %s', async (_name, query, field) => {
    const { status, body } = await get('ada', query);
    expect([status, body]).toMatchObject([400, { code: 'ERR_INVALID_MESSAGE', details: { field } }]);
  });
});
