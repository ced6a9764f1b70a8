export interface Rate {
  readonly limit: number;
  readonly windowMs: number;
}

/** What an operator sets, and what the welcome announces (B2). Times in milliseconds, sizes in bytes. */
export interface GatewaySettings {
  readonly server: { readonly name: string; readonly version: string };
  readonly maxConnections: number;
  readonly maxConnectionsPerUser: number;
  readonly maxMessageBytes: number;
  /** Messages queued for one client (A6.3). */
  readonly sendBufferMessages: number;
  readonly writeWaitMs: number;
  readonly pongWaitMs: number;
  readonly pingPeriodMs: number;
  /** Accepted messages of one connection (A6.2). */
  readonly clientRate: Rate;
  /** What enters a network's room (A6.2). */
  readonly networkRate: Rate;
  /** Upgrades from one address. */
  readonly connectRate: Rate;
  /** How long entries can be resumed: the retention of the log. */
  readonly resumeWindowMs: number;
  /** How long a repeat is recognised (B4.1). */
  readonly dedupeWindowMs: number;
}
