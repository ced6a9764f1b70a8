import type { Clock } from '@goconnect/protocol/validators';

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
  onFault: (error: unknown) => void,
): () => void {
  let leave: unknown;
  const attempt = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      onFault(error);
    }
  };
  attempt(() => {
    leave = lifecycle.subscribe(listener);
  });
  return () => attempt(() => typeof leave === 'function' && leave());
}

/** How often the clocks are compared. A wake-up is noticed within this time, and the probe follows. */
const TICK_MS = 2_500;
/** A tick that comes so late, by either clock, slept. Less is a busy loop. */
const SLEPT_MS = 4_000;

/** Browser events where there are any, and everywhere the drift of a timer that slept. */
export function autoLifecycle(clock: Clock): Lifecycle {
  return {
    subscribe(listener) {
      const stops = [watchDrift(clock, () => listener('wake'))];
      const listen = (target: EventTarget | undefined, type: string, tell: (event: Event) => void): void => {
        target?.addEventListener?.(type, tell);
        stops.push(() => target?.removeEventListener?.(type, tell));
      };
      const { document, window } = globalThis as { document?: Document; window?: Window };
      const wake = () => listener('wake');
      listen(document, 'visibilitychange', () => document?.visibilityState === 'visible' && wake());
      listen(document, 'resume', wake);
      // Browsers close sockets when a page enters the back/forward cache.
      listen(window, 'pageshow', (event) => (event as PageTransitionEvent).persisted && wake());
      listen(window, 'online', wake);
      listen(window, 'offline', () => listener('offline'));
      return () => {
        for (const stop of stops) stop();
      };
    },
  };
}

function watchDrift(clock: Clock, woke: () => void): () => void {
  let timer: unknown;
  const tick = (): void => {
    const wall = clock.now();
    const steady = clock.monotonic();
    timer = clock.setTimeout(() => {
      // Some platforms stop the monotonic clock during sleep, others do not: the later one tells.
      const late = Math.max(clock.now() - wall, clock.monotonic() - steady) - TICK_MS;
      tick();
      if (late > SLEPT_MS) woke();
    }, TICK_MS);
  };
  tick();
  return () => clock.clearTimeout(timer);
}
