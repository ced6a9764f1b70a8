import type { Clock } from '@goconnect/protocol';
import { maintain } from '../operations/maintenance.js';
import type { Logger } from '../ports/logger.js';
import type { Store } from '../ports/store.js';
import { neverAhead } from './clock-watch.js';

export interface MaintenanceOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long missed events can be had (B3.4), milliseconds. */
  readonly eventRetentionMs: number;
}

const EVERY_MS = 600_000;
/** B4.1 promises 24 h; the hour more is for clocks that differ and for the time between two rounds. */
const OPERATIONS_MS = 25 * 3_600_000;

/** Removes what is out of date, now and every ten minutes. Returns how to stop, which waits for the step under way. */
export function startMaintenance(options: MaintenanceOptions): () => Promise<void> {
  const { store, clock, logger, eventRetentionMs } = options;
  const steady = neverAhead(clock);
  const stopping = new AbortController();
  let round: Promise<void> = Promise.resolve();
  let timer = clock.setTimeout(begin, 0);

  function begin(): void {
    round = maintain(
      { store, clock: steady },
      { operationsMs: OPERATIONS_MS, eventsMs: eventRetentionMs },
      stopping.signal,
    )
      .then((trimmed) => logger.debug(trimmed, 'removed what is out of date'))
      .catch((error: unknown) => {
        if (!stopping.signal.aborted)
          logger.warn({ err: error }, 'maintenance failed; it is tried again in ten minutes');
      })
      .then(() => {
        if (!stopping.signal.aborted) timer = clock.setTimeout(begin, EVERY_MS);
      });
  }

  return async () => {
    stopping.abort();
    clock.clearTimeout(timer);
    await round;
  };
}
