import type { EventBody, LogEntry } from '../domain/entities.js';

/** Who hears a transient event. */
export type Audience =
  | { readonly kind: 'room'; readonly room: string }
  /** Everyone who is in one of these rooms, once (A4.1). */
  | { readonly kind: 'rooms'; readonly rooms: readonly string[] }
  | { readonly kind: 'users'; readonly tenantId: string; readonly userIds: readonly string[] };

/** A connection as other nodes know it (A6.5). */
export interface RosterConnection {
  readonly id: string;
  readonly clientId?: string;
  /** Later connections have larger ones, on all nodes that have heard of each other. */
  readonly stamp: number;
}

/** Everything that a node has of one user; it takes the place of what it said of them before. */
export interface RosterUser {
  readonly userId: string;
  readonly tenantId: string;
  /** Some may not be open yet. None once the user is gone from the node. */
  readonly connections: readonly RosterConnection[];
  /** `here`: online on this node, or in the grace after it (A4.1). */
  readonly presence: 'here' | 'gone';
  /** Since when, wall clock, milliseconds. */
  readonly since: number;
  /** Where it shows whether the user is online; empty once they are gone. */
  readonly rooms: readonly string[];
}

/**
 * What nodes tell one another of their users. Each node numbers its news from 1, so that whoever hears finds a hole, by the
 * next news or the next `beat`, and wants everything again.
 */
export type RosterMessage =
  | {
      readonly kind: 'roster_news';
      readonly node: string;
      readonly number: number;
      readonly users: readonly RosterUser[];
    }
  /** Says that the node lives, and the number of its last news. */
  | { readonly kind: 'roster_beat'; readonly node: string; readonly number: number }
  /** Everything as of the news `number`, in `pages` parts. */
  | {
      readonly kind: 'roster_page';
      readonly node: string;
      readonly number: number;
      readonly page: number;
      readonly pages: number;
      readonly users: readonly RosterUser[];
    }
  /** Asks one node, or all, for everything they have. */
  | { readonly kind: 'roster_wanted'; readonly node: string; readonly of?: string }
  /** The node ends. Its users come back elsewhere, or do not. */
  | { readonly kind: 'roster_left'; readonly node: string }
  /** A user is at the limit of connections: the silent ones have to show life, wherever they are (A6.5). */
  | { readonly kind: 'roster_probe'; readonly tenantId: string; readonly userId: string };

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
    }
  | RosterMessage;

/** `here`: published by this very node. */
export type BusSource = 'here' | 'elsewhere';

export type BusListener = (messages: readonly BusMessage[], from: BusSource) => void;

/** Whether other nodes can be heard. */
export type BusLine = 'up' | 'down';

/** No other node can be heard, nor hears this one. The bus itself has said so in the log; this node serves on (0047). */
export class BusDown extends Error {
  override readonly name = 'BusDown';
}

/**
 * Carries messages to every node, the sender included.
 *
 * - Messages of one `publish` MUST arrive in order, and after those of an earlier `publish` of the same node.
 * - What a node publishes MUST reach its own listeners, whatever became of the line to the others.
 * - A bus MAY lose messages; whoever hears finds a hole by `seq` and reads the log, and looks there now and then for what
 *   left no hole.
 * - `publish` MUST NOT throw and MUST NOT call listeners synchronously.
 */
export interface Bus {
  publish(messages: readonly BusMessage[]): void;
  subscribe(listener: BusListener): () => void;
  /**
   * Tells when nothing of other nodes can arrive any more, and when it can again; what they said meanwhile is lost. A bus
   * that begins without a line tells so first. One of a single process never tells anything.
   */
  watch(listener: (line: BusLine) => void): () => void;
  /** Rejects with `BusDown` while nothing of other nodes can arrive. */
  check(): Promise<void>;
  close(): Promise<void>;
}
