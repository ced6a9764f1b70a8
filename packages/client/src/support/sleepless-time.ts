import type { Clock } from '@goconnect/protocol/validators';

/** By so much the wall clock must run ahead of the steady one to have slept. Less is a clock that is being set right. */
const SLEPT_LEAST_MS = 1_000;

/**
 * Monotonic milliseconds that go on while the device sleeps: many platforms stop their clock, and servers do not sleep. For what a server
 * remembers only so long (B4.1, A5.3), and for times to live. A wall clock that is set forward looks the same: better to take
 * something for forgotten that is not than the other way round.
 */
export function sleeplessTime(clock: Clock): () => number {
  let slept = 0;
  let lead = clock.now() - clock.monotonic();
  return () => {
    const steady = clock.monotonic();
    const leads = clock.now() - steady;
    if (leads - lead > SLEPT_LEAST_MS) slept += leads - lead;
    lead = leads;
    return steady + slept;
  };
}
