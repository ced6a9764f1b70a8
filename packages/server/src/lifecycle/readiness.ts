import type { Clock } from '@goconnect/protocol';
import type { ReadinessCheck } from '../http/probes.js';
import { BusDown } from '../ports/bus.js';
import type { Logger } from '../ports/logger.js';
import { isExplained, StoreError } from '../ports/store-error.js';

/** A part that does not answer in this time is not ready. */
const TIMEOUT_MS = 2_000;

/**
 * Checks that may reject, by the name of the part. Many askers at once share one look. `BusDown` is shown and makes nothing
 * unready: servers that all went out of service together would serve nobody (0047).
 */
export function createReadiness(
  parts: Readonly<Record<string, () => Promise<void>>>,
  clock: Clock,
  logger: Logger,
): ReadinessCheck {
  let looking: ReturnType<ReadinessCheck> | undefined;
  /** What the log knows of each part: whoever asks every second is not to fill it. */
  const told = new Map<string, string>();

  const look = async () => {
    const looks = await Promise.all(
      Object.entries(parts).map(async ([name, check]) => [name, await stateOf(name, check)] as const),
    );
    return {
      ready: looks.every(([, { serves }]) => serves),
      checks: Object.fromEntries(looks.map(([name, { state }]) => [name, state])),
    };
  };

  const stateOf = async (name: string, check: () => Promise<void>): Promise<PartState> => {
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
      // The reason may name hosts and users: it is for the log, where store and bus have told their own.
      if (seen.state !== 'ok' && !('err' in seen && isTold(seen.err)))
        logger.warn({ ...seen, part: name }, 'not ready');
    }
    return {
      state: seen.state,
      serves: seen.state === 'ok' || ('err' in seen && seen.err instanceof BusDown),
    };
  };

  return () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

interface PartState {
  /** `ok`, or what is wrong. */
  readonly state: string;
  /** Whether that is no reason to send nobody here. */
  readonly serves: boolean;
}

/** Why a server that goes is not ready (B5.2). */
export class Draining extends Error {
  override readonly name = 'Draining';
}

/** A closed word: it is shown to whoever asks. */
function wordFor(error: unknown): string {
  if (error instanceof Draining) return 'draining';
  if (error instanceof BusDown) return 'down';
  return (error instanceof StoreError ? error.fault : undefined) ?? 'failed';
}

/** Its part has said so in the log. */
const isTold = (error: unknown) => error instanceof BusDown || isExplained(error);

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
