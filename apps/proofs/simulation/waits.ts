import type { ClientState } from '@goconnect/client';
import type { Spread } from './spread.js';

/** Defaults of the client's backoff. */
const BACKOFF = { minMs: 250, baseMs: 500, maxMs: 20_000 };
/** From here on every window is the same. */
const CAPPED_TRIES = 6;

/** The last draw of anybody in a history, whoever it was. */
export interface LastDraw {
  seat: string;
  place: number;
}

export interface WaitsDeps {
  readonly seat: string;
  readonly spread: Spread;
  /** Shared by everyone in the history. */
  readonly last: Map<string, LastDraw>;
  /** The wall clock of the device, by which the client tells its plans. */
  readonly now: () => number;
  readonly fault: (what: string) => void;
}

/** Follows one life of a client from wait to wait, and says where in its window each was drawn (promise 7). */
export class Waits {
  readonly #deps: WaitsDeps;
  #status: ClientState['status'] = 'idle';
  /** Whether the last state told of a wait already. */
  #waiting: 'yes' | 'no' = 'no';
  /** Has it plans for a next connection while it still has one? If that breaks, their rest becomes a floor that is not told. */
  #plans: 'none' | 'some' = 'none';
  /** What the last close asked for, and when. */
  #asked: { readonly at: number; readonly floorMs: number } | undefined;

  constructor(deps: WaitsDeps) {
    this.#deps = deps;
  }

  /** A token was asked for, or a socket dialled. */
  tries(): void {
    if (this.#status === 'connected') this.#plans = 'some';
  }

  draining(): void {
    this.#plans = 'some';
  }

  /** A connection was welcomed: what was planned has come about. */
  welcomed(): void {
    this.#plans = 'none';
  }

  /** A socket was closed. Its reason may hold a time not to come back before (A7). */
  closed(reason: string): void {
    const floorMs = Number(/_after_ms\D{1,4}(\d+)/.exec(reason)?.[1] ?? 0);
    this.#asked = { at: this.#deps.now(), floorMs };
  }

  /** The client told its state. */
  state({ status, attempt, retryAt }: ClientState): void {
    const plans = this.#status === 'connected' ? this.#plans : 'none';
    const known = this.#waiting === 'yes';
    this.#status = status;
    if (status !== 'connected') this.#plans = 'none';
    this.#waiting = retryAt === undefined ? 'no' : 'yes';
    // Told again, of the same wait, when it has become a long one.
    if (retryAt === undefined || attempt === undefined || known || plans === 'some') return;
    this.#drawn(attempt - 1, retryAt - this.#deps.now());
  }

  #drawn(tries: number, ms: number): void {
    const { seat, spread, last, now, fault } = this.#deps;
    const floorMs = BACKOFF.minMs + (this.#asked?.at === now() ? this.#asked.floorMs : 0);
    const widthMs = Math.min(BACKOFF.maxMs, BACKOFF.baseMs * 2 ** tries) - BACKOFF.minMs;
    const drawn = ms - floorMs;
    const told = `promise 7: ${seat} waits ${ms} ms after ${tries} tries, of ${floorMs} to ${floorMs + widthMs}`;
    if (drawn < -1 || drawn > widthMs + 1) fault(told);
    const place = spread.note(`waits after ${named(tries)}`, drawn, widthMs, 'nearest');
    apart(spread, last, 'waits of two clients', { seat, place });
  }
}

/** Compares a draw with the last one of somebody else: those who draw alike come together, however evenly each one draws. */
export function apart(spread: Spread, last: Map<string, LastDraw>, kind: string, draw: LastDraw): void {
  const before = last.get(kind);
  if (before && before.seat !== draw.seat) spread.apart(`${kind}, apart`, draw.place, before.place);
  last.set(kind, draw);
}

function named(tries: number): string {
  return tries < CAPPED_TRIES ? `${tries} tries` : `${CAPPED_TRIES} tries or more`;
}
