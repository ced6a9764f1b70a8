/** What the platform of a client tells it; the client's `lifecycle` option takes such a source. */
export type LifecycleSignal = 'wake' | 'offline';

/** What happens to a page or a process, by the names of the browser's events. */
export type LifecycleMoment =
  | 'visible'
  | 'hidden'
  | 'online'
  | 'offline'
  | 'pagehide'
  | 'pageshow'
  | 'freeze'
  | 'resume'
  | 'wake';

/**
 * A page's life under control. Pass it to the client as `lifecycle`; or call `install` and leave the client on
 * `'auto'`, so that its own listeners on `window` and `document` are under test as well.
 */
export interface FakeLifecycle {
  subscribe(listener: (signal: LifecycleSignal) => void): () => void;
  /** Something happens. `pageshow` and `pagehide` are those of the back/forward cache (`persisted`). */
  emit(moment: LifecycleMoment): void;
  /** Everything emitted, in order. */
  readonly moments: readonly LifecycleMoment[];
  /** Subscribers now; 0 at the end of a clean test. */
  readonly subscribers: number;
  /** Puts a fake `window` and `document` into `globalThis`. Returns how to take them away. */
  install(): () => void;
}

/** What a client is told of each moment: what makes it look at its connection, and nothing else. */
const SIGNALS: { readonly [M in LifecycleMoment]: LifecycleSignal | undefined } = {
  visible: 'wake',
  online: 'wake',
  pageshow: 'wake',
  resume: 'wake',
  wake: 'wake',
  offline: 'offline',
  hidden: undefined,
  pagehide: undefined,
  freeze: undefined,
};

/** Makes a {@link FakeLifecycle}. */
export function createFakeLifecycle(): FakeLifecycle {
  const listeners = new Set<(signal: LifecycleSignal) => void>();
  const moments: LifecycleMoment[] = [];
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  const window = new EventTarget();

  const emitOnPage = (moment: LifecycleMoment): void => {
    if (moment === 'visible' || moment === 'hidden') {
      document.visibilityState = moment;
      document.dispatchEvent(new Event('visibilitychange'));
    } else if (moment === 'freeze' || moment === 'resume') document.dispatchEvent(new Event(moment));
    else if (moment !== 'wake') window.dispatchEvent(Object.assign(new Event(moment), { persisted: true }));
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    emit(moment) {
      moments.push(moment);
      const signal = SIGNALS[moment];
      if (signal) for (const listener of [...listeners]) listener(signal);
      emitOnPage(moment);
    },
    moments,
    get subscribers() {
      return listeners.size;
    },
    install: () => replaceGlobals({ window, document }),
  };
}

function replaceGlobals(globals: Readonly<Record<string, unknown>>): () => void {
  const before = Object.keys(globals).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  };
}
