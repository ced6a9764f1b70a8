import type { Clock } from '@goconnect/protocol';
import type { BusDrop, BusMetrics } from '../../ports/bus-metrics.js';
import type { Logger } from '../../ports/logger.js';

/** Whoever floods the channel is not to fill the log as well. */
const EVERY_MS = 60_000;

const WHY: Readonly<Record<BusDrop, string>> = {
  no_line: 'there was no line to Redis',
  slow_line: 'Redis does not take them fast enough',
  too_large: 'they are larger than a bus carries',
  unreadable: 'they are of another program, or of a server that is no good',
};

/** Counts messages that came to nothing, and says so at most once a minute for each reason. */
export class DropLog {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Pick<Logger, 'warn'>;
  readonly #metrics: Pick<BusMetrics, 'dropped'>;
  readonly #reasons = new Map<BusDrop, { said: number; since: number }>();

  constructor(
    clock: Pick<Clock, 'monotonic'>,
    logger: Pick<Logger, 'warn'>,
    metrics: Pick<BusMetrics, 'dropped'>,
  ) {
    this.#clock = clock;
    this.#logger = logger;
    this.#metrics = metrics;
  }

  add(reason: BusDrop, messages: number): void {
    this.#metrics.dropped(reason, messages);
    const of = this.#reasons.get(reason) ?? { said: Number.NEGATIVE_INFINITY, since: 0 };
    this.#reasons.set(reason, of);
    of.since += messages;
    const now = this.#clock.monotonic();
    if (now - of.said < EVERY_MS) return;
    this.#logger.warn({ reason, messages: of.since }, `messages of the bus were dropped: ${WHY[reason]}`);
    of.said = now;
    of.since = 0;
  }
}
