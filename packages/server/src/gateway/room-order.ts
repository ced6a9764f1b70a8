/**
 * What this node knows of a room's order: it has passed on everything up to `seq`. The bus is a hint that may lose,
 * repeat and reorder; entries pass strictly by `seq`, and what is missing is read from the log (B3.1). Entries that
 * come while it reads are not kept: the log has them too.
 */
export interface RoomOrder {
  readonly epoch: string;
  readonly seq: number;
  readonly status:
    | { readonly type: 'flowing' }
    /** Reading up to `until` at least; `tries` came back without what is next. */
    | { readonly type: 'reading'; readonly until: number; readonly tries: number };
}

/** Where an entry stands; the order needs to know no more of it. */
export interface Place {
  readonly epoch: string;
  readonly seq: number;
}

export type RoomOrderEvent<P extends Place> =
  | { readonly type: 'heard'; readonly entry: P }
  | { readonly type: 'read'; readonly entries: readonly P[]; readonly oldest: number }
  | { readonly type: 'read_failed' }
  /** The log says where the room stands; of what is missing nobody may ever hear over the bus. */
  | { readonly type: 'stands'; readonly place: Place };

export type RoomOrderEffect<P extends Place> =
  | { readonly type: 'pass_on'; readonly entry: P }
  | { readonly type: 'read'; readonly after: number; readonly later: boolean }
  /** Those in the room cannot be told everything any more: they must come back and resume, which says what is lost. */
  | { readonly type: 'lost' };

export interface RoomOrderStep<P extends Place> {
  readonly order: RoomOrder;
  readonly effects: readonly RoomOrderEffect<P>[];
}

const flowing = { type: 'flowing' } as const;

export function stepRoomOrder<P extends Place>(
  order: RoomOrder,
  event: RoomOrderEvent<P>,
  mostTries: number,
): RoomOrderStep<P> {
  switch (event.type) {
    case 'heard':
      return heard(order, event.entry);
    case 'read':
      return read(order, event.entries, event.oldest, mostTries);
    case 'stands':
      return stands(order, event.place);
    case 'read_failed':
      return order.status.type === 'reading'
        ? again(order, order.status.until, order.status.tries + 1, mostTries)
        : { order, effects: [] };
  }
}

function heard<P extends Place>(order: RoomOrder, entry: P): RoomOrderStep<P> {
  if (entry.epoch !== order.epoch) {
    const fresh: RoomOrder = { epoch: entry.epoch, seq: entry.seq, status: flowing };
    return { order: fresh, effects: [{ type: 'lost' }, { type: 'pass_on', entry }] };
  }
  if (order.status.type === 'flowing' && entry.seq === order.seq + 1)
    return { order: { ...order, seq: entry.seq }, effects: [{ type: 'pass_on', entry }] };
  return reachFor(order, entry.seq);
}

function stands<P extends Place>(order: RoomOrder, { epoch, seq }: Place): RoomOrderStep<P> {
  if (epoch !== order.epoch) return { order: { epoch, seq, status: flowing }, effects: [{ type: 'lost' }] };
  return reachFor(order, seq);
}

/** There is an entry `seq`: whatever is missing up to it is read. */
function reachFor<P extends Place>(order: RoomOrder, seq: number): RoomOrderStep<P> {
  if (seq <= order.seq) return { order, effects: [] };
  if (order.status.type === 'reading') {
    const until = Math.max(order.status.until, seq);
    return { order: { ...order, status: { ...order.status, until } }, effects: [] };
  }
  const status = { type: 'reading', until: seq, tries: 0 } as const;
  return { order: { ...order, status }, effects: [{ type: 'read', after: order.seq, later: false }] };
}

function read<P extends Place>(
  order: RoomOrder,
  entries: readonly P[],
  oldest: number,
  mostTries: number,
): RoomOrderStep<P> {
  if (order.status.type !== 'reading') return { order, effects: [] };
  const { until, tries } = order.status;
  const effects: RoomOrderEffect<P>[] = [];
  let { seq } = order;
  // Older than what the log still has: the hole stays one.
  if (oldest > seq + 1) {
    effects.push({ type: 'lost' });
    seq = oldest - 1;
  }
  for (const entry of entries) {
    if (entry.epoch !== order.epoch || entry.seq !== seq + 1) continue;
    effects.push({ type: 'pass_on', entry });
    seq = entry.seq;
  }
  if (seq >= until) return { order: { ...order, seq, status: flowing }, effects };
  const next = again<P>({ ...order, seq }, until, seq > order.seq ? 0 : tries + 1, mostTries);
  return { order: next.order, effects: [...effects, ...next.effects] };
}

function again<P extends Place>(
  order: RoomOrder,
  until: number,
  tries: number,
  mostTries: number,
): RoomOrderStep<P> {
  if (tries > mostTries)
    return { order: { ...order, seq: until, status: flowing }, effects: [{ type: 'lost' }] };
  const status = { type: 'reading', until, tries } as const;
  return { order: { ...order, status }, effects: [{ type: 'read', after: order.seq, later: tries > 0 }] };
}
