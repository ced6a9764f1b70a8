import type { RequestType } from '@goconnect/protocol/validators';

/**
 * `mutation`: waits for a connection as long as its time to live. `read`: waits as long as its deadline. `immediate`: now
 * or never, past the pacing (it has a budget of its own).
 */
export type OperationKind = 'mutation' | 'read' | 'immediate';

/** An operation that has not settled. */
export interface Operation {
  readonly opId: string;
  readonly type: RequestType;
  readonly data: unknown;
  readonly kind: OperationKind;
  /** Size of the frame, roughly: UTF-16 units of its JSON. */
  readonly bytes: number;
  /** Monotonic ms. Past it nobody wants it any more. */
  readonly expiresAt: number;
  /** `queued`, or the connection on which it was written and is not answered. */
  readonly at: 'queued' | number;
  /** When it was first written; undefined: never, so that it certainly had no effect. */
  readonly sentAt: number | undefined;
}

/** Everything unsettled, in the order in which it was asked for. What is queued again keeps its place. */
export type Outbox = ReadonlyMap<string, Operation>;

export interface OutboxBounds {
  readonly maxOperations: number;
  readonly maxBytes: number;
}

/** True when one more operation of this size fits; the newest is refused, never an older one dropped. */
export function hasRoom(outbox: Outbox, bytes: number, { maxOperations, maxBytes }: OutboxBounds): boolean {
  return outbox.size < maxOperations && bytesOf(outbox) + bytes <= maxBytes;
}

export function bytesOf(outbox: Outbox): number {
  let bytes = 0;
  for (const operation of outbox.values()) bytes += operation.bytes;
  return bytes;
}

export function withOperation(outbox: Outbox, operation: Operation): Outbox {
  return new Map(outbox).set(operation.opId, operation);
}

export function without(outbox: Outbox, opId: string): Outbox {
  const rest = new Map(outbox);
  rest.delete(opId);
  return rest;
}

/** What becomes of the operations that were written on a connection which is gone (A2.5). */
export function cut(
  outbox: Outbox,
  line: number,
  mayRepeat: (operation: Operation) => boolean,
): { readonly outbox: Outbox; readonly again: readonly Operation[]; readonly unknown: readonly Operation[] } {
  const unknown: Operation[] = [];
  const again: Operation[] = [];
  const rest = new Map(outbox);
  for (const operation of outbox.values()) {
    if (operation.at !== line) continue;
    const repeat = operation.kind === 'read' || (operation.kind === 'mutation' && mayRepeat(operation));
    (repeat ? again : unknown).push(operation);
    rest.set(operation.opId, { ...operation, at: 'queued' });
  }
  return { outbox: rest, again, unknown };
}
