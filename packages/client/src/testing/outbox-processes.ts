import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { OutboxListener, OutboxStorage } from '../operations/outbox-storage.js';
import type { Order, Report } from './outbox-process.js';

type WithoutId<T> = T extends unknown ? Omit<T, 'id'> : never;

/** Builds the script of the processes once; gives its path and a folder that goes away with it. */
export async function buildOutboxProcess(): Promise<{ readonly folder: string; readonly script: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'goconnect-outbox-'));
  const script = join(folder, 'outbox-process.mjs');
  await build({
    entryPoints: [fileURLToPath(new URL('./outbox-process.ts', import.meta.url))],
    outfile: script,
    ...{ bundle: true, platform: 'node', format: 'esm', logLevel: 'silent' },
  });
  return { folder, script };
}

/** A storage whose owner is another process. */
export class OutboxProcess {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, (error: string | undefined) => void>();
  readonly onReport: (report: Report) => void;
  #listener: OutboxListener | undefined;
  #orders = 0;

  constructor(script: string, folder: string, onReport: (report: Report) => void = () => {}) {
    this.onReport = onReport;
    this.#child = fork(script, [folder], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child.on('message', (report: Report) => this.#hear(report));
  }

  readonly storage: OutboxStorage = {
    load: (listener) => {
      this.#listener = listener;
      return this.#order({ call: 'load' });
    },
    append: (operation) => this.#order({ call: 'append', operation }),
    remove: (opId) => this.#order({ call: 'remove', opId }),
    close: () => this.#order({ call: 'close' }),
  };

  work(name: string): Promise<void> {
    return this.#order({ call: 'work', name });
  }

  /** kill -9. Resolves when the process is gone and all that it told is heard. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = Promise.all([once(this.#child, 'exit'), once(this.#child, 'disconnect')]);
    this.#child.kill('SIGKILL');
    await gone;
  }

  #order(order: WithoutId<Order>): Promise<void> {
    const id = ++this.#orders;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, (error) => (error ? reject(new Error(error)) : resolve()));
      this.#child.send({ ...order, id });
    });
  }

  #hear(report: Report): void {
    this.onReport(report);
    if ('done' in report) this.#calls.get(report.done)?.(report.error);
    else if ('found' in report) this.#listener?.found(report.found);
    else if ('fault' in report) this.#listener?.fault(new Error(report.fault));
  }
}

export async function removeFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}
