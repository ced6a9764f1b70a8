import type { Meta } from '@goconnect/protocol';
import type { EventBody, LogEntry } from '../../../domain/entities.js';
import type { LogTable } from '../../../ports/store.js';
import type { Journal } from '../journal.js';
import type { MemoryMedium, RoomLog } from '../memory-medium.js';
import type { MemoryUnit } from '../memory-unit.js';

/** One process at a time has the medium, so no room needs to be held. */
export function logTable(
  { logs, networks }: MemoryMedium,
  unit: MemoryUnit,
  newEpoch: () => string,
): LogTable {
  const opened = (journal: Journal, room: string): RoomLog => {
    const known = logs.get(room);
    if (known) return known;
    const tenantId = networks.get(room.replace(/^network:/, ''))?.tenantId;
    const made: RoomLog = { epoch: newEpoch(), seq: 0, entries: [], ...(tenantId && { tenantId }) };
    logs.put(journal, room, made);
    return made;
  };
  const place = (room: string, { epoch, seq }: RoomLog) => ({ room, epoch, seq });
  const indexOf = (log: RoomLog, seq: number) => log.entries.length - 1 - (log.seq - seq);

  const append = (room: string, event: EventBody, at: number, meta?: Meta): LogEntry => {
    const journal = unit.mayChange();
    const log = opened(journal, room);
    const entry: LogEntry = {
      ...event,
      room,
      epoch: log.epoch,
      seq: log.seq + 1,
      at,
      ...(meta && { meta }),
      ...(log.tenantId && { tenantId: log.tenantId }),
    };
    log.seq++;
    log.entries.push(entry);
    journal.note(() => {
      log.seq--;
      log.entries.pop();
    });
    unit.entries.push(entry);
    return entry;
  };

  return {
    lock: async () => void unit.mayChange(),
    append: async (room, event, at, meta) => append(room, event, at, meta),
    async appendAll(room, events, at) {
      for (const event of events) append(room, event, at);
    },
    async rewrite(room, seq, event) {
      const journal = unit.mayChange();
      const log = logs.get(room);
      const before = log?.entries[indexOf(log, seq)];
      if (!log || !before) return;
      log.entries[indexOf(log, seq)] = { ...before, ...event };
      journal.note(() => {
        log.entries[indexOf(log, seq)] = before;
      });
    },
    async positions(rooms) {
      unit.mayRead();
      return rooms.flatMap((room) => {
        const log = logs.get(room);
        return log ? [place(room, log)] : [];
      });
    },
    async open(rooms) {
      const journal = unit.mayChange();
      return rooms.map((room) => place(room, opened(journal, room)));
    },
    async entries(room, after, limit) {
      unit.mayRead();
      const log = logs.get(room);
      if (!log) return [];
      const from = Math.max(0, indexOf(log, after) + 1);
      return log.entries.slice(from, from + limit);
    },
    async oldest(room) {
      unit.mayRead();
      return logs.get(room)?.entries[0]?.seq;
    },
    async trim(before, limit) {
      const journal = unit.mayChange();
      const old = [...logs.values()].flatMap((log) =>
        log.entries.filter(({ at }) => at < before).map((entry) => ({ log, entry })),
      );
      old.sort((a, b) => a.entry.at - b.entry.at);
      let removed = 0;
      for (const { log, entry } of old.slice(0, limit)) removed += trimTo(journal, log, entry.seq);
      return removed;
    },
  };
}

function trimTo(journal: Journal, log: RoomLog, seq: number): number {
  const { entries } = log;
  const left = entries.filter((entry) => entry.seq > seq);
  if (left.length === entries.length) return 0;
  log.entries = left;
  journal.note(() => {
    log.entries = entries;
  });
  return entries.length - left.length;
}
