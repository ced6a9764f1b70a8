import { senseless } from './goconnect-error.js';

/** Calls `listener` when `signal` aborts, at once if it has. Gives back how to stop listening. Throws where it is no signal. */
export function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal && !signal.addEventListener) throw senseless('signal', 'signal should be an AbortSignal');
  if (signal?.aborted) listener();
  else signal?.addEventListener('abort', listener, { once: true });
  return () => signal?.removeEventListener('abort', listener);
}
