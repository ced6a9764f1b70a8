import { randomBytes } from 'node:crypto';
import type { InsertResult, Kysely } from 'kysely';
import type { EventBody, LogEntry, RoomPosition } from '../../../domain/entities.js';
import type { LogTable } from '../../../ports/store.js';
import { MustBeFirst } from '../must-be-first.js';
import type { RoomEventRow, RoomRow, Schema } from '../schema.js';
import { type Statement, statement } from '../statement.js';
import type { UnitOfWork } from '../unit-of-work.js';
import { prepareLogTrim } from './log-trim.js';

/** What names of networks' rooms begin with (A3.1). */
const NETWORK = 'network:';
/** Rooms asked for in one query; databases bound the parameters of a statement. */
const ROOMS_A_QUERY = 500;
/** Entries that one statement inserts: one for each takes SQLite several times as long. */
const ENTRIES_A_STATEMENT = 100;

export function prepareLog(db: Kysely<Schema>, shared: boolean): (unit: UnitOfWork) => LogTable {
  // In PostgreSQL this holds the room as well.
  const advance = statement((of: { room: string; by: number }) =>
    db
      .updateTable('rooms')
      .set((row) => ({ seq: row('seq', '+', of.by) }))
      .where('room', '=', of.room)
      .returning(['epoch', 'seq', 'tenant_id']),
  );
  const insert = statement((of: RoomEventRow) =>
    db
      .insertInto('room_events')
      .values({ room: of.room, seq: of.seq, type: of.type, data: of.data, meta: of.meta, at: of.at }),
  );
  const insertMany = prepareInsertMany(db);
  const rewrite = statement((of: { room: string; seq: number; type: string; data: string }) =>
    db
      .updateTable('room_events')
      .set({ type: of.type, data: of.data })
      .where('room', '=', of.room)
      .where('seq', '=', of.seq),
  );
  const create = statement((of: { room: string; epoch: string; networkId: string }) =>
    db
      .insertInto('rooms')
      .values({
        room: of.room,
        epoch: of.epoch,
        seq: 0,
        tenant_id: db.selectFrom('networks').select('tenant_id').where('id', '=', of.networkId),
      })
      .onConflict((conflict) => conflict.column('room').doNothing()),
  );
  const hold = shared ? prepareHold(db) : undefined;
  const { after, oldest } = prepareReads(db);
  const trim = prepareLogTrim(db);

  async function positions(unit: UnitOfWork, rooms: readonly string[]): Promise<RoomPosition[]> {
    const found: RoomPosition[] = [];
    for (let from = 0; from < rooms.length; from += ROOMS_A_QUERY) {
      const some = rooms.slice(from, from + ROOMS_A_QUERY);
      found.push(
        ...(await unit.query(
          db.selectFrom('rooms').select(['room', 'epoch', 'seq']).where('room', 'in', some),
        )),
      );
    }
    return found;
  }

  async function make(unit: UnitOfWork, room: string): Promise<void> {
    // Another node may be making it in this moment; then this waits until that is committed.
    if (shared && !unit.mayWait) throw new MustBeFirst();
    const networkId = room.startsWith(NETWORK) ? room.slice(NETWORK.length) : '';
    await unit.change(create, { room, epoch: newEpoch(), networkId });
  }

  /** Takes the next `count` places of the room; `seq` is the last of them. */
  async function take(unit: UnitOfWork, room: string, count: number): Promise<Omit<RoomRow, 'room'>> {
    if (!unit.mayWait) await hold?.(unit, room);
    const [known] = await unit.changed(advance, { room, by: count });
    if (known !== undefined) return known;
    await make(unit, room);
    const [made] = await unit.changed(advance, { room, by: count });
    if (made === undefined) throw new Error('a room was not made');
    return made;
  }

  return (unit) => ({
    lock: async (room) => void (await hold?.(unit, room)),
    async append(room, event, at, meta) {
      const { epoch, seq, tenant_id } = await take(unit, room, 1);
      const entry: LogEntry = { ...event, room, epoch, seq, at, ...(meta && { meta }), ...tenant(tenant_id) };
      await unit.change(insert, toRow(entry));
      unit.entries.push(entry);
      return entry;
    },
    async appendAll(room, events, at) {
      if (events.length === 0) return;
      const { epoch, seq: last, tenant_id } = await take(unit, room, events.length);
      const first = last - events.length + 1;
      const entries = events.map(
        (event, index): LogEntry => ({ ...event, room, epoch, seq: first + index, at, ...tenant(tenant_id) }),
      );
      const rows = entries.map(toRow);
      while (rows.length >= ENTRIES_A_STATEMENT) {
        await unit.change(insertMany, { rows: rows.splice(0, ENTRIES_A_STATEMENT) });
      }
      // One by one, so that there is no statement for each length: drivers keep what they have prepared.
      for (const row of rows) await unit.change(insert, row);
      for (const entry of entries) unit.entries.push(entry);
    },
    async rewrite(room, seq, event) {
      await unit.change(rewrite, { room, seq, type: event.type, data: JSON.stringify(event.data) });
    },
    positions: (rooms) => positions(unit, rooms),
    async open(rooms) {
      const known = new Set((await positions(unit, rooms)).map(({ room }) => room));
      for (const room of rooms) {
        if (!known.has(room)) await make(unit, room);
      }
      return await positions(unit, rooms);
    },
    entries: async (room, seq, limit) => (await unit.all(after, { room, seq, limit })).map(toEntry),
    oldest: async (room) => (await unit.first(oldest, { room }))?.seq,
    trim: (before, limit) => trim(unit, before, limit),
  });
}

/** Inserts `ENTRIES_A_STATEMENT` rows. To compile that anew each time would take longer than to run it. */
function prepareInsertMany(db: Kysely<Schema>): Statement<{ rows: readonly RoomEventRow[] }, InsertResult> {
  const blank: RoomEventRow = { room: '', seq: 0, type: '', data: '', meta: '', at: 0 };
  const blanks = Array.from({ length: ENTRIES_A_STATEMENT }, () => blank);
  const compiled = db.insertInto('room_events').values(blanks).compile();
  return {
    // Row by row, as `values` wrote them.
    with: ({ rows }) => ({
      ...compiled,
      parameters: rows.flatMap((row) => [row.room, row.seq, row.type, row.data, row.meta, row.at]),
    }),
  };
}

/** Holds a room against other nodes. Waits for them where that is safe, else fails: then the work must be first. */
function prepareHold(db: Kysely<Schema>): (unit: UnitOfWork, room: string) => Promise<void> {
  const row = (of: { room: string }) =>
    db.selectFrom('rooms').select('seq').where('room', '=', of.room).forUpdate();
  const waiting = statement(row);
  const notWaiting = statement((of: { room: string }) => row(of).noWait());
  return async (unit, room) => {
    if (unit.heldRooms.has(room)) return;
    await unit.changed(unit.mayWait ? waiting : notWaiting, { room });
    unit.heldRooms.add(room);
  };
}

function prepareReads(db: Kysely<Schema>) {
  return {
    after: statement((of: { room: string; seq: number; limit: number }) =>
      db
        .selectFrom('room_events')
        .innerJoin('rooms', 'rooms.room', 'room_events.room')
        .selectAll('room_events')
        .select(['rooms.epoch', 'rooms.tenant_id'])
        .where('room_events.room', '=', of.room)
        .where('room_events.seq', '>', of.seq)
        .orderBy('room_events.seq')
        .limit(of.limit),
    ),
    oldest: statement((of: { room: string }) =>
      db.selectFrom('room_events').select('seq').where('room', '=', of.room).orderBy('seq').limit(1),
    ),
  };
}

function toRow(entry: LogEntry): RoomEventRow {
  const { room, seq, type, data, meta, at } = entry;
  return {
    room,
    seq,
    type,
    data: JSON.stringify(data),
    meta: meta === undefined ? null : JSON.stringify(meta),
    at,
  };
}

function toEntry(row: RoomEventRow & Pick<RoomRow, 'epoch' | 'tenant_id'>): LogEntry {
  // What stands in the log was typed when it was written.
  const event = { type: row.type, data: JSON.parse(row.data) } as EventBody;
  const meta = row.meta === null ? {} : { meta: JSON.parse(row.meta) as NonNullable<LogEntry['meta']> };
  return {
    ...event,
    room: row.room,
    epoch: row.epoch,
    seq: row.seq,
    at: row.at,
    ...meta,
    ...tenant(row.tenant_id),
  };
}

function tenant(id: string | null): Pick<LogEntry, 'tenantId'> {
  return id === null ? {} : { tenantId: id };
}

function newEpoch(): string {
  return randomBytes(9).toString('base64url');
}
