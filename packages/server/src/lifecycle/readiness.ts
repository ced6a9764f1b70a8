import type { Clock } from '@goconnect/protocol';
import type { ReadinessCheck } from '../http/probes.js';
import type { Logger } from '../ports/logger.js';
import { isExplained, StoreError } from '../ports/store-error.js';

/** A part that does not answer in this time is not ready. */
const TIMEOUT_MS = 2_000;

/** Checks that may reject, by the name of the part. Many askers at once share one look. */
export function createReadiness(
  parts: Readonly<Record<string, () => Promise<void>>>,
  clock: Clock,
  logger: Logger,
): ReadinessCheck {
  let looking: ReturnType<ReadinessCheck> | undefined;
  /** What the log knows of each part: whoever asks every second is not to fill it. */
  const told = new Map<string, string>();

  const look = async () => {
    const states = Object.entries(parts).map(
      async ([name, check]) => [name, await stateOf(name, check)] as const,
    );
    return Object.fromEntries(await Promise.all(states));
  };

  const stateOf = async (name: string, check: () => Promise<void>): Promise<string> => {
    const { promise: late, cancel } = after(clock, TIMEOUT_MS);
    const look = check().then(
      () => ({ state: 'ok' }) as const,
      (error: unknown) => ({ state: wordFor(error), err: error }),
    );
    const silence = late.then(() => ({ state: `no answer in ${TIMEOUT_MS} ms` }));
    const seen = await Promise.race([look, silence]);
    cancel();
    if (told.get(name) !== seen.state) {
      told.set(name, seen.state);
      // The reason may name hosts and users: it is for the log, where the store has told its own.
      if (seen.state !== 'ok' && !('err' in seen && isExplained(seen.err)))
        logger.warn({ ...seen, part: name }, 'not ready');
    }
    return seen.state;
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

/** A closed word: it is shown to whoever asks. */
function wordFor(error: unknown): string {
  if (error instanceof Draining) return 'draining';
  return (error instanceof StoreError ? error.fault : undefined) ?? 'failed';
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
