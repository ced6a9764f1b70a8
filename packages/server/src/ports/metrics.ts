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
}
