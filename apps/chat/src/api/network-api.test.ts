import { afterEach, expect, it, vi } from 'vitest';
import { createNetworkApi } from './network-api.js';

afterEach(() => vi.unstubAllGlobals());

const member = (id: string) => ({ user_id: id, name: id, role: 'member', joined_at: '2026-01-01T00:00:00Z' });

it('follows the pages of a list to its end, and no further than a side bar shows', async () => {
  const asked: string[] = [];
  let pages = 3;
  vi.stubGlobal('fetch', async (url: string) => {
    asked.push(new URL(url).searchParams.get('cursor') ?? 'first');
    const last = asked.length === pages;
    return Response.json({
      data: [member(`u${asked.length}`)],
      next_cursor: last ? null : `c${asked.length}`,
    });
  });
  const api = createNetworkApi('http://localhost', async () => 'token');
  expect((await api.members('n')).map(({ userId }) => userId)).toEqual(['u1', 'u2', 'u3']);
  expect(asked).toEqual(['first', 'c1', 'c2']);
  pages = 1_000;
  asked.length = 0;
  expect(await api.members('n')).toHaveLength(5);
});
