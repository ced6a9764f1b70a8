import { MemoryMedium } from '@goconnect/server/core';
import type { SeededRandom } from '@goconnect/testkit';
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

/** What outlives the log when that is lost. */
const PEOPLE = ['users', 'emails', 'networks', 'members', 'bans', 'requests', 'refreshTokens'] as const;

/** The lives of the server, one after the other on one machine and one disk. */
export class ServerLives {
  readonly #world: World;
  #medium: MemoryMedium;
  #node: ServerNode | undefined;
  #serial = 0;
  /** A drain under way. */
  #leaving: { readonly node: ServerNode; until: number } | undefined;
  /** Why there is no server: another one will come. */
  #restart: 'due' | 'none' = 'none';

  constructor(world: World) {
    this.#world = world;
    this.#medium = this.#freshMedium();
  }

  get node(): ServerNode | undefined {
    return this.#node;
  }

  start(): void {
    if (this.#node) return;
    const {
      random: chance,
      serverMachine,
      network,
      tokens,
      bug,
      seed,
      contract,
      spread,
      lastDraws,
    } = this.#world;
    this.#restart = 'none';
    this.#world.note('server starts');
    const random = chance.fork(`server-${++this.#serial}`);
    this.#node = new ServerNode({
      machine: serverMachine,
      ...{ network, tokens, random, bug, contract, spread, lastDraws },
      medium: this.#medium,
      settings: { ...SETTINGS, clientRate: { limit: seed % 3 === 0 ? 40 : 100, windowMs: 60_000 } },
      disk: () => this.#diskMs(random),
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
    const node = this.#node;
    if (!node) return;
    const at = random.pick<DeathAt | 'now'>(['now', 'work', 'unsynced', 'synced', 'synced']) ?? 'now';
    const death: Death = random.chance(0.7) ? 'process' : 'machine';
    this.#world.note(`server will die: ${death} ${at}`);
    node.kill(death, at, () => {
      this.#world.note('server is dead');
      if (this.#node === node) this.#node = undefined;
      this.#startLater(random.integer(50, 8_000));
    });
  }

  drain(): void {
    const { random } = this.#world;
    const node = this.#node;
    if (!node) return;
    const windowMs = random.integer(100, 4_000);
    const pauseMs = random.integer(0, 2_000);
    this.#world.note(`server drains for ${windowMs} ms`);
    // Its disk may be slow on top, once for what is written and once for closing.
    const until = node.life.monotonic() + node.leaveWithinMs(windowMs) + 2 * SLOWEST_DISK_MS;
    if (this.#leaving?.node !== node) this.#leaving = { node, until };
    void node.leave(windowMs).then(() => {
      this.#leaving = undefined;
      this.#world.note('server has left');
      this.#mustHaveNoTimers(node, 'left');
      node.life.die();
      if (this.#node === node) this.#node = undefined;
      this.#startLater(pauseMs);
    });
  }

  pause(): void {
    const { random, left, serverMachine } = this.#world;
    const ms = Math.min(random.integer(100, 20_000), left);
    const mode = random.pick(['stops', 'runs'] as const) ?? 'stops';
    this.#world.note('server pauses');
    serverMachine.suspend(ms, mode);
    if (this.#leaving && mode === 'runs') this.#leaving.until += ms;
  }

  trim(): void {
    this.#world.honestGaps.add('retention');
    this.#world.note('log is trimmed');
    this.#node?.trim(this.#world.random.integer(1_000, 20_000)).catch(() => {});
  }

  loseLog(): void {
    const { random, ledger, book, users, honestGaps, seed } = this.#world;
    const node = this.#node;
    if (!node || seed % 4 !== 0) return;
    node.kill('process', 'now', () => {
      this.#world.note('the log is lost');
      this.#node = undefined;
      honestGaps.add('epoch');
      const before = this.#medium;
      this.#medium = this.#freshMedium();
      this.#medium.adopt(before, PEOPLE);
      ledger.lose(users);
      book.forget();
      this.#startLater(random.integer(50, 3_000));
    });
  }

  /** Holds it against its bounds, now (promises 5 and 6, B5.1). */
  inspect(): void {
    const { serverMachine, clock } = this.#world;
    const node = this.#node;
    if (!node || serverMachine.asleep) return;
    const now = node.life.monotonic();
    if (this.#leaving?.node === node && now > this.#leaving.until)
      this.#world.fault('B5.1: the server drains and does not come to an end');
    for (const [number, { lastLife, closingSince }] of node.connections) {
      // One that it is closing is given up already: it hears nothing, and its socket waits for the answer (A6.4).
      const until =
        closingSince === undefined ? lastLife + SETTINGS.pongWaitMs : closingSince + SETTINGS.writeWaitMs;
      if (now > until + 500)
        this.#world.fault(
          `promise 6: the server keeps connection ${number}, silent for ${now - lastLife} ms`,
        );
    }
    const timers = clock.pending().length;
    if (timers > 500) this.#world.fault(`promise 5: ${timers} timers wait`);
  }

  async end(): Promise<void> {
    const node = this.#node;
    if (!node) return;
    await this.#world.clock
      .runUntil(node.leave(100), { limitMs: 120_000 })
      .catch(() => this.#world.fault('promise 4: the server does not stop'));
    this.#mustHaveNoTimers(node, 'stopped');
  }

  #mustHaveNoTimers({ life }: ServerNode, how: string): void {
    if (life.pending > 0)
      this.#world.fault(`promise 5: the server has ${how} and ${life.pending} of its timers have not`);
  }

  #startLater(ms: number): void {
    this.#restart = 'due';
    this.#world.after(ms, () => this.start());
  }

  #freshMedium(): MemoryMedium {
    return new MemoryMedium((entries) => {
      for (const { room, seq, type } of entries) this.#world.note(`durable ${room} ${seq} ${type}`);
      this.#world.ledger.record(entries);
    });
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
