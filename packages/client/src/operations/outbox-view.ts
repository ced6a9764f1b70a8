import type { RequestType } from '@goconnect/protocol/validators';
import type { Operation, Outbox } from './outbox.js';

/** A mutation that has not settled. */
export interface OutboxEntry {
  readonly opId: string;
  readonly type: RequestType;
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
  const mutations = (): Operation[] =>
    [...requests.outbox.values()].filter(({ kind }) => kind === 'mutation');
  return {
    get size() {
      return mutations().length;
    },
    entries: () =>
      mutations().map(({ opId, type, bytes, at }) => ({
        opId,
        type,
        bytes,
        state: at === 'queued' ? at : 'sent',
      })),
    cancel: (opId) => requests.cancel(opId),
  };
}
