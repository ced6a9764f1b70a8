import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Functions that one process offers another: each takes and gives plain data. @typedef {Record<string, (input: any) => unknown>} Verbs */

/** In the child: answers the process that started it, and ends with it. @param {Verbs} verbs */
export function offer(verbs) {
  process.on('message', async (/** @type {{ id: number, verb: string, input: unknown }} */ call) => {
    const { id, verb, input } = call;
    try {
      process.send?.({ id, result: await verbs[verb]?.(input) });
    } catch (error) {
      process.send?.({ id, failure: error.stack });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

/** A process of our own. */
export class Child {
  /** @type {Map<number, { resolve(value: any): void, reject(error: Error): void }>} */
  #open = new Map();
  #calls = 0;
  #process;

  /** @param {URL} program @param {readonly string[]} [args] */
  constructor(program, args = []) {
    const { BENCH_CPU_PROF: folder } = process.env;
    const execArgv = folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : [];
    this.#process = fork(fileURLToPath(program), args, { execArgv });
    this.#process.on('message', (/** @type {any} */ { id, result, failure }) => {
      const waiting = this.#open.get(id);
      this.#open.delete(id);
      if (failure === undefined) waiting?.resolve(result);
      else waiting?.reject(new Error(failure));
    });
    this.#process.once('exit', (code) => {
      for (const { reject } of this.#open.values()) reject(new Error(`A process ended with ${code}.`));
    });
  }

  /** @param {string} verb @param {unknown} [input] @returns {Promise<any>} */
  ask(verb, input) {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject });
      this.#process.send({ id, verb, input }, (error) => error && reject(error));
    });
  }

  async end() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const gone = once(this.#process, 'exit');
    this.#process.disconnect();
    await gone;
  }
}
