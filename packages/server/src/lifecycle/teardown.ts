import type { Logger } from '../ports/logger.js';

/** What has to be ended, in the reverse of the order in which it began. */
export interface Teardown {
  add(name: string, end: () => Promise<void> | void): void;
  /** Ends everything; what fails is logged and does not keep the rest from ending. */
  run(): Promise<void>;
}

export function createTeardown(logger: Logger): Teardown {
  const ends: { readonly name: string; readonly end: () => Promise<void> | void }[] = [];
  return {
    add: (name, end) => void ends.push({ name, end }),
    async run() {
      for (let next = ends.pop(); next; next = ends.pop()) {
        try {
          await next.end();
        } catch (error) {
          logger.error({ err: error, part: next.name }, 'a part did not end cleanly');
        }
      }
    },
  };
}
