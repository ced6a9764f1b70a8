import type { EventBody, LogEntry } from '../domain/entities.js';

/** Who hears a transient event. */
export type Audience =
  | { readonly kind: 'room'; readonly room: string }
  /** Everyone who is in one of these rooms, once (A4.1). */
  | { readonly kind: 'rooms'; readonly rooms: readonly string[] }
  | { readonly kind: 'users'; readonly tenantId: string; readonly userIds: readonly string[] };

/** What nodes tell one another. A log entry here is a hint that spares a look into the store, never the only copy. */
export type BusMessage =
  | { readonly kind: 'entry'; readonly entry: LogEntry }
  | { readonly kind: 'transient'; readonly audience: Audience; readonly event: EventBody }
  /** Connections to close: those of a token family, or all of a user. */
  | {
      readonly kind: 'disconnect';
      readonly userId: string;
      readonly familyId?: string;
      readonly code: number;
      readonly reason: string;
    };

/**
 * Carries messages to every node, the sender included.
 *
 * - Messages of one `publish` MUST arrive in order, and after those of an earlier `publish` of the same node.
 * - A bus MAY lose messages; whoever hears finds a hole by `seq` and reads the log, and looks there now and then for what
 *   left no hole.
 * - `publish` MUST NOT throw and MUST NOT call listeners synchronously.
 */
export interface Bus {
  publish(messages: readonly BusMessage[]): void;
  subscribe(listener: (messages: readonly BusMessage[]) => void): () => void;
  check(): Promise<void>;
  close(): Promise<void>;
}
