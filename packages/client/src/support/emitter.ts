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

interface Registration {
  readonly listener: unknown;
  call(payload: unknown, context: unknown): unknown;
}

export function createEmitter<Events, Context>(
  report: (error: unknown, type: string) => void,
): Emitter<Events, Context> {
  const table = new Map<string, readonly Registration[]>();
  const registered = (type: string) => table.get(type) ?? [];
  /** A new list each time: who leaves or comes while an event is told does not change who hears it. */
  const keep = (type: string, wanted: (one: Registration) => boolean): void =>
    void table.set(type, registered(type).filter(wanted));
  const add = (type: string, listener: unknown, call: Registration['call']): (() => void) => {
    const registration = { listener, call };
    table.set(type, [...registered(type), registration]);
    return () => keep(type, (one) => one !== registration);
  };
  return {
    on: (type, listener) => add(type, listener, listener as Registration['call']),
    once(type, listener) {
      const off = add(type, listener, (payload, context) => {
        off();
        return (listener as Registration['call'])(payload, context);
      });
      return off;
    },
    off: (type, listener) => keep(type, (one) => one.listener !== listener),
    emit(type, payload, context) {
      for (const { call } of registered(type)) {
        try {
          const result: unknown = call(payload, context);
          if (result instanceof Promise) result.catch((error: unknown) => report(error, type));
        } catch (error) {
          report(error, type);
        }
      }
    },
    listens: (type) => registered(type).length > 0,
  };
}
