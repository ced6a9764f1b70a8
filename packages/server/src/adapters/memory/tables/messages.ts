import type { MessageTable, OperationTable } from '../../../ports/store.js';
import { keyOf } from '../journal.js';
import type { MemoryMedium } from '../memory-medium.js';
import type { MemoryUnit } from '../memory-unit.js';

export function messageTable(medium: MemoryMedium, unit: MemoryUnit): MessageTable {
  const { messages, tombstones, edits } = medium;
  return {
    async get(id) {
      unit.mayRead();
      return messages.get(id);
    },
    async insert(message) {
      const journal = unit.mayChange();
      if (messages.get(message.id)) throw new Error(`message ${message.id} exists`);
      messages.put(journal, message.id, message);
    },
    async update(message) {
      const journal = unit.mayChange();
      if (messages.get(message.id)) messages.put(journal, message.id, message);
    },
    async delete(id) {
      const journal = unit.mayChange();
      const message = messages.get(id);
      if (!message) return;
      messages.remove(journal, id);
      edits.remove(journal, id);
      tombstones.put(journal, id, { scope: message.scope, seq: message.seq });
    },
    async placeOf(id) {
      unit.mayRead();
      const place = messages.get(id) ?? tombstones.get(id);
      return place && { scope: place.scope, seq: place.seq };
    },
    async page({ scope, limit, beforeSeq = Number.POSITIVE_INFINITY, afterSeq }) {
      unit.mayRead();
      const forward = afterSeq !== undefined && beforeSeq === Number.POSITIVE_INFINITY;
      const found = [...messages.values()].filter(
        (message) => message.scope === scope && message.seq < beforeSeq && message.seq > (afterSeq ?? -1),
      );
      found.sort((a, b) => (forward ? a.seq - b.seq : b.seq - a.seq));
      return found.slice(0, limit);
    },
    edits: {
      async insert(edit) {
        const journal = unit.mayChange();
        const before = edits.get(edit.messageId) ?? [];
        edits.put(
          journal,
          edit.messageId,
          [...before, edit].sort((a, b) => a.seq - b.seq),
        );
      },
      async of(messageId) {
        unit.mayRead();
        return edits.get(messageId) ?? [];
      },
    },
  };
}

export function operationTable({ operations }: MemoryMedium, unit: MemoryUnit): OperationTable {
  return {
    async get(owner, opId) {
      unit.mayRead();
      return operations.get(keyOf(owner, opId));
    },
    async insert(record) {
      const journal = unit.mayChange();
      const key = keyOf(record.owner, record.opId);
      if (operations.get(key)) return false;
      operations.put(journal, key, record);
      return true;
    },
    trim: async (before, limit) =>
      operations.trim(
        unit.mayChange(),
        ({ at }) => at < before,
        ({ at }) => at,
        limit,
      ),
  };
}
