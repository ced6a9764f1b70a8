import { OperationError } from '../domain/operation-error.js';
import type { Transaction } from '../ports/store.js';
import { isUnknownOutcome } from '../ports/store-error.js';
import type { Dependencies } from './dependencies.js';
import { keyOwner } from './key-owner.js';
import type { MutationContext, MutationResult } from './operations.js';
import { sha256 } from './sha256.js';

/** Asks whether something may enter a room (A6.2); throws when not. */
export type Admit = (room: string) => void;

/** A request with a lasting effect, as its key must see it again. */
export interface Mutation {
  readonly type: string;
  readonly data: object;
}

/** Another node committed the same key in this very moment. */
class KeyTaken extends Error {}

/**
 * Runs a mutation once for its key (B4.1): effect, log entries and the note that it was done are one transaction. A
 * repeat gets the first one's reply; the same key with other data is a mistake of the client.
 *
 * Hands its work to the store before it first waits, which keeps the operations of a connection in order (A2.2).
 */
export async function once<T>(
  deps: Pick<Dependencies, 'store' | 'clock' | 'settings'>,
  context: MutationContext,
  mutation: Mutation,
  work: (tx: Transaction, admit: Admit) => Promise<T>,
): Promise<MutationResult<T>> {
  const places = new Places(context);
  try {
    return await deps.store.write((tx) => attempt(tx, deps, context, mutation, places, work));
  } catch (error) {
    // What may have taken effect keeps its place: nothing over the limit may get in.
    if (!isUnknownOutcome(error)) places.giveBack();
    if (error instanceof KeyTaken) return await once(deps, context, mutation, work);
    throw error;
  }
}

async function attempt<T>(
  tx: Transaction,
  { clock, settings }: Pick<Dependencies, 'clock' | 'settings'>,
  { actor, key }: MutationContext,
  mutation: Mutation,
  places: Places,
  work: (tx: Transaction, admit: Admit) => Promise<T>,
): Promise<MutationResult<T>> {
  // The store may run this a second time; then the first time came to nothing.
  places.giveBack();
  const admit = (room: string) => places.take(room);
  if (key === undefined) return { reply: await work(tx, admit), repeated: false };

  const { opId, connection } = key;
  const owner = connection ?? keyOwner(actor, settings.tenantId);
  const fingerprint = sha256(`${mutation.type}\n${canonical(mutation.data)}`);
  const before = await tx.operations.get(owner, opId);
  if (before !== undefined) {
    if (before.fingerprint !== fingerprint) throw reused();
    return { reply: JSON.parse(before.reply) as T, repeated: true };
  }
  const reply = await work(tx, admit);
  const record = { owner, opId, fingerprint, reply: JSON.stringify(reply), at: clock.now() };
  if (!(await tx.operations.insert(record))) throw new KeyTaken();
  return { reply, repeated: false };
}

/** What the mutation took from the rate limits, until it is certain that it took effect. */
class Places {
  readonly #context: Pick<MutationContext, 'admit'>;
  #taken: (() => void)[] = [];

  constructor(context: Pick<MutationContext, 'admit'>) {
    this.#context = context;
  }

  take(room: string): void {
    const giveBack = this.#context.admit?.(room);
    if (giveBack !== undefined) this.#taken.push(giveBack);
  }

  giveBack(): void {
    for (const giveBack of this.#taken.splice(0)) giveBack();
  }
}

/** JSON that does not depend on the order of keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function reused(): OperationError {
  return new OperationError(
    'ERR_INVALID_MESSAGE',
    'This op_id was used for another request; take a new one.',
    {
      field: 'op_id',
      reason: 'op_id_reused',
    },
  );
}
