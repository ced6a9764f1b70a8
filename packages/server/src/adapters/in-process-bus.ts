import type { Bus } from '../ports/bus.js';
import type { Logger } from '../ports/logger.js';
import { BusListeners } from './bus-listeners.js';

/** The bus of a server that is alone: hands over within the same turn of the event loop or the next, loses nothing. */
export function createInProcessBus(logger: Pick<Logger, 'error'>): Bus {
  const listeners = new BusListeners(logger);
  return {
    publish: (messages) => listeners.post(messages, 'here'),
    subscribe: (listener) => listeners.subscribe(listener),
    watch: (listener) => listeners.watch(listener),
    check: async () => {},
    close: async () => listeners.clear(),
  };
}
