import type { Clock } from '@goconnect/protocol/validators';

/** What one state owns: its timers and one abort signal. Ending the scope ends them all. */
export interface Scope {
  readonly signal: AbortSignal;
  after(delayMs: number, callback: () => void): void;
  end(): void;
}

export function createScope(clock: Clock): Scope {
  const controller = new AbortController();
  const timers = new Set<unknown>();
  return {
    signal: controller.signal,
    after(delayMs, callback) {
      const timer = clock.setTimeout(() => {
        timers.delete(timer);
        callback();
      }, delayMs);
      timers.add(timer);
    },
    end() {
      controller.abort();
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
    },
  };
}
