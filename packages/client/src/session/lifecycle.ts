import type { Clock } from '@goconnect/protocol/validators';
import { attempt } from '../support/attempt.js';
import { createScope, type Scope } from '../support/scope.js';

/**
 * What the platform tells: `wake` (visible, unfrozen, online again, back from sleep) makes the client probe its
 * connection or come back at once; `offline` makes it probe.
 */
export type LifecycleSignal = 'wake' | 'offline';

/**
 * Port to the platform's life. On React Native give one over `AppState` and NetInfo:
 *
 *     { subscribe: (tell) => { const s = AppState.addEventListener('change', (to) => to === 'active' && tell('wake'));
 *                              return () => s.remove(); } }
 *
 * `subscribe` is called while the client is not idle, failed or closed; what it gives back MUST end everything it started.
 */
export interface Lifecycle {
  subscribe(listener: (signal: LifecycleSignal) => void): () => void;
}

/** Subscribes to what the application may have brought: one that throws is told, one that gives nothing back has nothing to end. */
export function enterLifecycle(
  lifecycle: Lifecycle,
  listener: (signal: LifecycleSignal) => void,
  onError: (error: unknown) => void,
): () => void {
  const leave = attempt(() => lifecycle.subscribe(listener), onError);
  return () => void attempt(() => typeof leave === 'function' && leave(), onError);
}

/** How often the clocks are compared. A wake-up is noticed within this time, and the probe follows. */
const TICK_MS = 2_500;
/** A tick that comes so late, by either clock, slept. Less is a busy loop. */
const SLEPT_MS = 4_000;

/** Browser events where there are any, and everywhere the drift of a timer that slept. */
export function autoLifecycle(clock: Clock): Lifecycle {
  return {
    subscribe(tell) {
      const scope = createScope(clock);
      const stops = [scope.end];
      const leave = (): void => {
        for (const stop of stops) stop();
      };
      const { document, window } = globalThis as { document?: Document; window?: Window };
      const wake = () => tell('wake');
      // Not by a signal: the page of jsdom takes none of Node's.
      const listen = (
        target: EventTarget | undefined,
        type: string,
        listener: (event: Event) => void,
      ): void => {
        target?.addEventListener?.(type, listener);
        stops.push(() => target?.removeEventListener?.(type, listener));
      };
      watchDrift(scope, clock, wake);
      try {
        listen(document, 'visibilitychange', () => document?.visibilityState === 'visible' && wake());
        listen(document, 'resume', wake);
        // Browsers close sockets when a page enters the back/forward cache.
        listen(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && wake());
        listen(window, 'online', wake);
        listen(window, 'offline', () => tell('offline'));
      } catch (error) {
        // Nobody is given what would end it.
        leave();
        throw error;
      }
      return leave;
    },
  };
}

function watchDrift(scope: Scope, clock: Clock, woke: () => void): void {
  const wall = clock.now();
  const steady = clock.monotonic();
  scope.after(TICK_MS, () => {
    // Some platforms stop the monotonic clock during sleep, others do not: the later one tells.
    const late = Math.max(clock.now() - wall, clock.monotonic() - steady) - TICK_MS;
    watchDrift(scope, clock, woke);
    if (late > SLEPT_MS) woke();
  });
}
