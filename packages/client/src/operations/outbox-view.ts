import type { RequestType } from '@goconnect/protocol/validators';
import type { Operation, Outbox } from './outbox.js';

/** A mutation that has not settled. */
export interface OutboxEntry {
  readonly opId: string;
  readonly type: RequestType;
  /** As it was asked for, `{ scope, body }` for instance. */
  readonly data: unknown;
  /** `sent`: written, not answered yet. */
  readonly state: 'queued' | 'sent';
  /** UTF-16 units of its JSON. */
  readonly bytes: number;
}

/** The mutations that have not settled, as the application sees them. */
export interface OutboxView {
  readonly size: number;
  /** In the order in which they will be sent. */
  entries(): readonly OutboxEntry[];
  /** Settles it as `aborted`. False when there is no such operation. */
  cancel(opId: string): boolean;
}

export function outboxView(requests: { readonly outbox: Outbox; cancel(opId: string): boolean }): OutboxView {
  const entries = (): readonly OutboxEntry[] =>
    [...requests.outbox.values()].filter(({ kind }) => kind === 'mutation').map(entryOf);
  return {
    get size() {
      return entries().length;
    },
    entries,
    cancel: (opId) => requests.cancel(opId),
  };
}

export function entryOf({ opId, type, data, bytes, at }: Operation): OutboxEntry {
  return { opId, type, data, bytes, state: typeof at === 'number' ? 'sent' : 'queued' };
}
