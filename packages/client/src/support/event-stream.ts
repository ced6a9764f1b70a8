import { deferred } from './deferred.js';
import { GoConnectError } from './goconnect-error.js';
import { onAbort } from './on-abort.js';

/** Events that a slow `for await` may leave unread before its iterator fails with `queue_full`. */
const UNREAD_MAX = 1_000;

/**
 * Turns a subscription into an async iterator that loses nothing silently: it listens from the moment it is made, and
 * a reader that falls 1,000 events behind gets those, then `queue_full`. Ends with `signal`, `break`, or by what it leaves in
 * `endings` meanwhile.
 */
export function eventStream<T>(
  subscribe: (listener: (item: T) => void) => () => void,
  endings: Set<() => void>,
  signal?: AbortSignal,
): AsyncIterableIterator<T> {
  const unread: T[] = [];
  const waiting: ReturnType<typeof deferred<IteratorResult<T>>>[] = [];
  const done: IteratorResult<T> = { done: true, value: undefined };
  let ending: (() => Promise<IteratorResult<T>>) | undefined;

  const finish = (last: () => Promise<IteratorResult<T>>): void => {
    if (ending) return;
    ending = last;
    unsubscribe();
    endings.delete(end);
    unlisten();
    for (const reader of waiting.splice(0)) reader.resolve(done);
  };
  const unsubscribe = subscribe((item) => {
    const reader = waiting.shift();
    if (reader) return reader.resolve({ done: false, value: item });
    if (unread.length < UNREAD_MAX) return void unread.push(item);
    finish(async () => {
      ending = async () => done;
      throw new GoConnectError('queue_full', `${UNREAD_MAX} events were not read`);
    });
  });
  const end = () => finish(async () => done);
  let unlisten = () => {};
  endings.add(end);
  unlisten = onAbort(signal, end);

  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const item = unread.shift();
      if (item !== undefined) return { done: false, value: item };
      if (ending) return ending();
      const reader = deferred<IteratorResult<T>>();
      waiting.push(reader);
      return reader.promise;
    },
    async return() {
      end();
      unread.length = 0;
      return done;
    },
  };
}
