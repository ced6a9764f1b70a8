import type { Clock } from '@goconnect/protocol';
import type { ReadinessCheck } from '../http/probes.js';
import type { Logger } from '../ports/logger.js';

/** A part that does not answer in this time is not ready. */
const TIMEOUT_MS = 2_000;

/** Checks that may reject, by the name of the part. Many askers at once share one look. */
export function createReadiness(
  parts: Readonly<Record<string, () => Promise<void>>>,
  clock: Clock,
  logger: Logger,
): ReadinessCheck {
  let looking: ReturnType<ReadinessCheck> | undefined;

  const look = async () => {
    const states = Object.entries(parts).map(
      async ([name, check]) => [name, await stateOf(name, check)] as const,
    );
    return Object.fromEntries(await Promise.all(states));
  };

  const stateOf = async (name: string, check: () => Promise<void>): Promise<string> => {
    const { promise: late, cancel } = after(clock, TIMEOUT_MS);
    try {
      return await Promise.race([check().then(() => 'ok'), late.then(() => `no answer in ${TIMEOUT_MS} ms`)]);
    } catch (error) {
      // The reason may name hosts and users: it is for the log.
      logger.warn({ err: error, part: name }, 'not ready');
      return error instanceof Draining ? 'draining' : 'failed';
    } finally {
      cancel();
    }
  };

  return () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

/** Why a server that goes is not ready (B5.2). */
export class Draining extends Error {
  override readonly name = 'Draining';
}

function after(
  clock: Clock,
  delayMs: number,
): { readonly promise: Promise<void>; readonly cancel: () => void } {
  let handle: ReturnType<Clock['setTimeout']>;
  const promise = new Promise<void>((resolve) => {
    handle = clock.setTimeout(resolve, delayMs);
  });
  return { promise, cancel: () => clock.clearTimeout(handle) };
}
