import { NotConforming } from '../../case.js';
import type { ClientOutcome, ClientUnderTest, Heard } from '../client-target.js';
import type { Ability, AdapterSaying, AdapterToken } from './adapter-lines.js';
import { AdapterProcess } from './adapter-process.js';

export interface ForeignSetup {
  readonly command: string;
  /** Milliseconds until it has to say `ready`. */
  readonly readyMs: number;
  readonly url: string;
  /** A token for the start, and one more each time the client asks. */
  readonly token: () => AdapterToken;
}

/** A client in a process of its own, behind its adapter. What breaks the adapter fails the case. */
export class ForeignClient implements ClientUnderTest {
  readonly heard: Heard[] = [];
  readonly gaps: string[] = [];
  readonly tokenAsks: number[] = [];
  readonly #setup: ForeignSetup;
  readonly #adapter: AdapterProcess;
  readonly #waiting = new Map<number, { done(outcome: ClientOutcome): void; broken(error: Error): void }>();
  readonly #ready: Promise<readonly Ability[]>;
  #becomeReady: (abilities: readonly Ability[]) => void = () => {};
  #fault: NotConforming | undefined;
  #status: ClientUnderTest['status'] = 'away';
  #closing: Promise<void> | undefined;
  #ids = 0;

  constructor(setup: ForeignSetup) {
    this.#setup = setup;
    this.#ready = new Promise((resolve) => {
      this.#becomeReady = resolve;
    });
    this.#adapter = new AdapterProcess(setup.command, {
      said: (saying) => this.#said(saying),
      broken: (why) => this.#broken(why),
      left: () => this.#left(),
    });
    this.#adapter.tell({ do: 'start', url: setup.url, ...setup.token() });
  }

  get status(): ClientUnderTest['status'] {
    return this.#status;
  }

  /** What the client says that it can; rejects when it never says so. */
  async ready(): Promise<readonly Ability[]> {
    const { readyMs } = this.#setup;
    let impatience: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      impatience = setTimeout(() => this.#adapter.fail(`it did not say ready within ${readyMs} ms`), readyMs);
      this.#waiting.set(0, { done: () => {}, broken: reject });
    });
    try {
      this.assertSound();
      return await Promise.race([this.#ready, late]);
    } finally {
      clearTimeout(impatience);
      this.#waiting.delete(0);
    }
  }

  /** Fails the case when the adapter broke. */
  assertSound(): void {
    if (this.#fault) throw this.#fault;
  }

  async connect(): Promise<void> {
    this.#adapter.tell({ do: 'connect' });
  }

  send(scope: string, body: string): Promise<ClientOutcome> {
    return this.#ask((id) => this.#adapter.tell({ do: 'send', id, scope, body }));
  }

  ping(): Promise<ClientOutcome> {
    return this.#ask((id) => this.#adapter.tell({ do: 'ping', id }));
  }

  wake(): void {
    this.#adapter.tell({ do: 'wake' });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** Ends the process at once. */
  kill(): void {
    this.#adapter.kill();
  }

  /** Ends the process, by itself if it can. */
  end(): Promise<void> {
    return this.#adapter.end();
  }

  async #close(): Promise<void> {
    await this.#ask((id) => this.#adapter.tell({ do: 'close', id }));
    this.#status = 'closed';
  }

  #ask(ask: (id: number) => void): Promise<ClientOutcome> {
    const id = ++this.#ids;
    const outcome = new Promise<ClientOutcome>((done, broken) => {
      if (this.#fault) broken(this.#fault);
      else this.#waiting.set(id, { done, broken });
    });
    // Not every case waits for every outcome.
    outcome.catch(() => {});
    ask(id);
    return outcome;
  }

  #said(saying: AdapterSaying): void {
    switch (saying.say) {
      case 'ready':
        this.#becomeReady(saying.can);
        break;
      case 'status':
        this.#status = saying.status;
        break;
      case 'event':
        this.heard.push({ type: saying.type, data: saying.data });
        break;
      case 'gap':
        this.gaps.push(saying.room);
        break;
      case 'token':
        this.tokenAsks.push(performance.now());
        this.#adapter.tell({ do: 'token', ...this.#setup.token() });
        break;
      case 'done':
        this.#settle(saying.id, { kind: 'done', data: saying.data });
        break;
      case 'failed':
        this.#settle(saying.id, { kind: 'failed', code: saying.code });
    }
  }

  #settle(id: number, outcome: ClientOutcome): void {
    this.#waiting.get(id)?.done(outcome);
    this.#waiting.delete(id);
  }

  /** A process that has gone has closed, and answers nothing any more. */
  #left(): void {
    for (const { done } of this.#waiting.values()) done({ kind: 'failed', code: 'closed' });
    this.#waiting.clear();
  }

  #broken(why: string): void {
    this.#fault ??= new NotConforming(`the client's process broke: ${why}`);
    for (const { broken } of this.#waiting.values()) broken(this.#fault);
    this.#waiting.clear();
  }
}
