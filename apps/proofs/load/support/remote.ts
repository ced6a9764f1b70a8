import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What one process offers another: each verb takes and gives plain data. */
export type Verbs = { readonly [name: string]: (input: never) => unknown };

/** The same, from the other process. */
export type Remote<V extends Verbs> = {
  readonly [K in keyof V]: (input: Parameters<V[K]>[0]) => Promise<Awaited<ReturnType<V[K]>>>;
};

interface Call {
  readonly id: number;
  readonly verb: string;
  readonly input: never;
}

type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly failure: string };

/** In the child: answers the calls of the process that started it, and ends with it. */
export function offer(verbs: Verbs): void {
  process.on('message', async ({ id, verb, input }: Call) => {
    try {
      process.send?.({ id, result: await verbs[verb]?.(input) } satisfies Answer);
    } catch (error) {
      process.send?.({
        id,
        failure: error instanceof Error ? (error.stack ?? error.message) : String(error),
      });
    }
  });
  process.on('disconnect', () => process.exit(0));
}

/** A process of our own, with the verbs it offers. */
export class RemoteProcess<V extends Verbs> {
  private readonly open = new Map<number, { resolve(value: unknown): void; reject(error: Error): void }>();
  private calls = 0;
  readonly do: Remote<V>;

  private constructor(private readonly child: ChildProcess) {
    child.on('message', (answer: Answer) => {
      const waiting = this.open.get(answer.id);
      this.open.delete(answer.id);
      if ('failure' in answer) waiting?.reject(new Error(answer.failure));
      else waiting?.resolve(answer.result);
    });
    child.once('exit', (code, signal) => {
      for (const { reject } of this.open.values()) reject(new Error(`The process ended: ${code ?? signal}`));
      this.open.clear();
    });
    this.do = new Proxy({} as Remote<V>, {
      get: (_, verb) => (input: unknown) => this.call(String(verb), input),
    });
  }

  static start<V extends Verbs>(program: string): RemoteProcess<V> {
    return new RemoteProcess<V>(fork(program, { execArgv: ['--max-old-space-size=4096'] }));
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }

  private call(verb: string, input: unknown): Promise<unknown> {
    const id = ++this.calls;
    return new Promise((resolve, reject) => {
      this.open.set(id, { resolve, reject });
      this.child.send({ id, verb, input }, (error) => {
        if (error) reject(error);
      });
    });
  }
}
