import type { Dialect } from './gateway.js';

/** Which limit turned a request away (A6.2). */
export type RateLimitName = 'connection' | 'network' | 'in_flight' | 'presence.ping' | 'session.resume';

/** What happens to connections and rooms beside plain counts of messages. */
export type GatewayEvent =
  | { readonly kind: 'opened'; readonly dialect: Dialect }
  /** `code`: our close code, or what the client's close frame said. */
  | { readonly kind: 'closed'; readonly code: number }
  /**
   * A request has its answer, for a mutation after its commit (B4.2). `seconds` from the moment it was read.
   * `repeat`: the answer of an earlier one with the same key (B4.1).
   */
  | {
      readonly kind: 'answered';
      readonly type: string;
      readonly outcome: 'ok' | 'repeat' | 'refused' | 'failed';
      readonly seconds: number;
    }
  | { readonly kind: 'rate_limited'; readonly limit: RateLimitName }
  /** One room of a `session.resume` (B3.3). */
  | { readonly kind: 'resumed'; readonly status: string }
  /** What a room said in one turn was handed to those who follow it. */
  | { readonly kind: 'fanned_out'; readonly events: number; readonly listeners: number }
  /** Entries that the bus did not bring are read from the log. */
  | { readonly kind: 'hole' }
  /** Entries are lost to this node: those in the room are sent off to resume. */
  | { readonly kind: 'entries_lost' };

/**
 * What the gateway counts (published: `websocket_*`). Called on hot paths: an implementation MUST be cheap, MUST NOT
 * throw, and MUST bound the label values it keeps; `type` and `kind` come from closed lists of ours.
 */
export interface GatewayMetrics {
  /** `websocket_connections_total`: active connections. */
  connections(active: number): void;
  /** `websocket_rooms_total`: rooms somebody is in. */
  rooms(active: number): void;
  /** `websocket_messages_received_total`, by request type; `invalid` for what could not be read. */
  received(type: string): void;
  /** `websocket_messages_sent_total`, by type. */
  sent(type: string, count: number): void;
  /**
   * `websocket_errors_total`: an error code that was answered, the name of a close code that we chose, or `dead_peer`
   * or `stuck_write` for connections that were cut off.
   */
  failed(kind: string): void;
  noted(event: GatewayEvent): void;
}
