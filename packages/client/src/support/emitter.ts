import { EventEmitter } from 'eventemitter3';
import { attempt } from './attempt.js';
import { senseless } from './goconnect-error.js';

export type Listener<Payload, Context> = (payload: Payload, context: Context) => unknown;

/**
 * Listeners that can disturb neither the one who emits nor each other: what one throws or rejects with goes to
 * `report`. `Events` maps an event to its payload; `context` is what stands beside it.
 */
export interface Emitter<Events, Context> {
  /** Gives back how to take exactly this registration away. */
  on<K extends keyof Events & string>(type: K, listener: Listener<Events[K], Context>): () => void;
  once<K extends keyof Events & string>(type: K, listener: Listener<Events[K], Context>): () => void;
  /** Takes away every registration of this listener. */
  off<K extends keyof Events & string>(type: K, listener: Listener<Events[K], Context>): void;
  emit<K extends keyof Events & string>(type: K, payload: Events[K], context?: Context): void;
  listens(type: keyof Events & string): boolean;
}

type Guarded = (payload: unknown, context: unknown, type: string) => void;

export function createEmitter<Events, Context>(
  report: (error: unknown, type: string) => void,
): Emitter<Events, Context> {
  const emitter = new EventEmitter();
  const known = new WeakMap<object, Guarded>();
  /** One for each listener, so that `off` finds what `on` and `once` registered. */
  const guarded = <Payload>(listener: Listener<Payload, Context>): Guarded => {
    const guard: Guarded =
      known.get(listener) ??
      ((payload, context, type) => {
        attempt(
          () => listener(payload as Payload, context as Context),
          (error) => report(error, type),
        );
      });
    known.set(listener, guard);
    return guard;
  };
  const register =
    (how: 'on' | 'once'): Emitter<Events, Context>['on'] =>
    (type, listener) => {
      if (typeof listener !== 'function') throw senseless('listener', 'A listener should be a function');
      const guard = guarded(listener);
      const registration = {};
      emitter[how](type, guard, registration);
      return () => void emitter.off(type, guard, registration);
    };
  return {
    on: register('on'),
    once: register('once'),
    off: (type, listener) => void emitter.off(type, guarded(listener)),
    emit: (type, payload, context) => void emitter.emit(type, payload, context, type),
    listens: (type) => emitter.listenerCount(type) > 0,
  };
}
