import type { BusLine, BusListener, BusMessage, BusSource } from '../ports/bus.js';
import type { Logger } from '../ports/logger.js';

/** So many messages at once have a turn of the event loop to themselves: whoever made them has used theirs up. */
const MANY = 128;

/** Who listens to a bus in this process. What any bus does on this side of its line. */
export class BusListeners {
  readonly #logger: Pick<Logger, 'error'>;
  readonly #listeners = new Set<BusListener>();
  readonly #watchers = new Set<(line: BusLine) => void>();
  #line: BusLine = 'up';
  // Empty again when the turn ends, so its bound is what one turn can bring.
  #waiting: { readonly from: BusSource; readonly messages: BusMessage[] }[] = [];

  constructor(logger: Pick<Logger, 'error'>) {
    this.#logger = logger;
  }

  /** Hands over within the same turn of the event loop or the next, in order. */
  post(messages: readonly BusMessage[], from: BusSource): void {
    if (messages.length === 0) return;
    if (this.#waiting.length === 0) (messages.length > MANY ? setImmediate : queueMicrotask)(this.#deliver);
    const last = this.#waiting.at(-1);
    if (last?.from === from) for (const message of messages) last.messages.push(message);
    else this.#waiting.push({ from, messages: [...messages] });
  }

  subscribe(listener: BusListener): () => void {
    // Wrapped, so that the same function may subscribe twice and leave once.
    const own: BusListener = (messages, from) => listener(messages, from);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  watch(listener: (line: BusLine) => void): () => void {
    const own = (line: BusLine) => listener(line);
    this.#watchers.add(own);
    // Who watches takes the line for up until told otherwise.
    if (this.#line === 'down')
      queueMicrotask(() => {
        if (this.#line === 'down' && this.#watchers.has(own))
          this.#eachOf([own], (watcher) => watcher('down'));
      });
    return () => void this.#watchers.delete(own);
  }

  /** Tells what became of the line to the other nodes. */
  tell(line: BusLine): void {
    this.#line = line;
    this.#eachOf(this.#watchers, (watcher) => watcher(line));
  }

  clear(): void {
    this.#listeners.clear();
    this.#watchers.clear();
  }

  readonly #deliver = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { messages, from } of waiting)
      this.#eachOf(this.#listeners, (listener) => listener(messages, from));
  };

  #eachOf<T>(listeners: Iterable<T>, call: (listener: T) => void): void {
    for (const listener of [...listeners]) {
      try {
        call(listener);
      } catch (error) {
        this.#logger.error({ err: error }, 'a listener of the bus failed');
      }
    }
  }
}
