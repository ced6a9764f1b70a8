import { EventEmitter } from 'eventemitter3';

export type Listener<Payload, Context> = (payload: Payload, context: Context) => unknown;

/**
 * Listeners that can disturb neither the one who emits nor each other: what one throws or rejects with goes to
 * `report`. `Events` maps an event to its payload; `context` is what stands beside it.
 */
export interface Emitter<Events, Context> {
  /** Gives back how to take exactly this registration away. */
  on<K extends keyof Events & string>(type: K, listener: Listener<Events[K], Context>): () => void;
  once<K extends keyof Events & string>(type: K, listener: Listener<Events[K], Context>): () => void;
  off<K extends keyof Events & string>(type: K, listener: Listener<Events[K], Context>): void;
  emit<K extends keyof Events & string>(type: K, payload: Events[K], context?: Context): void;
  listens(type: keyof Events & string): boolean;
}

export function createEmitter<Events, Context>(
  report: (error: unknown, type: string) => void,
): Emitter<Events, Context> {
  const emitter = new EventEmitter();

  const on: Emitter<Events, Context>['on'] = (type, listener) => {
    const registration = {};
    emitter.on(type, listener, registration);
    return () => void emitter.off(type, listener, registration);
  };
  return {
    on,
    once(type, listener) {
      const off = on(type, (payload, context) => {
        off();
        return listener(payload, context);
      });
      return off;
    },
    off: (type, listener) => void emitter.off(type, listener),
    emit(type, payload, context) {
      // `listeners` is a copy: who leaves or comes meanwhile does not change who hears this one.
      for (const listener of emitter.listeners(type)) {
        try {
          const result: unknown = listener(payload, context);
          if (result instanceof Promise) result.catch((error: unknown) => report(error, type));
        } catch (error) {
          report(error, type);
        }
      }
    },
    listens: (type) => emitter.listenerCount(type) > 0,
  };
}
