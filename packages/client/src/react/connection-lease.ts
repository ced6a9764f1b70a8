import type { GoConnectClient } from '../client.js';

interface Lease {
  holders: number;
  release: ReturnType<typeof setTimeout> | undefined;
}

const leases = new WeakMap<GoConnectClient, Lease>();

/**
 * Keeps the client connected while somebody holds it. The first holder connects; the last one closes, but only after the current turn:
 * StrictMode (and a moved subtree) lets go and takes hold again at once, and that must neither close nor dial a second time.
 */
export function holdConnection(client: GoConnectClient, flushMs: number): () => void {
  const lease = leases.get(client) ?? { holders: 0, release: undefined };
  leases.set(client, lease);
  lease.holders++;
  clearTimeout(lease.release);
  // Why it does not connect is in its state.
  client.connect().catch(() => {});
  let held = true;
  return () => {
    if (!held) return;
    held = false;
    lease.holders--;
    if (lease.holders === 0) lease.release = setTimeout(() => void client.close({ flushMs }), 0);
  };
}
