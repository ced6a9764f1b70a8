import { randomBytes } from 'node:crypto';
import type { Clock, Random, TimerHandle } from '@goconnect/protocol';
import { StartError } from '../../domain/start-error.js';
import type { BusLine } from '../../ports/bus.js';
import { type Bus, BusDown, type BusListener, type BusMessage } from '../../ports/bus.js';
import type { BusMetrics } from '../../ports/bus-metrics.js';
import type { Logger } from '../../ports/logger.js';
import { BusListeners } from '../bus-listeners.js';
import { decodeMessages, emptyPiece, encodeMessages } from './bus-envelope.js';
import { DropLog } from './drop-log.js';
import { LineLog } from './line-log.js';
import { redisAddress } from './redis-address.js';
import { redisFault } from './redis-fault.js';
import { openRedisLine, type RedisLine } from './redis-line.js';

export interface RedisBusOptions {
  /** `redis://user:password@host:port`, `rediss://…` with TLS (`BUS_URL`). */
  readonly url: string;
  /** Names the servers that hear each other; others on the same Redis do not. */
  readonly fleet: string;
  /** Name of this node, another one at each start. Default: a random one. */
  readonly node?: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Default: nothing is counted. */
  readonly metrics?: BusMetrics;
}

/** What becomes of the line. Each state owns what it has to end. */
type State =
  | { readonly kind: 'opening'; readonly attempt: AbortController; readonly over: Promise<void> }
  | { readonly kind: 'up'; readonly line: RedisLine }
  | { readonly kind: 'waiting'; readonly timer: TimerHandle }
  | { readonly kind: 'closed' };

/** What came of an attempt to have a line. */
interface Outcome {
  readonly line?: RedisLine;
  readonly error?: unknown;
}

/** Backoff with full jitter: a Redis that comes back is not met by all servers at once, and none stays away for long. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 3_000;
const SHORTEST_WAIT_MS = 50;
/** A line that was up for less has mended nothing: each time it is up all servers ask one another for everything. */
const STEADY_MS = 10_000;

/**
 * A bus over Redis pub/sub: nothing is stored there, and nothing waits for a line that is down.
 *
 * Resolves once it is known what is there. A Redis that is merely away is warned of and tried again for ever, for a server
 * must be able to start meanwhile.
 *
 * @throws StartError when a setting is wrong, in one line without the password
 */
export async function createRedisBus(options: RedisBusOptions): Promise<Bus> {
  const bus = new RedisBus(options);
  await bus.start();
  return bus;
}

const UNCOUNTED: BusMetrics = { line() {}, published() {}, heard() {}, dropped() {} };

class RedisBus implements Bus {
  readonly #options: RedisBusOptions;
  readonly #metrics: BusMetrics;
  readonly #node: string;
  readonly #listeners: BusListeners;
  readonly #drops: DropLog;
  readonly #log: LineLog;
  #state: State = { kind: 'waiting', timer: undefined };
  /** Attempts since a line last lasted. */
  #tries = 0;

  constructor(options: RedisBusOptions) {
    this.#options = options;
    this.#metrics = options.metrics ?? UNCOUNTED;
    this.#node = options.node ?? randomBytes(12).toString('base64url');
    this.#listeners = new BusListeners(options.logger);
    this.#drops = new DropLog(options.clock, options.logger, this.#metrics);
    this.#log = new LineLog(options.clock, options.logger);
    this.#tell('down');
  }

  async start(): Promise<void> {
    const outcome = await this.#attempt();
    const { wrong, why } = redisFault(outcome.error);
    if (outcome.line === undefined && wrong) {
      this.#state = { kind: 'closed' };
      throw new StartError(`BUS_URL: Redis cannot be used: ${why}.`);
    }
    this.#take(outcome);
  }

  publish(messages: readonly BusMessage[]): void {
    if (this.#state.kind === 'closed' || messages.length === 0) return;
    this.#listeners.post(messages, 'here');
    if (this.#state.kind === 'up') this.#send(this.#state.line, messages);
    else this.#metrics.dropped('no_line', messages.length);
  }

  #send(line: RedisLine, messages: readonly BusMessage[]): void {
    const { pieces, tooLarge } = encodeMessages(this.#node, messages);
    if (tooLarge > 0) this.#drops.add('too_large', tooLarge);
    for (const piece of pieces) {
      if (line.publish(piece.text, piece.bytes)) this.#metrics.published(piece.messages);
      else this.#drops.add('slow_line', piece.messages);
    }
  }

  subscribe(listener: BusListener): () => void {
    return this.#listeners.subscribe(listener);
  }

  watch(listener: (line: BusLine) => void): () => void {
    return this.#listeners.watch(listener);
  }

  async check(): Promise<void> {
    if (this.#state.kind !== 'up') throw new BusDown('no other server can be heard');
  }

  async close(): Promise<void> {
    const state = this.#state;
    this.#state = { kind: 'closed' };
    this.#listeners.clear();
    if (state.kind === 'waiting') this.#options.clock.clearTimeout(state.timer);
    if (state.kind === 'up') await state.line.close();
    if (state.kind !== 'opening') return;
    state.attempt.abort(new Error('the bus is closed'));
    await state.over;
  }

  /** Tries once; never rejects. */
  async #attempt(): Promise<Outcome> {
    const { url, fleet, clock } = this.#options;
    const attempt = new AbortController();
    const outcome = openRedisLine({
      address: redisAddress(url),
      channel: `goconnect:${fleet}`,
      hello: emptyPiece(this.#node),
      clock,
      signal: attempt.signal,
      onText: (text) => this.#hear(text),
    }).then(
      (line): Outcome => ({ line }),
      (error: unknown): Outcome => ({ error }),
    );
    this.#state = { kind: 'opening', attempt, over: outcome.then(() => {}) };
    return await outcome;
  }

  #take({ line, error }: Outcome): void {
    // An attempt that was given up because the bus was closed.
    if (this.#state.kind !== 'opening') return;
    if (line) {
      this.#up(line);
      return;
    }
    this.#log.failed(error);
    this.#wait();
  }

  #up(line: RedisLine): void {
    const { clock } = this.#options;
    const since = clock.monotonic();
    this.#state = { kind: 'up', line };
    this.#log.up();
    this.#tell('up');
    void line.lost.then((error) => {
      if (this.#state.kind !== 'up' || this.#state.line !== line) return;
      const lasted = clock.monotonic() - since >= STEADY_MS;
      if (lasted) this.#tries = 0;
      this.#log.lost(error, !lasted);
      this.#wait();
      this.#tell('down');
    });
  }

  #wait(): void {
    const { clock, random } = this.#options;
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(this.#tries++, 10));
    const timer = clock.setTimeout(
      () => void this.#attempt().then((outcome) => this.#take(outcome)),
      Math.max(SHORTEST_WAIT_MS, random() * most),
    );
    this.#state = { kind: 'waiting', timer };
  }

  /** Never throws: the driver would make an uncaught exception of it. */
  #hear(text: string): void {
    if (this.#state.kind === 'closed') return;
    const heard = decodeMessages(text);
    const unreadable = heard?.invalid ?? 1;
    if (unreadable > 0) this.#drops.add('unreadable', unreadable);
    if (heard === undefined || heard.node === this.#node) return;
    this.#metrics.heard(heard.messages.length);
    this.#listeners.post(heard.messages, 'elsewhere');
  }

  #tell(line: BusLine): void {
    this.#metrics.line(line);
    this.#listeners.tell(line);
  }
}
