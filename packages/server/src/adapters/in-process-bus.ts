import type { Bus, BusMessage } from '../ports/bus.js';
import type { Logger } from '../ports/logger.js';

type Listener = (messages: readonly BusMessage[]) => void;

/** So many messages at once have a turn of the event loop to themselves: whoever made them has used theirs up. */
const MANY = 128;

/** The bus of a server that is alone: hands over within the same turn of the event loop or the next, loses nothing. */
export function createInProcessBus(logger: Pick<Logger, 'error'>): Bus {
  const listeners = new Set<Listener>();
  // Empty again when the turn ends, so its bound is what one turn can publish.
  let waiting: BusMessage[] = [];

  function deliver(): void {
    const messages = waiting;
    waiting = [];
    for (const listener of [...listeners]) {
      try {
        listener(messages);
      } catch (error) {
        logger.error({ err: error }, 'a listener of the bus failed');
      }
    }
  }

  return {
    publish(messages) {
      if (messages.length === 0) return;
      if (waiting.length === 0) (messages.length > MANY ? setImmediate : queueMicrotask)(deliver);
      for (const message of messages) waiting.push(message);
    },
    subscribe(listener) {
      // Wrapped, so that the same function may subscribe twice and leave once.
      const own: Listener = (messages) => listener(messages);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    check: async () => {},
    close: async () => listeners.clear(),
  };
}
