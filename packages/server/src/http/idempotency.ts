import { createHash } from 'node:crypto';
import type { Clock } from '@goconnect/protocol';
import { z } from 'zod';
import type { Actor } from '../domain/entities.js';
import { OperationError } from '../domain/operation-error.js';
import { keyOwner } from '../operations/key-owner.js';
import type { Operations } from '../operations/operations.js';
import type { Bus, BusMessage } from '../ports/bus.js';
import type { Store, Transaction } from '../ports/store.js';
import type { Reply } from './route.js';
import { hashedKey, openReply, sealReply } from './sealed-reply.js';

/** Which request this is a repeat of, if it is one. */
export interface RequestKey {
  readonly actor: Actor;
  /** `Idempotency-Key`, 1-128 visible characters. */
  readonly key: string;
  /** What a repeat must have in common. */
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
}

export interface Idempotency {
  /** Does the work once for its key: a repeat gets the first one's reply. Failed work is not remembered. */
  once(request: RequestKey, work: Work): Promise<Reply>;
}

type Work = (operations: Operations) => Promise<Reply>;

/** Another node committed the same key in this very moment. */
class KeyTaken extends Error {}

export interface IdempotencyDependencies {
  readonly store: Store;
  readonly bus: Bus;
  readonly clock: Pick<Clock, 'now'>;
  /** This server's own tenant. */
  readonly tenantId: string;
  /** The same operations as everywhere, on the given store and bus. */
  readonly operationsOn: (store: Store, bus: Bus) => Operations;
}

const remembered = z.object({
  status: z.union([z.literal(200), z.literal(201), z.literal(202)]),
  data: z.unknown(),
});

/**
 * `Idempotency-Key` of HTTP mutations, kept for 24 h. The whole request runs as one unit of work of the store,
 * together with the note that it was done: there is no moment at which one is durable and the other is not.
 */
export function createIdempotency({
  store,
  bus,
  clock,
  tenantId,
  operationsOn,
}: IdempotencyDependencies): Idempotency {
  async function attempt(request: RequestKey, work: Work): Promise<Reply> {
    const owner = `http:${keyOwner(request.actor, tenantId)}`;
    const opId = hashedKey(request.key);
    const fingerprint = fingerprintOf(request);

    const { reply, messages } = await store.write(async (tx) => {
      const before = await tx.operations.get(owner, opId);
      if (before) {
        if (before.fingerprint !== fingerprint) throw reused();
        return { reply: readReply(openReply(before.reply, request.key, owner)), messages: [] };
      }
      const outbox = createOutbox(bus);
      const reply = await work(operationsOn(within(tx, store), outbox.bus));
      const sealed = sealReply(JSON.stringify(reply), request.key, owner);
      const record = { owner, opId, fingerprint, reply: sealed, at: clock.now() };
      if (!(await tx.operations.insert(record))) throw new KeyTaken();
      return { reply, messages: outbox.messages };
    });
    bus.publish(messages);
    return reply;
  }

  return {
    async once(request, work) {
      try {
        return await attempt(request, work);
      } catch (error) {
        // What this one did is undone, and the reply of the other one is there.
        if (error instanceof KeyTaken) return await attempt(request, work);
        throw error;
      }
    },
  };
}

/** A store whose every work is part of one that is under way. */
function within(tx: Transaction, store: Store): Store {
  return {
    write: (work) => work(tx),
    read: (work) => work(tx),
    onCommit: (listener) => store.onCommit(listener),
    check: () => store.check(),
    close: async () => {},
  };
}

/** A bus that keeps what is published until the work is durable. */
function createOutbox(bus: Bus): { readonly bus: Bus; readonly messages: readonly BusMessage[] } {
  const messages: BusMessage[] = [];
  const kept: Bus = {
    publish: (more) => void messages.push(...more),
    subscribe: (listener) => bus.subscribe(listener),
    watch: (listener) => bus.watch(listener),
    check: () => bus.check(),
    close: async () => {},
  };
  return { bus: kept, messages };
}

function fingerprintOf({ method, url, body }: RequestKey): string {
  return createHash('sha256').update(`${method} ${url}\n`).update(body).digest('base64url');
}

function readReply(json: string): Reply {
  return remembered.parse(JSON.parse(json));
}

function reused(): OperationError {
  return new OperationError(
    'ERR_CONFLICT',
    'This Idempotency-Key was used for another request; take a new one.',
    { reason: 'key_reused' },
  );
}
