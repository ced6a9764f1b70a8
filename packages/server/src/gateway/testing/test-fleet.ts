import { BusListeners } from '../../adapters/bus-listeners.js';
import { MemoryMedium } from '../../adapters/memory/memory-medium.js';
import { MemoryStore } from '../../adapters/memory/memory-store.js';
import type { Bus, BusMessage } from '../../ports/bus.js';
import { TestClock, turns } from './test-clock.js';
import { TestServer, type TestServerOptions } from './test-server.js';

/** What becomes of a message on its way from one node to another. */
export type Carry = (message: BusMessage, from: string, to: string) => 'arrives' | 'is_lost' | 'is_held';

/** Real servers on ports of their own with one database, one clock and a bus between them that does as a test says. */
export class TestFleet {
  readonly clock = new TestClock();
  readonly #medium = new MemoryMedium();
  readonly #listeners = new Map<string, BusListeners>();
  readonly #nodes = new Map<string, TestServer>();
  readonly #held: { readonly message: BusMessage; readonly to: string }[] = [];
  #carry: Carry = () => 'arrives';

  static async start(names: readonly string[], options: TestServerOptions = {}): Promise<TestFleet> {
    const fleet = new TestFleet();
    for (const name of names) await fleet.join(name, options);
    return fleet;
  }

  node(name: string): TestServer {
    const node = this.#nodes.get(name);
    if (!node) throw new Error(`There is no node ${name}`);
    return node;
  }

  async join(name: string, options: TestServerOptions = {}): Promise<TestServer> {
    const own = new BusListeners({ error: (fields) => void console.error(fields) });
    this.#listeners.set(name, own);
    const store = new MemoryStore(this.#medium, { endOfTurn: setImmediate });
    const node = await TestServer.start({
      ...options,
      shared: { store, clock: this.clock, node: name },
      bus: () => this.#bus(name, own),
    });
    this.#nodes.set(name, node);
    await this.settle();
    return node;
  }

  /** From now on, this decides about what is under way between nodes. */
  carry(carry: Carry): void {
    this.#carry = carry;
  }

  /** What was held arrives. */
  release(): void {
    for (const { message, to } of this.#held.splice(0)) this.#listeners.get(to)?.post([message], 'elsewhere');
  }

  line(name: string, line: 'up' | 'down'): void {
    this.#listeners.get(name)?.tell(line);
  }

  /** The process is gone from one moment to the next: others hear nothing of it any more. */
  async kill(name: string): Promise<void> {
    this.#listeners.delete(name);
    await this.#end(name);
  }

  /** All that nodes have to say to each other now was heard. */
  async settle(): Promise<void> {
    await this.clock.advance(200);
    await turns(10);
  }

  async stop(): Promise<void> {
    for (const name of [...this.#nodes.keys()]) await this.#end(name);
    if (this.clock.pending > 0) throw new Error(`${this.clock.pending} timers were left`);
  }

  async #end(name: string): Promise<void> {
    const node = this.node(name);
    this.#nodes.delete(name);
    await node.stop();
    await node.store.close();
  }

  #bus(name: string, own: BusListeners): Bus {
    return {
      publish: (messages) => {
        own.post(messages, 'here');
        if (!this.#listeners.has(name)) return;
        for (const [to, others] of this.#listeners) {
          if (to === name) continue;
          for (const message of messages) {
            const fate = this.#carry(message, name, to);
            if (fate === 'arrives') others.post([structuredClone(message)], 'elsewhere');
            else if (fate === 'is_held') this.#held.push({ message, to });
          }
        }
      },
      subscribe: (listener) => own.subscribe(listener),
      watch: (listener) => own.watch(listener),
      check: async () => {},
      close: async () => own.clear(),
    };
  }
}
