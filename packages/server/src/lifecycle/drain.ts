import type { Gateway } from '../ports/gateway.js';

/**
 * Sends clients away over `drainMs`. Once the database is lost what they send is refused, which they take for an
 * answer: nobody is kept for that (0045).
 */
export async function drain(gateway: Gateway, drainMs: number, lost: AbortSignal): Promise<void> {
  if (drainMs <= 0 || lost.aborted) return;
  const cutShort = new Promise<void>((resolve) => {
    lost.addEventListener('abort', () => resolve(), { once: true });
  });
  // The last half is for those who were told to come back late.
  const drained = gateway.drain({
    windowMs: drainMs / 2,
    deadlineMs: drainMs,
    reason: 'the server is restarting',
  });
  await Promise.race([drained, cutShort]);
}
