import { TestkitError } from '../support/testkit-error.js';
import type { FakeTransport, Knock } from './peer.js';
import type { Timers } from './timers.js';

type State =
  | { readonly kind: 'up' }
  /** Away until its timer fires, which `stay` prevents. */
  | { readonly kind: 'away'; readonly stay: () => void }
  | { readonly kind: 'closed'; readonly done: Promise<void> };

/** Whether a fake server listens: it goes and comes back, one step after the other, until it is closed for good. */
export class Uptime {
  readonly #transport: FakeTransport;
  readonly #timers: Timers;
  readonly #knock: (knock: Knock) => void;
  #state: State = { kind: 'up' };
  /** The step that is under way; the next waits for it. */
  #busy: Promise<void> | undefined;
  /** Why it could not come back when nobody was waiting for it: told at the end. */
  #failure: { readonly error: unknown } | undefined;

  constructor(transport: FakeTransport, timers: Timers, knock: (knock: Knock) => void) {
    this.#transport = transport;
    this.#timers = timers;
    this.#knock = knock;
  }

  /** @throws `TestkitError` with code `server_closed` */
  assertOpen(): void {
    if (this.#state.kind !== 'closed') return;
    throw new TestkitError(
      'server_closed',
      'This fake server was closed.',
      'Make a new one with createFakeServer() for each test.',
    );
  }

  /**
   * Goes down and comes back. A restart during which the server is closed ends with that.
   *
   * @param downMs when it comes back; 0: at once, and then the promise waits for it
   * @param down what happens to the server while nobody can reach it
   * @throws `TestkitError` with code `port_taken` when something else listens there by now
   */
  restart(downMs: number, down: () => void): Promise<void> {
    return this.#next(async () => {
      if (this.#state.kind === 'away') this.#state.stay();
      await this.#transport.stop();
      if (this.#state.kind === 'closed') return;
      down();
      this.#failure = undefined;
      if (downMs === 0) await this.#comeBack();
      else this.#state = { kind: 'away', stay: this.#timers.after(downMs, () => this.#comeBackAlone()) };
    });
  }

  /** For good; the same promise for everyone who asks. */
  close(): Promise<void> {
    if (this.#state.kind === 'closed') return this.#state.done;
    if (this.#state.kind === 'away') this.#state.stay();
    const done = this.#next(async () => {
      await this.#transport.close();
      if (this.#failure) throw this.#failure.error;
    });
    this.#state = { kind: 'closed', done };
    return done;
  }

  async #comeBack(): Promise<void> {
    if (this.#state.kind === 'closed') return;
    this.#state = { kind: 'up' };
    await this.#transport.listen(this.#knock);
  }

  #comeBackAlone(): void {
    this.#next(() => this.#comeBack()).catch((error: unknown) => {
      this.#failure = { error };
    });
  }

  /** At once when nothing is under way. */
  #next(step: () => Promise<void>): Promise<void> {
    const run = this.#busy ? this.#busy.then(step, step) : step();
    const over = () => {
      if (this.#busy === run) this.#busy = undefined;
    };
    this.#busy = run;
    run.then(over, over);
    return run;
  }
}
