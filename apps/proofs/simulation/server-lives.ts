import type { SeededRandom, VirtualMachine } from '@goconnect/testkit';
import type { BusHub } from './bus-hub.js';
import type { Database } from './database.js';
import { Removals } from './removals.js';
import { type Death, type DeathAt, ServerNode } from './server-node.js';
import type { World } from './world.js';

const SLOWEST_DISK_MS = 3_000;

const SETTINGS = {
  server: { name: 'simulated', version: '0' },
  maxConnections: 100,
  maxConnectionsPerUser: 5,
  maxMessageBytes: 524_288,
  sendBufferMessages: 64,
  writeWaitMs: 10_000,
  pongWaitMs: 60_000,
  pingPeriodMs: 54_000,
  connectRate: { limit: 1_000, windowMs: 60_000 },
  networkRate: { limit: 1_000, windowMs: 60_000 },
  resumeWindowMs: 604_800_000,
  dedupeWindowMs: 86_400_000,
};

export interface ServerLivesDeps {
  readonly name: string;
  readonly machine: VirtualMachine;
  readonly address: string;
  readonly database: Database;
  readonly bus: BusHub;
}

/** The lives of one node, one after the other on one machine. */
export class ServerLives {
  readonly address: string;
  readonly #world: World;
  readonly #deps: ServerLivesDeps;
  #node: ServerNode | undefined;
  #serial = 0;
  /** A drain under way. */
  #leaving: { readonly node: ServerNode; readonly since: number; until: number } | undefined;
  /** Why there is no server: another one will come. */
  #restart: 'due' | 'none' = 'none';
  /** When the machine woke up last. */
  #wokeAt = 0;

  constructor(world: World, deps: ServerLivesDeps) {
    this.#world = world;
    this.#deps = deps;
    this.address = deps.address;
  }

  get node(): ServerNode | undefined {
    return this.#node;
  }

  get asleep(): boolean {
    return this.#deps.machine.asleep;
  }

  get status(): 'serving' | 'leaving' | 'away' {
    if (!this.#node || this.asleep) return 'away';
    return this.#leaving?.node === this.#node ? 'leaving' : 'serving';
  }

  start(): void {
    if (this.#node) return;
    const { network, tokens, bug, seed, contract, spread, lastDraws } = this.#world;
    const { name, machine, address, database, bus } = this.#deps;
    this.#restart = 'none';
    this.#world.note(`${name} starts`);
    const random = this.#world.random.fork(`${name}-${++this.#serial}`);
    const removals = new Removals(this.#world, { name, database, bus: bus.kind, wokeAt: () => this.#wokeAt });
    this.#node = new ServerNode({
      name,
      node: `${name}.${this.#serial}`,
      address,
      machine,
      database,
      removals,
      join: (own, life) => bus.join({ name, machine, life, own }),
      ...{ network, tokens, random, bug, contract, spread, lastDraws },
      settings: { ...SETTINGS, clientRate: { limit: seed % 3 === 0 ? 40 : 100, windowMs: 60_000 } },
      disk: () => this.#diskMs(random),
      untold: () => this.#world.untold.add(this.#world.clock.monotonic()),
      note: (what) => this.#world.note(what),
      fault: (what) => this.#world.fault(what),
    });
  }

  /** All is well again: there is a server, or there will be. */
  calm(): void {
    if (!this.#node && this.#restart === 'none') this.start();
  }

  kill(): void {
    const { random } = this.#world;
    const { name } = this.#deps;
    const node = this.#node;
    if (!node) return;
    const at = random.pick<DeathAt | 'now'>(['now', 'work', 'unsynced', 'synced', 'synced']) ?? 'now';
    const death: Death = random.chance(0.7) ? 'process' : 'machine';
    this.#world.note(`${name} will die: ${death} ${at}`);
    node.kill(death, at, () => {
      this.#world.untold.add(this.#world.clock.monotonic());
      this.#world.note(`${name} is dead`);
      if (this.#node === node) this.#node = undefined;
      this.startLater(random.integer(50, 8_000));
    });
  }

  /** The process ends in this moment, and somebody else will see to another one. @returns whether there was one */
  end(): boolean {
    const node = this.#node;
    if (!node) return false;
    node.kill('process', 'now', () => {
      this.#node = undefined;
    });
    return true;
  }

  drain(): void {
    const { random } = this.#world;
    const { name } = this.#deps;
    const node = this.#node;
    if (!node || this.asleep) return;
    const windowMs = random.integer(100, 4_000);
    const pauseMs = random.integer(0, 2_000);
    this.#world.note(`${name} drains for ${windowMs} ms`);
    // Its disk may be slow on top, once for what is written and once for closing.
    const until = node.life.monotonic() + node.leaveWithinMs(windowMs) + 2 * SLOWEST_DISK_MS;
    if (this.#leaving?.node !== node) this.#leaving = { node, since: this.#world.clock.monotonic(), until };
    void node.leave(windowMs).then(() => {
      this.#leaving = undefined;
      this.#world.note(`${name} has left`);
      this.#mustHaveNoTimers(node, 'left');
      node.life.die();
      if (this.#node === node) this.#node = undefined;
      this.startLater(pauseMs);
    });
  }

  pause(): void {
    const { random, left, clock } = this.#world;
    const { name, machine } = this.#deps;
    if (this.asleep) return;
    const ms = Math.min(random.integer(100, 20_000), left);
    const mode = random.pick(['stops', 'runs'] as const) ?? 'stops';
    this.#world.note(`${name} pauses`);
    machine.suspend(ms, mode);
    this.#wokeAt = clock.monotonic() + ms;
    if (this.#leaving && mode === 'runs') this.#leaving.until += ms;
  }

  startLater(ms: number): void {
    this.#restart = 'due';
    this.#world.after(ms, () => this.start());
  }

  /** Holds it against its bounds, now (promises 5, 6 and 8, B5.1). */
  inspect(): void {
    const { name } = this.#deps;
    const node = this.#node;
    if (!node || this.asleep) return;
    const now = node.life.monotonic();
    if (this.#leaving?.node === node && now > this.#leaving.until + this.#othersHold(this.#leaving.since))
      this.#world.fault(`B5.1: the ${name} drains and does not come to an end`);
    for (const [number, { lastLife, closingSince }] of node.connections) {
      // One that it is closing is given up already: it hears nothing, and its socket waits for the answer (A6.4).
      const until =
        closingSince === undefined ? lastLife + SETTINGS.pongWaitMs : closingSince + SETTINGS.writeWaitMs;
      if (now > until + 500)
        this.#world.fault(
          `promise 6: the ${name} keeps connection ${number}, silent for ${now - lastLife} ms`,
        );
    }
    node.inspect();
  }

  /** How long another node may have held the database since then: asleep, it holds it as long as it sleeps. */
  #othersHold(since: number): number {
    return this.#world.nodes === 1 ? 0 : this.#deps.database.busySince(since);
  }

  async stop(): Promise<void> {
    const node = this.#node;
    if (!node) return;
    await this.#world.clock
      .runUntil(node.leave(100), { limitMs: 120_000 })
      .catch(() => this.#world.fault(`promise 4: the ${this.#deps.name} does not stop`));
    this.#mustHaveNoTimers(node, 'stopped');
  }

  #mustHaveNoTimers({ life }: ServerNode, how: string): void {
    if (life.pending > 0)
      this.#world.fault(
        `promise 5: the ${this.#deps.name} has ${how} and ${life.pending} of its timers have not`,
      );
  }

  #diskMs(random: SeededRandom): number | 'fails' | 'silent' {
    const { phase, seed } = this.#world;
    if (phase !== 'stormy') return 0;
    // Not everywhere: the seeds that once showed a fault shall go on showing it.
    if (seed % 5 === 2 && random.chance(0.25)) return 'silent';
    if (random.chance(0.01)) return 'fails';
    if (random.chance(0.03)) return random.integer(100, SLOWEST_DISK_MS);
    return random.chance(0.5) ? 0 : random.integer(1, 20);
  }
}
