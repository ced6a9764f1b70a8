import type { Clock } from '@goconnect/protocol';
import type { Logger } from '../../ports/logger.js';
import { isCut, redisFault } from './redis-fault.js';

/** A line that comes and goes is not to fill the log. */
const EVERY_MS = 60_000;

/**
 * What the log says of the line: of each trouble why, once, and once when it is over. Of a line that never lasts that is
 * said at most once a minute, with how often it was lost.
 */
export class LineLog {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Pick<Logger, 'info' | 'warn'>;
  /** Why there is no line, as far as it was said in this trouble. */
  readonly #said = new Set<string>();
  #saidAt = Number.NEGATIVE_INFINITY;
  #wasUp = false;
  #flaps = false;
  /** How often the line was lost since that was last said. */
  #lost = 0;

  constructor(clock: Pick<Clock, 'monotonic'>, logger: Pick<Logger, 'info' | 'warn'>) {
    this.#clock = clock;
    this.#logger = logger;
  }

  up(): void {
    if (this.#said.size > 0 || !this.#wasUp)
      this.#logger.info({}, 'the line to Redis is up: other servers are heard');
    else if (!this.#isMuted()) this.#warn({}, 'the line to Redis was cut and is up again');
    this.#said.clear();
    this.#wasUp = true;
  }

  /** A line that was up has ended; `flaps` when it had not lasted. */
  lost(error: unknown, flaps: boolean): void {
    this.#flaps = flaps;
    this.#lost++;
    // Whoever is cut off is not told why: the next try knows, or finds nothing.
    if (!isCut(error)) this.failed(error);
  }

  /** There is still none. */
  failed(error: unknown): void {
    const { wrong, why } = redisFault(error, this.#wasUp);
    // What passes by itself is one trouble, however it shows; a setting that is wrong by now is another.
    if (this.#said.has(why) || (this.#said.size > 0 && !wrong) || this.#isMuted()) return;
    this.#said.add(why);
    this.#warn({ why }, 'no line to Redis: other servers are not heard, trying again');
  }

  #isMuted(): boolean {
    return this.#flaps && this.#clock.monotonic() - this.#saidAt < EVERY_MS;
  }

  #warn(fields: object, text: string): void {
    this.#logger.warn({ ...fields, ...(this.#lost > 1 && { lost: this.#lost }) }, text);
    this.#saidAt = this.#clock.monotonic();
    this.#lost = 0;
  }
}
