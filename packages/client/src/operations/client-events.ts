import type { EventData, EventType, Fault, Meta } from '@goconnect/protocol/validators';
import type { ClientState } from '../session/client-state.js';
import type { Gap } from '../session/room-log.js';
import type { GoConnectError } from '../support/goconnect-error.js';
import type { OutboxEntry } from './outbox-view.js';
import type { Backpressure } from './pacer.js';
import type { Settled } from './settled.js';

/** Something the server sent that this version cannot use (A1.4). */
export interface Unknown {
  /** Its `type`, where it had one. */
  readonly type: string | undefined;
  /** Its data as it came, unchecked. */
  readonly data: unknown;
  /** What is wrong with the data of a type that we do know. */
  readonly faults: readonly Fault[];
}

/** What stands beside an event. */
export interface EventContext {
  /** The room it belongs to, where it says so. */
  readonly room?: string | undefined;
  /** Its place in the room's log (v1, recoverable events). */
  readonly seq?: number | undefined;
  readonly meta?: Meta | undefined;
}

/** Everything one can listen to: the events of the contract, and what the client tells about itself. */
export type GoConnectEvents = { [K in EventType]: EventData<K> } & {
  state: ClientState;
  /** No connection for 5 s: what a UI shows. */
  lost: ClientState;
  /** Connected again after `lost`. */
  restored: ClientState;
  /** Entries of a room that were missed for good. */
  gap: Gap;
  unknown: Unknown;
  /** A failure that no promise carries: a throwing listener, an error without `op_id`, a token that could not be had. */
  error: GoConnectError;
  backpressure: Backpressure;
  /** Mutations that an earlier page, process or tab left in the storage are in this client's outbox now. */
  recovered: readonly OutboxEntry[];
  /** A mutation has ended, with or without somebody waiting for it. `close()` ends none: what is stored is carried on by the next client. */
  settled: Settled;
};
