import type { LockManagerLike } from '../storage/tab-ownership.js';

/** What the Web Locks of one origin do, exclusive mode only. */
export interface FakeLocks {
  /** The locks as one tab sees them. */
  tab(): LockManagerLike & {
    /** The browser ends the tab: its locks are free, its requests are gone, and no callback of it runs any more. */
    kill(): void;
  };
}

interface Request {
  readonly tab: object;
  run(): void;
  fail(error: unknown): void;
}

export function createFakeLocks(): FakeLocks {
  const queues = new Map<string, Request[]>();
  const holders = new Map<string, object>();

  const next = (name: string): void => {
    if (holders.has(name)) return;
    queues.get(name)?.shift()?.run();
  };
  const free = (name: string, tab: object): void => {
    if (holders.get(name) !== tab) return;
    holders.delete(name);
    next(name);
  };
  return {
    tab() {
      const tab = {};
      let alive = true;
      return {
        request: (name, { ifAvailable, signal }, callback) =>
          new Promise((resolve, reject) => {
            const run = async (): Promise<void> => {
              const mine = {};
              holders.set(name, tab);
              try {
                resolve(await Promise.resolve(mine).then(() => (alive ? callback(mine) : undefined)));
              } catch (error) {
                reject(error);
              } finally {
                free(name, tab);
              }
            };
            if (ifAvailable && (holders.has(name) || (queues.get(name)?.length ?? 0) > 0)) {
              Promise.resolve(null).then(callback).then(resolve, reject);
              return;
            }
            const request: Request = { tab, run: () => void run(), fail: reject };
            queues.set(name, [...(queues.get(name) ?? []), request]);
            signal?.addEventListener('abort', () => {
              const waiting = queues.get(name) ?? [];
              if (!waiting.includes(request)) return;
              queues.set(
                name,
                waiting.filter((one) => one !== request),
              );
              reject(new DOMException('Aborted', 'AbortError'));
            });
            next(name);
          }),
        kill() {
          alive = false;
          for (const [name, waiting] of queues)
            queues.set(
              name,
              waiting.filter((one) => one.tab !== tab),
            );
          for (const [name, holder] of [...holders]) if (holder === tab) free(name, tab);
        },
      };
    },
  };
}
