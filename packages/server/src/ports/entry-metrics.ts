/** What is counted of those who want in. `reason` comes from closed lists of ours. */
export interface EntryMetrics {
  /** An upgrade came to nothing (A5.2). */
  upgradeRefused(reason: string): void;
  /** A socket that was no user's connection (yet) was ended because there were too many of its kind (A6.4). */
  strangerDropped(): void;
  /** A token was not accepted, over HTTP or WebSocket: `revoked` where its login had ended. */
  tokenRefused(fault: string): void;
}
