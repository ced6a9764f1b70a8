import type { Message } from '../../domain/entities.js';
import type { HistoryQuery, Transaction } from '../../ports/store.js';
import { withinBytes } from '../within-bytes.js';
import { toWireMessage } from './wire-message.js';

/** What is sent of history at once: a quarter of what may wait for one client (A6.3), so that other things may come on top. */
export const PAGE_BYTES = 262_144;

/** Read at first where bytes bound a page: so many of the largest are some 700 KB. */
const FIRST_SLICE = 16;

/** Reads up to `query.limit` messages, and not much further than `mostBytes` of them. */
export async function readPage(
  tx: Transaction,
  query: HistoryQuery,
  mostBytes: number | undefined,
): Promise<readonly Message[]> {
  if (mostBytes === undefined) return await tx.messages.page(query);
  const found: Message[] = [];
  for (let slice = FIRST_SLICE; ; slice = found.length) {
    const limit = Math.min(slice, query.limit - found.length);
    const more = await tx.messages.page({ ...query, ...behind(query, found.at(-1)), limit });
    found.push(...more);
    if (more.length < limit || found.length === query.limit) return found;
    if (withinPage(found, mostBytes).length < found.length) return found;
  }
}

/** Those that may be sent at once: a hundred large messages are over 4 MB. */
export function withinPage(messages: readonly Message[], mostBytes: number | undefined): readonly Message[] {
  if (mostBytes === undefined) return messages;
  return withinBytes(messages, mostBytes, (message) =>
    Buffer.byteLength(JSON.stringify(toWireMessage(message))),
  );
}

/** With `afterSeq` alone a page is oldest first. */
function behind({ beforeSeq, afterSeq }: HistoryQuery, last: Message | undefined): Partial<HistoryQuery> {
  if (last === undefined) return {};
  return afterSeq !== undefined && beforeSeq === undefined ? { afterSeq: last.seq } : { beforeSeq: last.seq };
}
