/**
 * How far this node knows what another one has. News are numbered from 1; of a bus that loses, doubles and reorders they
 * are taken as they come, and whoever missed some asks for everything, which comes in pages.
 */
export type NodeSync =
  /** All news up to `number` were heard. */
  | { readonly status: 'in_step'; readonly number: number }
  /** Of the news only `from` to `to` were surely heard; everything was asked for. */
  | {
      readonly status: 'behind';
      readonly from: number;
      readonly to: number;
      readonly pages: Pages | undefined;
    };

/** Parts heard of everything as of the news `number`. */
export interface Pages {
  readonly number: number;
  /** A bit for each: a list would be copied with each part, at a cost that grows with the square of them. */
  readonly heard: bigint;
  readonly count: number;
}

export type NodeEvent =
  | { readonly type: 'news'; readonly number: number }
  | { readonly type: 'beat'; readonly number: number }
  | { readonly type: 'page'; readonly number: number; readonly page: number; readonly pages: number };

export type NodeEffect =
  /** Take over the users of this message, where nothing newer is known of them. */
  | { readonly type: 'take' }
  | { readonly type: 'want' }
  /** Everything as of `number` was taken over: whoever was last told of before is gone. */
  | { readonly type: 'forget_older'; readonly number: number };

export interface NodeStep {
  readonly sync: NodeSync;
  readonly effects: readonly NodeEffect[];
}

/** A node that nothing was heard of before. */
export const UNHEARD: NodeSync = { status: 'in_step', number: 0 };

const take = { type: 'take' } as const;
const want = { type: 'want' } as const;

export function stepSync(sync: NodeSync, event: NodeEvent): NodeStep {
  switch (event.type) {
    case 'news':
      return news(sync, event.number);
    case 'beat':
      return beat(sync, event.number);
    case 'page':
      return page(sync, event);
  }
}

function news(sync: NodeSync, number: number): NodeStep {
  if (sync.status === 'in_step') {
    if (number <= sync.number) return { sync, effects: [] };
    if (number === sync.number + 1) return { sync: inStep(number), effects: [take] };
    return { sync: behind(number, number), effects: [take, want] };
  }
  if (number === sync.to + 1) return { sync: { ...sync, to: number }, effects: [take] };
  if (number > sync.to) return { sync: { ...sync, from: number, to: number }, effects: [take] };
  return { sync, effects: [take] };
}

/** Also asks again where an answer was lost. */
function beat(sync: NodeSync, number: number): NodeStep {
  if (sync.status === 'in_step')
    return number <= sync.number
      ? { sync, effects: [] }
      : { sync: behind(number + 1, number), effects: [want] };
  return {
    sync: number > sync.to ? behind(number + 1, number) : { ...sync, pages: undefined },
    effects: [want],
  };
}

function page(sync: NodeSync, { number, page, pages }: Extract<NodeEvent, { type: 'page' }>): NodeStep {
  // Somebody else asked.
  if (sync.status === 'in_step' && number <= sync.number) return { sync, effects: [] };
  const known = sync.status === 'behind' ? sync : behind(number + 1, number);
  const before = known.pages?.number === number ? known.pages : { heard: 0n, count: 0 };
  const heard = before.heard | (1n << BigInt(page));
  const count = before.count + (heard === before.heard ? 0 : 1);
  if (count < pages) {
    return { sync: { ...known, pages: { number, heard, count } }, effects: [take] };
  }
  const forget = { type: 'forget_older', number } as const;
  if (number + 1 >= known.from) return { sync: inStep(Math.max(number, known.to)), effects: [take, forget] };
  return { sync: { ...known, pages: undefined }, effects: [take, forget, want] };
}

function inStep(number: number): NodeSync {
  return { status: 'in_step', number };
}

function behind(from: number, to: number): Extract<NodeSync, { status: 'behind' }> {
  return { status: 'behind', from, to, pages: undefined };
}
