import { LIMITS } from '@goconnect/protocol';
import { OperationError } from '../../domain/operation-error.js';
import type { PeoplePage as StoredPage } from '../../ports/store.js';
import type { PeoplePage } from '../operations.js';

type Place = NonNullable<StoredPage['after']>;

/**
 * Reads one page of people and says where the next one starts. Nobody gets more at once than `presence.list` shows: a
 * network may have more members than it is well to read in one turn of the loop.
 */
export async function readPage<T>(
  { limit = LIMITS.presenceMembers, cursor }: PeoplePage = {},
  read: (page: StoredPage) => Promise<readonly T[]>,
  placeOf: (item: T) => Place,
): Promise<{ readonly items: readonly T[]; readonly nextCursor: string | null }> {
  const most = Math.min(limit, LIMITS.presenceMembers);
  // One more than asked for tells whether there is another page.
  const page = { limit: most + 1, ...(cursor !== undefined && { after: placeAt(cursor) }) };
  const found = await read(page);
  const items = found.slice(0, most);
  const last = items.at(-1);
  const isLast = found.length <= most || last === undefined;
  return { items, nextCursor: isLast ? null : cursorOf(placeOf(last)) };
}

function cursorOf({ at, id }: Place): string {
  return `${at}.${id}`;
}

function placeAt(cursor: string): Place {
  const [, at = '', id = ''] = /^(\d{1,15})\.(.+)$/.exec(cursor) ?? [];
  if (id === '') throw noCursor();
  return { at: Number(at), id };
}

function noCursor(): OperationError {
  return new OperationError('ERR_INVALID_MESSAGE', 'cursor: the next_cursor of the page before', {
    field: 'cursor',
    reason: 'validation',
  });
}
