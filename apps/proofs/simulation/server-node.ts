import {
  type Bus,
  BusListeners,
  type BusMessage,
  createGateway,
  createOperations,
  type Gateway,
  type GatewaySettings,
  type LogEntry,
  type Logger,
  MemoryStore,
  maintain,
  type Operations,
  type Store,
  UnansweredCommit,
} from '@goconnect/server/core';
import type { FakeNetwork, SeededRandom, VirtualMachine } from '@goconnect/testkit';
import type { Database } from './database.js';
import { MortalClock } from './mortal-clock.js';
import { TENANT } from './place.js';
import type { PlantedBug } from './planted-bug.js';
import type { Removals } from './removals.js';
import { type ServerSide, ServerTransport } from './server-transport.js';
import type { Spread } from './spread.js';
import type { PlainTokens } from './tokens.js';
import { apart, type LastDraw } from './waits.js';

export interface NodeDeps {
  readonly name: string;
  /** This life of it, as other nodes know it. */
  readonly node: string;
  readonly address: string;
  readonly machine: VirtualMachine;
  readonly network: FakeNetwork;
  readonly database: Database;
  readonly removals: Removals;
  /** Puts those who listen in this process together with those of the other nodes. */
  readonly join: (own: BusListeners, life: MortalClock) => Bus;
  readonly tokens: PlainTokens;
  readonly random: SeededRandom;
  readonly settings: GatewaySettings;
  readonly bug: PlantedBug;
  readonly contract: 'base' | 'v1';
  readonly spread: Spread;
  readonly lastDraws: Map<string, LastDraw>;
  /**
   * How long the disk takes for a commit now, milliseconds; `fails` when it does not take it, `silent` when it does or
   * does not and nobody is told.
   */
  readonly disk: () => number | 'fails' | 'silent';
  /** A commit in this moment is one of which this node cannot tell anybody at once. */
  readonly untold: () => void;
  readonly note: (what: string) => void;
  readonly fault: (what: string) => void;
}

/** Where the process dies: in the middle of a work, or while it waits for the disk, before or after that took it. */
export type DeathAt = 'work' | 'unsynced' | 'synced';

/** `process`: its connections are reset. `machine`: they fall silent. */
export type Death = 'process' | 'machine';

interface Draining {
  readonly data: { readonly reconnect_after_ms: number; readonly deadline_ms: number };
}

/** The deadline of a drain, in windows. */
const DEADLINE_WINDOWS = 2;
/** What `stop` waits for after a drain. */
const STOP_MS = 2_000;

/** Of a smaller window the rounding is too much a part. */
const LEAST_WINDOW_MS = 50;

type DrainOptions = Parameters<Gateway['drain']>[0];

const nothing = () => {};
const METRICS = {
  connections: nothing,
  rooms: nothing,
  received: nothing,
  sent: nothing,
  failed: nothing,
  noted: nothing,
};

/** One life of the server process: the real gateway and operations on the ports of the simulation. */
export class ServerNode {
  readonly life: MortalClock;
  readonly operations: Operations;
  readonly gateway: Gateway;
  readonly #deps: NodeDeps;
  readonly #store: MemoryStore;
  readonly #transport: ServerTransport;
  #unlisten: () => void;
  #drain: DrainOptions | undefined;
  /** Ends the wait for the disk that is under way. */
  #diskWait: (() => void) | undefined;
  /** Set when the process is to die at the next chance. */
  #doom:
    | { readonly at: DeathAt; calls: number; readonly die: (disk: 'lost' | 'written') => void }
    | undefined;

  constructor(deps: NodeDeps) {
    const { machine, database, tokens, random, settings, bug } = deps;
    this.#deps = deps;
    this.life = new MortalClock(machine);
    const life = this.life;
    const endOfTurn = (task: () => void) => life.post(task);
    let serial = 0;
    const word = () => Math.floor(random() * 2 ** 32).toString(36);
    this.#store = new MemoryStore(database.medium, {
      endOfTurn,
      sync: () => this.#sync(),
      newEpoch: bug.newEpoch ?? (() => `${word()}${word()}`.padEnd(12, '0').slice(0, 12)),
    });
    const own = this.#doomed(this.#store);
    const store = bug.store?.(own, life) ?? own;
    const logger = this.#logger();
    const inner = deps.join(new BusListeners(logger), life);
    const bus = bug.bus?.(inner, life) ?? inner;
    inner.subscribe((messages) => this.#heard(messages));
    store.onCommit((entries: readonly LogEntry[]) =>
      bus.publish(entries.map((entry) => ({ kind: 'entry', entry }))),
    );
    const ids = {
      next: (kind: string) => `${kind}-${++serial}${word()}`,
      secret: () => `${word()}${word()}${word()}`,
    };
    const passwords = {
      hash: async (text: string) => text,
      verify: async (text: string, hash: string) => text === hash,
    };
    const times = {
      editWindowMs: 900_000,
      refreshTokenTtlMs: 604_800_000,
      maxNetworksPerUser: 1_000,
      tenantId: TENANT,
    };
    const real = createOperations({ store, bus, clock: life, ids, tokens, passwords, settings: times });
    this.operations = bug.operations?.(real, life) ?? real;
    this.gateway = createGateway({
      node: deps.node,
      operations: this.operations,
      bus,
      tokens,
      clock: bug.serverClock?.(life) ?? life,
      random,
      logger,
      metrics: METRICS,
      settings: { ...settings, ...bug.settings },
      endOfTurn,
    });
    this.#transport = new ServerTransport({
      life,
      gateway: this.gateway,
      tokens,
      logger,
      contract: deps.contract,
      outbound: bug.outbound?.() ?? ((text) => [text]),
      inbound: bug.inbound?.() ?? ((text) => [text]),
      said: (text, connection) => this.#said(text, connection),
    });
    this.#unlisten = deps.network.listen(deps.address, (upgrade) => this.#transport.take(upgrade), machine);
  }

  get name(): string {
    return this.#deps.name;
  }

  get connections(): ReadonlyMap<number, ServerSide> {
    return this.#transport.connections;
  }

  /** Holds what it told its connections against their bounds, now. */
  inspect(): void {
    this.#deps.removals.inspect(this.connections);
  }

  /** The process dies now, or when it next works or writes. */
  kill(death: Death, at: DeathAt | 'now', gone: () => void): void {
    const die = (disk: 'lost' | 'written') => {
      this.#die(death, disk);
      gone();
    };
    if (at === 'now') die('lost');
    else this.#doom = { at, calls: 1 + Math.floor(this.#deps.random() * 6), die };
  }

  /** How long leaving takes at most (B5.1): at the deadline everyone is closed, and cut off who does not answer. */
  leaveWithinMs(windowMs: number): number {
    return DEADLINE_WINDOWS * windowMs + this.#deps.settings.writeWaitMs + STOP_MS;
  }

  /** Sends everyone away and ends. */
  async leave(windowMs: number): Promise<void> {
    const options = { windowMs, deadlineMs: DEADLINE_WINDOWS * windowMs, reason: 'restart' };
    // A drain under way goes on as it began.
    this.#drain ??= this.#deps.bug.drain?.(options) ?? options;
    await this.gateway.drain(this.#drain);
    this.#unlisten();
    await this.gateway.stop();
    await this.#store.close();
    await this.#transport.idle();
  }

  /** Removes what is older than the retention. */
  async trim(eventsMs: number): Promise<void> {
    await maintain({ store: this.#store, clock: this.life }, { operationsMs: 90_000_000, eventsMs });
  }

  async prepare(work: Parameters<Store['write']>[0]): Promise<unknown> {
    return this.#store.write(work);
  }

  #heard(messages: readonly BusMessage[]): void {
    for (const message of messages) if (message.kind === 'entry') this.#deps.removals.heard(message.entry);
  }

  /** Hears what goes out, and holds the moment that a client is advised against the window (B5.1, promise 7). */
  #said(text: string, connection: number): void {
    this.#deps.removals.said(text, connection);
    if (!this.#drain || !text.startsWith('{"type":"session.draining"')) return;
    const { spread, lastDraws, fault } = this.#deps;
    const { reconnect_after_ms: ms, deadline_ms } = (JSON.parse(text) as Draining).data;
    // What is left of the window when this client is told.
    const widthMs = deadline_ms - (this.#drain.deadlineMs - this.#drain.windowMs);
    if (ms > Math.max(0, widthMs))
      fault(`promise 7: a client was advised to come back after ${ms} ms of ${widthMs}`);
    if (widthMs < LEAST_WINDOW_MS) return;
    const place = spread.note('advised moments', ms, widthMs, 'down');
    apart(spread, lastDraws, 'advised moments of two clients', { seat: `${connection}`, place });
  }

  #die(death: Death, disk: 'lost' | 'written'): void {
    const { network, bug } = this.#deps;
    if (!this.life.alive) return;
    this.life.die();
    this.#doom = undefined;
    this.#unlisten();
    this.#store.abandon(bug.disk ?? disk);
    for (const number of [...this.#transport.connections.keys()]) {
      network.fault({
        fault: death === 'process' ? { kind: 'reset' } : { kind: 'black_hole' },
        connection: number,
      });
    }
    this.#diskWait?.();
    bug.afterDeath?.(this.#deps.database.medium);
  }

  async #sync(): Promise<void> {
    const took = this.#deps.disk();
    const doom = this.#doom;
    if (doom?.at === 'unsynced') doom.die('lost');
    if (took === 'fails') throw new Error('the disk failed');
    if (took === 'silent') {
      const outcome = this.#deps.random() < 0.5 ? 'committed' : 'lost';
      this.#deps.untold();
      this.#deps.note(`the disk does not answer: ${outcome}`);
      throw new UnansweredCommit(outcome, this.life.after(Math.floor(this.#deps.random() * 2_000)));
    }
    if (took > 0) {
      this.#diskWait = this.#deps.database.waits();
      await this.life.after(took);
      this.#diskWait();
    }
    if (this.#doom?.at === 'synced') this.#doom.die('written');
  }

  /** Dies in the middle of a work when that is its doom. */
  #doomed(store: MemoryStore): Store {
    const node = this;
    return {
      write: (work) =>
        store.write((tx) =>
          work({
            ...tx,
            log: {
              ...tx.log,
              async append(...args) {
                const entry = await tx.log.append(...args);
                const doom = node.#doom;
                if (doom?.at === 'work' && --doom.calls <= 0) doom.die('lost');
                return entry;
              },
            },
          }),
        ),
      read: (work) => store.read(work),
      onCommit: (listener) => store.onCommit(listener),
      check: () => store.check(),
      close: () => store.close(),
    };
  }

  #logger(): Logger {
    const log = (level: string) => (fields: object, message: string) => {
      const { err } = fields as { readonly err?: unknown };
      this.#deps.note(
        `${this.#deps.name} ${level}: ${message}${err instanceof Error ? ` (${err.message})` : ''}`,
      );
    };
    return { debug: nothing, info: nothing, warn: log('warn'), error: log('error') };
  }
}
