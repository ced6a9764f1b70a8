/** What is counted of those who want in. `reason` comes from closed lists of ours. */
export interface EntryMetrics {
  /** An upgrade came to nothing (A5.2). */
  upgradeRefused(reason: string): void;
  /** A token was not accepted, over HTTP or WebSocket. */
  tokenRefused(fault: string): void;
}
