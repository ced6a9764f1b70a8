import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RawClient } from '../testing/raw-client.js';
import { type Call, startTestServer, type TestServer } from '../testing/test-server.js';

const SECRET = 'a secret for tests, over 32 bytes long';

describe('networks over HTTP', () => {
  let server: TestServer;
  const tokens: Record<string, string> = {};
  const clients: RawClient[] = [];

  beforeAll(async () => {
    server = await startTestServer({ jwtSecret: SECRET });
    for (const name of ['ada', 'grace', 'linus']) tokens[name] = await server.tokenOf(name);
  });
  afterAll(async () => {
    for (const client of clients) await client.close();
    await server.end();
  });

  const as = (who: string, method: string, path: string, body?: unknown, more: Call = {}) =>
    server.call(method, `/v1/networks${path}`, {
      token: tokens[who] ?? '',
      ...(body !== undefined && { body }),
      ...more,
    });
  const make = async (who: string, facts: object = {}) => {
    const made = await as(who, 'POST', '', {
      name: 'A network',
      visibility: 'public',
      join_policy: 'open',
      ...facts,
    });
    expect(made.status).toBe(201);
    return made.data.id ?? '';
  };
  const connect = async (who: string) => {
    const client = await server.connect(tokens[who] ?? '');
    clients.push(client);
    // Its answer says that the connection is in its rooms.
    await client.ask('presence.ping', 'ready');
    return client;
  };

  it('are made, read, changed and removed', async () => {
    const made = await as('ada', 'POST', '', {
      name: 'Süd 💬',
      visibility: 'private',
      join_policy: 'invite',
    });
    expect(made.body).toEqual({
      data: {
        id: expect.any(String),
        tenant_id: 'default',
        name: 'Süd 💬',
        visibility: 'private',
        join_policy: 'invite',
        created_by: 'ada',
        created_at: expect.any(String),
        updated_at: expect.any(String),
      },
    });
    const { id } = made.data;
    expect((await as('ada', 'GET', `/${id}`)).body).toEqual(made.body);
    expect((await as('ada', 'GET', `/${id}/members`)).list).toMatchObject([
      { user_id: 'ada', role: 'owner', status: 'approved', name: 'Ada' },
    ]);
    expect((await as('grace', 'GET', `/${id}`)).status).toBe(404);

    const changed = await as('ada', 'PATCH', `/${id}`, { name: 'North' });
    expect([changed.status, changed.data.name, changed.data.visibility]).toEqual([200, 'North', 'private']);
    expect((await as('ada', 'DELETE', `/${id}`)).body).toEqual({ data: { status: 'deleted' } });
    expect((await as('ada', 'GET', `/${id}`)).status).toBe(404);
  });

  it('are listed by page, each once', async () => {
    const names = ['one', 'two', 'three', 'four', 'five'].map((name) => `page ${name}`);
    for (const name of names) await make('grace', { name });
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 20; page++) {
      const answer = await as('grace', 'GET', `?visibility=mine&limit=2${cursor}`);
      expect(answer.list.length).toBeLessThanOrEqual(2);
      seen.push(...answer.list.map(({ name = '' }) => name));
      const { next_cursor: next } = answer.body as { next_cursor: string | null };
      if (next === null) break;
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
    expect(seen.filter((name) => name.startsWith('page')).sort()).toEqual([...names].sort());
    expect(seen).toContain('Lobby');
    expect((await as('linus', 'GET', '?visibility=all')).status).toBe(403);
    expect((await as('linus', 'GET', '')).list.map(({ name }) => name)).toContain('Lobby');
  });

  it('tell their members who comes, who changes them and who goes (A4.2)', async () => {
    const id = await make('ada');
    const ada = await connect('ada');
    expect((await as('linus', 'POST', `/${id}/join`)).body).toMatchObject({
      data: { network_id: id, user_id: 'linus', role: 'member', status: 'approved' },
    });
    expect((await ada.event('member.joined')).data).toMatchObject({
      network_id: id,
      user_id: 'linus',
      role: 'member',
    });

    await as('ada', 'PATCH', `/${id}`, { name: 'Renamed', visibility: 'private' });
    expect((await ada.event('net.updated')).data).toEqual({
      network_id: id,
      changes: ['name', 'visibility'],
      updated_by: 'ada',
      properties: { name: 'Renamed', visibility: 'private' },
    });
    expect((await as('linus', 'POST', `/${id}/leave`)).body).toEqual({ data: { status: 'left' } });
    expect((await ada.event('member.left')).data).toEqual({ network_id: id, user_id: 'linus' });
    expect((await as('ada', 'POST', `/${id}/leave`)).status).toBeGreaterThanOrEqual(400);
  });

  it('cause no event when a member joins again', async () => {
    const id = await make('ada');
    await as('linus', 'POST', `/${id}/join`);
    const ada = await connect('ada');
    expect((await as('linus', 'POST', `/${id}/join`)).status).toBe(200);
    await as('linus', 'POST', `/${id}/leave`);
    await ada.event('member.left');
    expect(ada.heard.map(({ type }) => type)).not.toContain('member.joined');
  });

  it('ask their owner and admins when somebody wants in', async () => {
    const id = await make('ada', { join_policy: 'approval' });
    const ada = await connect('ada');
    const linus = await connect('linus');
    const asked = await as('linus', 'POST', `/${id}/join`);
    expect([asked.status, asked.body]).toMatchObject([
      202,
      { data: { id: expect.any(String), network_id: id, user_id: 'linus', status: 'pending' } },
    ]);
    expect((await ada.event('request.join.pending')).data).toEqual({
      network_id: id,
      user_id: 'linus',
      request_id: asked.data.id,
    });
    expect((await as('linus', 'GET', `/${id}/requests`)).status).toBe(403);
    expect((await as('ada', 'GET', `/${id}/requests`)).list).toMatchObject([
      { id: asked.data.id, user_id: 'linus', status: 'pending', name: 'Linus' },
    ]);

    expect((await as('ada', 'POST', `/${id}/approve`, { user_id: 'linus' })).data).toMatchObject({
      user_id: 'linus',
      role: 'member',
    });
    expect((await linus.event('member.joined')).data).toMatchObject({ network_id: id, user_id: 'linus' });
    expect((await linus.ask('chat.send', 'op', { scope: `network:${id}`, body: 'thanks' })).type).toBe('ack');
    expect((await as('ada', 'GET', `/${id}/requests`)).list).toEqual([]);
  });

  it('consist of people, who are known by their name to others of their tenant', async () => {
    const nameOf = (userId: string, token = tokens.linus ?? '') =>
      server.call('GET', `/v1/users/${userId}`, { token });
    expect((await nameOf('ada')).body).toEqual({ data: { id: 'ada', name: 'Ada' } });
    expect((await nameOf('nobody')).status).toBe(404);
    expect((await nameOf('ada', '')).status).toBe(401);
  });

  it('may turn somebody away, who may ask again', async () => {
    const id = await make('ada', { join_policy: 'approval' });
    await as('linus', 'POST', `/${id}/join`);
    expect((await as('ada', 'POST', `/${id}/deny`, { user_id: 'linus' })).body).toEqual({
      data: { status: 'denied' },
    });
    expect((await as('ada', 'POST', `/${id}/approve`, { user_id: 'linus' })).status).toBe(404);
    expect((await as('linus', 'POST', `/${id}/join`)).status).toBe(202);
  });

  it('may be entered with an invite, so often and no more', async () => {
    const id = await make('ada', { visibility: 'private', join_policy: 'invite' });
    expect((await as('linus', 'POST', `/${id}/join`)).status).toBe(404);
    const made = await as('ada', 'POST', `/${id}/invites`, { uses: 1 });
    expect([made.status, made.body]).toMatchObject([
      201,
      { data: { token: expect.any(String), expires_at: expect.any(String), uses_left: 1 } },
    ]);
    expect((await as('linus', 'POST', `/${id}/join`, { invite_token: made.data.token })).status).toBe(200);
    expect(
      (await as('grace', 'POST', `/${id}/join`, { invite_token: made.data.token })).status,
    ).toBeGreaterThanOrEqual(400);
    expect((await as('linus', 'POST', `/${id}/invites`, {})).status).toBe(403);
  });

  it('show somebody the door, who hears it and then nothing more (A4.2)', async () => {
    const id = await make('ada');
    for (const who of ['linus', 'grace']) await as(who, 'POST', `/${id}/join`);
    const linus = await connect('linus');
    const grace = await connect('grace');
    expect((await as('grace', 'POST', `/${id}/kick`, { user_id: 'linus' })).status).toBe(403);
    expect((await as('ada', 'POST', `/${id}/kick`, { user_id: 'linus', reason: 'rules' })).body).toEqual({
      data: { status: 'kicked' },
    });
    for (const client of [linus, grace]) {
      expect((await client.event('admin.kick')).data).toEqual({
        network_id: id,
        user_id: 'linus',
        reason: 'rules',
      });
      expect((await client.event('member.left')).data).toEqual({ network_id: id, user_id: 'linus' });
    }
    await grace.ask('chat.send', 'op', { scope: `network:${id}`, body: 'gone' });
    await grace.event('chat.message');
    const refused = await linus.ask('chat.send', 'op', { scope: `network:${id}`, body: 'still here' });
    expect(refused.error?.code).toBe('ERR_FORBIDDEN');
    expect(linus.heard.map(({ type }) => type)).not.toContain('chat.message');
  });

  it('keep out whom they banned, until they take it back', async () => {
    const id = await make('ada');
    await as('linus', 'POST', `/${id}/join`);
    const linus = await connect('linus');
    expect((await as('ada', 'POST', `/${id}/ban`, { user_id: 'linus', reason: 'spam' })).body).toEqual({
      data: { status: 'banned' },
    });
    expect((await linus.event('admin.ban')).data).toEqual({
      network_id: id,
      user_id: 'linus',
      reason: 'spam',
    });
    expect((await as('linus', 'POST', `/${id}/join`)).status).toBe(403);
    expect((await as('ada', 'GET', `/${id}/bans`)).body).toEqual({
      data: [
        {
          network_id: id,
          user_id: 'linus',
          name: 'Linus',
          reason: 'spam',
          status: 'banned',
          banned_at: expect.stringMatching(/^\d{4}-.*Z$/),
        },
      ],
      next_cursor: null,
    });
    expect((await as('grace', 'GET', `/${id}/bans`)).status).toBe(403);
    expect((await as('ada', 'POST', `/${id}/unban`, { user_id: 'linus' })).body).toEqual({
      data: { status: 'unbanned' },
    });
    expect((await as('linus', 'POST', `/${id}/join`)).status).toBe(200);
  });

  it('give roles by rank: nobody acts on a peer or a superior (A3.7)', async () => {
    const id = await make('ada');
    for (const who of ['linus', 'grace']) await as(who, 'POST', `/${id}/join`);
    const setRole = (who: string, whom: string, role: string) =>
      as(who, 'PUT', `/${id}/members/${whom}/role`, { role });
    expect((await setRole('linus', 'grace', 'admin')).status).toBe(403);
    expect((await setRole('ada', 'grace', 'admin')).data).toMatchObject({ user_id: 'grace', role: 'admin' });
    expect((await setRole('grace', 'linus', 'moderator')).data).toMatchObject({ role: 'moderator' });
    expect((await setRole('grace', 'linus', 'admin')).status).toBe(403);
    expect((await setRole('grace', 'ada', 'member')).status).toBe(403);
    expect((await setRole('ada', 'linus', 'owner')).body).toMatchObject({
      code: 'ERR_INVALID_MESSAGE',
      details: { field: 'role' },
    });
    expect((await setRole('ada', 'nobody', 'member')).status).toBe(404);
  });

  it('list members and requests by page, 1,000 at most', async () => {
    const id = await make('ada');
    for (const name of ['grace', 'linus']) await as(name, 'POST', `/${id}/join`);
    const first = await as('ada', 'GET', `/${id}/members?limit=2`);
    expect(first.list.map(({ user_id }) => user_id)).toEqual(['ada', expect.any(String)]);
    const { next_cursor: next } = first.body as { next_cursor: string };
    const second = await as('ada', 'GET', `/${id}/members?limit=2&cursor=${encodeURIComponent(next)}`);
    expect([...first.list, ...second.list].map(({ user_id }) => user_id).sort()).toEqual([
      'ada',
      'grace',
      'linus',
    ]);
    expect(second.body).toMatchObject({ next_cursor: null });
    for (const list of ['members', 'requests']) {
      expect((await as('ada', 'GET', `/${id}/${list}`)).body).toMatchObject({ next_cursor: null });
      expect((await as('ada', 'GET', `/${id}/${list}?limit=1000`)).status).toBe(200);
      for (const query of ['limit=0', 'limit=1001', 'limit=x', 'cursor=nowhere'])
        expect((await as('ada', 'GET', `/${id}/${list}?${query}`)).status).toBe(400);
    }
  });

  it('show who of their members is here (A4.1)', async () => {
    const id = await make('ada');
    await as('linus', 'POST', `/${id}/join`);
    const linus = await connect('linus');
    const members = (await as('ada', 'GET', `/${id}/members`)).list;
    expect(members.find(({ user_id }) => user_id === 'linus')).toMatchObject({
      presence: { status: 'online', since: expect.any(String) },
    });
    await linus.close();
  });

  describe('with an Idempotency-Key', () => {
    const body = { name: 'Only once', visibility: 'public', join_policy: 'open' };
    const makeKeyed = (user: string, key: string, changed: object = {}) =>
      as(user, 'POST', '', { ...body, ...changed }, { headers: { 'idempotency-key': key } });

    it('are made once, however often it is asked', async () => {
      const name = 'Once in five';
      const answers = await Promise.all(
        Array.from({ length: 5 }, () => makeKeyed('ada', 'five-times', { name })),
      );
      expect(new Set(answers.map((answer) => JSON.stringify(answer.body)))).toHaveLength(1);
      expect(answers.every(({ status }) => status === 201)).toBe(true);
      const mine = await as('ada', 'GET', '?visibility=mine&limit=100');
      expect(mine.list.filter((network) => network.name === name)).toHaveLength(1);
    });

    it('are made for each of two people with one user id in two tenants (A3.3)', async () => {
      const facts = { type: 'access', user_id: 'ada', tenant_id: 'other' };
      tokens.stranger = await new SignJWT(facts)
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(SECRET));
      const [ours, theirs] = [
        await makeKeyed('ada', 'two-tenants'),
        await makeKeyed('stranger', 'two-tenants'),
      ];
      expect([ours.data.tenant_id, theirs.data.tenant_id]).toEqual(['default', 'other']);
      expect((await makeKeyed('stranger', 'two-tenants')).body).toEqual(theirs.body);
    });

    it('tell a conflict when the body is another', async () => {
      await makeKeyed('ada', 'another-body');
      const other = await makeKeyed('ada', 'another-body', { name: 'Another' });
      expect([other.status, other.body]).toMatchObject([
        409,
        { code: 'ERR_CONFLICT', details: { reason: 'key_reused' } },
      ]);
    });

    it('cause their events all the same, and once', async () => {
      const id = await make('ada', { join_policy: 'approval' });
      const ada = await connect('ada');
      const join = () => as('linus', 'POST', `/${id}/join`, {}, { headers: { 'idempotency-key': 'join-1' } });
      const [first, again] = [await join(), await join()];
      expect(again.body).toEqual(first.body);
      await ada.event('request.join.pending');
      await as(
        'ada',
        'POST',
        `/${id}/approve`,
        { user_id: 'linus' },
        { headers: { 'idempotency-key': 'approve-1' } },
      );
      await ada.event('member.joined');
      expect(ada.heard.filter(({ type }) => type === 'request.join.pending')).toHaveLength(1);
    });

    it('give the same invite again, though its token is stored nowhere', async () => {
      const id = await make('ada');
      const invite = () =>
        as('ada', 'POST', `/${id}/invites`, {}, { headers: { 'idempotency-key': 'invite-1' } });
      expect((await invite()).data.token).toBe((await invite()).data.token);
    });

    it.each(['', ' ', 'a b', 'x'.repeat(129), 'ä'])('that is %j are refused', async (key) => {
      const refused = await makeKeyed('ada', key);
      expect([refused.status, refused.body]).toMatchObject([400, { details: { field: 'Idempotency-Key' } }]);
    });
  });

  it.each([
    ['POST', '', { name: 'ab', visibility: 'public', join_policy: 'open' }, 'name'],
    ['POST', '', { name: 'x'.repeat(65), visibility: 'public', join_policy: 'open' }, 'name'],
    ['POST', '', { name: 'two\nlines', visibility: 'public', join_policy: 'open' }, 'name'],
    ['POST', '', { name: 'abc', visibility: 'secret', join_policy: 'open' }, 'visibility'],
    ['POST', '', { name: 'abc', visibility: 'public' }, 'join_policy'],
    ['PATCH', '/lobby', {}, ''],
    ['PATCH', '/lobby', { name: null }, 'name'],
    ['GET', '?limit=0', undefined, 'limit'],
    ['GET', '?limit=101', undefined, 'limit'],
    ['GET', '?limit=1e1', undefined, 'limit'],
    ['GET', '?visibility=hidden', undefined, 'visibility'],
    ['POST', '/lobby/kick', {}, 'user_id'],
    ['POST', '/lobby/kick', { user_id: 7 }, 'user_id'],
    ['POST', '/lobby/ban', { user_id: 'linus', reason: 'x'.repeat(257) }, 'reason'],
    ['POST', '/lobby/approve', { user_id: '' }, 'user_id'],
    ['POST', '/lobby/invites', { uses: 0 }, 'uses'],
    ['POST', '/lobby/invites', { expires_in: 1e12 }, 'expires_in'],
    ['POST', '/lobby/join', { invite_token: '' }, 'invite_token'],
  ])('refuse %s %s %j, naming the field', async (method, path, body, field) => {
    const { status, body: failure } = await as('ada', method, path, body);
    expect([status, failure]).toMatchObject([400, { code: 'ERR_INVALID_MESSAGE', details: { field } }]);
  });

  it.each(['/nowhere', '/%00', '/..%2flobby', `/${'x'.repeat(300)}`, '/nowhere/members', '/💬'])(
    'are not found at %s',
    async (path) => {
      const { status, body } = await as('ada', 'GET', path);
      expect([status, body]).toMatchObject([404, { code: 'ERR_NOT_FOUND' }]);
    },
  );

  it('exist for nobody without a valid token', async () => {
    for (const [method, path] of [
      ['GET', ''],
      ['POST', ''],
      ['GET', '/lobby'],
      ['PATCH', '/lobby'],
      ['DELETE', '/lobby'],
      ['POST', '/lobby/join'],
      ['GET', '/lobby/members'],
    ] as const) {
      const { status, body } = await server.call(method, `/v1/networks${path}`, { token: 'a.b.c' });
      expect([status, body]).toMatchObject([401, { code: 'ERR_UNAUTHORIZED' }]);
    }
  });
});
