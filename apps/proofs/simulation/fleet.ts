import type { SeededRandom } from '@goconnect/testkit';
import { BusHub } from './bus-hub.js';
import { Database } from './database.js';
import { ADDRESS, TENANT } from './place.js';
import { ServerLives } from './server-lives.js';
import type { ServerNode } from './server-node.js';
import type { World } from './world.js';

/** How often something befalls all nodes at once, as a deployment does. */
const ALL_AT_ONCE = 0.25;
/** How often a balancer has not noticed yet that a node sleeps or drains. That nobody listens there it notices at once. */
const MISLED = 0.3;

/** The nodes of a server: one or two, each on a machine of its own, with one database and one bus between them. */
export class Fleet {
  readonly #world: World;
  readonly #database: Database;
  readonly #bus: BusHub;
  readonly #lives: readonly ServerLives[];
  /** Of its own, so that the balancer changes nothing that others draw. */
  readonly #chance: SeededRandom;

  constructor(world: World) {
    this.#world = world;
    this.#database = new Database(world);
    this.#bus = new BusHub(world);
    this.#chance = world.random.fork('fleet');
    this.#lives = world.serverMachines.map((machine, index) => {
      const name = index === 0 ? 'server' : `server-${index + 1}`;
      const address = index === 0 ? ADDRESS : ADDRESS.replace('//', `//${name}.`);
      return new ServerLives(world, { name, machine, address, database: this.#database, bus: this.#bus });
    });
  }

  /** Some node that lives. */
  get node(): ServerNode | undefined {
    return this.#one(this.#lives.filter(({ node }) => node))?.node;
  }

  /** Some node to ask something of; it may be away for the moment. */
  get awake(): ServerLives | undefined {
    return this.#one(this.#lives.filter(({ asleep }) => !asleep));
  }

  /** Where a client that asks for the server is sent to. */
  route(): string {
    const [only, ...others] = this.#lives;
    if (only && others.length === 0) return only.address;
    const listening = this.#lives.filter(({ node }) => node);
    const ready = listening.filter(({ status }) => status === 'serving');
    const among = ready.length === 0 || this.#chance.chance(MISLED) ? listening : ready;
    return (this.#chance.pick(among) ?? only)?.address ?? ADDRESS;
  }

  /** One of two dials may be let in and the other not: some node is there for them and another one is not, or one sleeps. */
  get isRolling(): boolean {
    const serving = this.#lives.filter(({ status }) => status === 'serving').length;
    const asleep = this.#lives.some((lives) => lives.node && lives.asleep);
    return asleep || (serving > 0 && serving < this.#lives.length);
  }

  start(): void {
    for (const lives of this.#lives) lives.start();
  }

  /** All is well again: there is a server, or there will be. */
  calm(): void {
    this.#bus.heal();
    for (const lives of this.#lives) lives.calm();
  }

  kill(): void {
    for (const lives of this.#some()) lives.kill();
  }

  drain(): void {
    for (const lives of this.#some()) lives.drain();
  }

  pause(): void {
    for (const lives of this.#some()) lives.pause();
  }

  trim(): void {
    this.#world.honestGaps.add('retention');
    this.#world.note('log is trimmed');
    this.node?.trim(this.#world.random.integer(1_000, 20_000)).catch(() => {});
  }

  loseLog(): void {
    if (this.#world.seed % 4 !== 0 || !this.node) return;
    const lost = this.#lives.filter((lives) => lives.end());
    this.#world.note('the log is lost');
    this.#database.lose();
    for (const lives of lost) lives.startLater(this.#world.random.integer(50, 3_000));
  }

  worsenBus(): void {
    this.#bus.worsen();
  }

  get isOne(): boolean {
    return this.#lives.length === 1;
  }

  /** Holds every node against its bounds, now. */
  inspect(): void {
    for (const lives of this.#lives) lives.inspect();
    const timers = this.#world.clock.pending().length;
    if (timers > 500) this.#world.fault(`promise 5: ${timers} timers wait`);
  }

  /** What is not so although all has been well: every node knows who is here, and nobody has a line that is not theirs (A4.1, A6.5). */
  misjudged(status: 'online' | 'offline', connections: number): readonly string[] {
    const { users } = this.#world;
    const nodes = this.#lives.flatMap(({ node }) => node ?? []);
    const wrong = nodes.flatMap(({ gateway, name }) =>
      gateway
        .presence(TENANT, users)
        .filter((user) => user.status !== status)
        .map((user) => `presence: ${name} takes ${user.userId} for ${user.status}, who is ${status}`),
    );
    const found = nodes.reduce((sum, { gateway }) => sum + gateway.stats().connections, 0);
    if (found !== connections)
      wrong.push(`connections: the nodes have ${found}, and there are ${connections}`);
    return wrong;
  }

  async end(): Promise<void> {
    for (const lives of this.#lives) await lives.stop();
  }

  #some(): readonly ServerLives[] {
    if (this.isOne || this.#chance.chance(ALL_AT_ONCE)) return this.#lives;
    const one = this.#one(this.#lives);
    return one ? [one] : [];
  }

  #one(lives: readonly ServerLives[]): ServerLives | undefined {
    return lives.length <= 1 ? lives[0] : this.#chance.pick(lives);
  }
}
