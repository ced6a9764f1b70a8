import type { Clock } from '@goconnect/protocol/validators';

/** What one state owns: its timers and one abort signal. Ending the scope ends them all. */
export interface Scope {
  /** Ask for it before the end; only timers may be set anew after that. */
  readonly signal: AbortSignal;
  after(delayMs: number, callback: () => void): void;
  end(): void;
}

export function createScope(clock: Clock): Scope {
  // Most scopes have nothing but timers, and each abort makes an error with a stack.
  let controller: AbortController | undefined;
  const timers = new Set<unknown>();
  return {
    get signal() {
      controller ??= new AbortController();
      return controller.signal;
    },
    after(delayMs, callback) {
      const timer = clock.setTimeout(() => {
        timers.delete(timer);
        callback();
      }, delayMs);
      timers.add(timer);
    },
    end() {
      controller?.abort();
      for (const timer of timers) clock.clearTimeout(timer);
      timers.clear();
    },
  };
}
