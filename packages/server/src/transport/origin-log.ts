import type { Clock } from '@goconnect/protocol';
import type { Logger } from '../ports/logger.js';

/** A page that dials again and again is not to fill the log. */
const EVERY_MS = 60_000;
/** Nor is somebody who makes origins up: of more than these, nothing is said before the minute of one of them is over. */
const ORIGINS_MAX = 100;
/** No honest origin is longer. */
const SHOWN_MAX = 300;

/** Says which origins are refused, each at most once a minute: whoever put the page there has to name it in the settings. */
export class OriginLog {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #logger: Pick<Logger, 'warn'>;
  /** When each was said, the oldest first. */
  readonly #said = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>, logger: Pick<Logger, 'warn'>) {
    this.#clock = clock;
    this.#logger = logger;
  }

  refused(origin: string): void {
    const now = this.#clock.monotonic();
    for (const [other, at] of this.#said) {
      if (now - at < EVERY_MS) break;
      this.#said.delete(other);
    }
    const shown = origin.slice(0, SHOWN_MAX);
    if (this.#said.has(shown) || this.#said.size >= ORIGINS_MAX) return;
    this.#said.set(shown, now);
    this.#logger.warn(
      { origin: shown },
      'pages of this origin may not connect; if they should, name it in WS_ALLOWED_ORIGINS',
    );
  }
}
