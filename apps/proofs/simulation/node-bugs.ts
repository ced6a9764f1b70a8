import type { BusMessage, Transaction } from '@goconnect/server/core';
import type { PlantedBug } from './planted-bug.js';
import { knowingItsOwn, withTables } from './with-tables.js';

type Entry = Extract<BusMessage, { kind: 'entry' }>['entry'];

/** Bugs that take two nodes to show. */
export const NODE_BUGS: readonly PlantedBug[] = [
  {
    name: 'a node never asks the log where rooms stand',
    nodes: 2,
    operations: (real) => ({ ...real, rooms: { ...real.rooms, positions: async () => [] } }),
  },
  {
    name: 'a node trusts the order of the bus',
    nodes: 2,
    bus(bus) {
      const last = new Map<string, number>();
      const renumbered = (entry: Entry): Entry => {
        const seq = (last.get(entry.room) ?? entry.seq - 1) + 1;
        last.set(entry.room, seq);
        return { ...entry, seq };
      };
      return {
        ...bus,
        subscribe: (listener) =>
          bus.subscribe((messages, from) =>
            listener(
              messages.map((message) =>
                message.kind === 'entry' ? { ...message, entry: renumbered(message.entry) } : message,
              ),
              from,
            ),
          ),
      };
    },
  },
  {
    name: 'a removal is not told to other nodes',
    nodes: 2,
    bus(bus) {
      const own = new Set<string>();
      const place = ({ room, seq }: Entry) => `${room} ${seq}`;
      return {
        ...bus,
        publish(messages) {
          for (const message of messages) if (message.kind === 'entry') own.add(place(message.entry));
          bus.publish(messages);
        },
        subscribe: (listener) =>
          bus.subscribe((messages, from) =>
            listener(
              messages.filter(
                (message) =>
                  message.kind !== 'entry' ||
                  !/left|kick|ban/.test(message.entry.type) ||
                  own.has(place(message.entry)),
              ),
              from,
            ),
          ),
      };
    },
  },
  {
    name: 'each node remembers the op_ids of its own',
    nodes: 2,
    store: knowingItsOwn,
  },
  {
    name: 'each node remembers who is a member',
    nodes: 2,
    store(store) {
      type Standing = Awaited<ReturnType<Transaction['networks']['standing']>>;
      const known = new Map<string, Standing>();
      return withTables(store, (tx) => ({
        ...tx,
        networks: {
          ...tx.networks,
          standing: async (id, userId) => {
            const key = `${id} ${userId}`;
            const standing = known.get(key) ?? (await tx.networks.standing(id, userId));
            known.set(key, standing);
            return standing;
          },
        },
      }));
    },
  },
  {
    name: 'a node has only what it heard itself',
    nodes: 2,
    operations: (real) => ({
      ...real,
      rooms: { ...real.rooms, entriesAfter: async () => ({ entries: [], oldest: 1 }) },
    }),
  },
  {
    name: 'a node keeps its users to itself',
    nodes: 2,
    bus: (bus) => ({
      ...bus,
      publish: (messages) => bus.publish(messages.filter(({ kind }) => !/^roster_(news|page)$/.test(kind))),
    }),
  },
  {
    name: 'a node that starts is not told who is there already',
    nodes: 2,
    bus: (bus) => ({
      ...bus,
      publish: (messages) =>
        bus.publish(
          messages.map((message) => (message.kind === 'roster_page' ? { ...message, users: [] } : message)),
        ),
    }),
  },
  {
    name: 'a node says that it lives, and not how much it told',
    nodes: 2,
    bus: (bus) => ({
      ...bus,
      publish: (messages) =>
        bus.publish(
          messages.map((message) => (message.kind === 'roster_beat' ? { ...message, number: 0 } : message)),
        ),
    }),
  },
  {
    name: 'a node that is gone is never noticed',
    nodes: 2,
    bus(bus) {
      const beats = new Map<string, BusMessage>();
      return {
        ...bus,
        subscribe: (listener) =>
          bus.subscribe((messages, from) => {
            const heard = messages.filter(({ kind }) => kind === 'roster_beat' && from === 'elsewhere');
            for (const beat of heard) if (beat.kind === 'roster_beat') beats.set(beat.node, beat);
            listener(messages, from);
            // Each beat sounds as if all who ever spoke did.
            if (heard.length > 0) listener([...beats.values()], 'elsewhere');
          }),
      };
    },
  },
];
