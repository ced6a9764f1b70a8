import { type Envelope, type Mutation, upEnvelope } from './mutant-dial.js';
import type { ServerMutant } from './server-mutants.js';

type Data = Readonly<Record<string, unknown>>;
/** The name of the fault, the clause that it breaks, and what it changes on the wire. */
export type Row = readonly [name: string, clause: string, mutation: Mutation, over?: 'ws' | 'reference'];

/** Faults by the case that has to notice them. */
export function mutantsOf(table: Readonly<Record<string, readonly Row[]>>): readonly ServerMutant[] {
  return Object.entries(table).flatMap(([killedBy, rows]) =>
    rows.map(([name, clause, mutation, over]) => ({
      name,
      clause,
      killedBy,
      mutation,
      ...(over && { over }),
    })),
  );
}

/** Changes the data of every event of a type. */
export const events = (type: string, change: Data | ((data: Data) => Data)): Mutation => ({
  down: (envelope) =>
    envelope.type === type && envelope.op_id === undefined ? changed(envelope, change) : envelope,
});

/** Changes the data of every reply that has this field. */
export const replies = (field: string, change: Data | ((data: Data) => Data)): Mutation => ({
  down: (envelope) =>
    envelope.op_id !== undefined && envelope.data?.[field] !== undefined
      ? changed(envelope, change)
      : envelope,
});

/** Changes every item of a list in a reply. */
export const items = (list: string, change: (item: Data) => Data): Mutation =>
  replies(list, (data) => ({ ...data, [list]: (data[list] as Data[]).map(change) }));

/** Changes one text field of every request of a type, where it is a text. */
export const texts = (type: string, field: string, change: (text: string) => string): Mutation => ({
  up: upEnvelope((envelope) => {
    const text = envelope.data?.[field];
    return envelope.type === type && typeof text === 'string'
      ? { ...envelope, data: { ...envelope.data, [field]: change(text) } }
      : envelope;
  }),
});

function changed(envelope: Envelope, change: Data | ((data: Data) => Data)): Envelope {
  const data = envelope.data ?? {};
  return { ...envelope, data: typeof change === 'function' ? change(data) : { ...data, ...change } };
}
