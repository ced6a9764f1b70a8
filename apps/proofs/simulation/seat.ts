import {
  type ClientOptions,
  createClient,
  type GoConnectClient,
  type OutboxStorage,
  type StoredOperation,
} from '@goconnect/client';
import { RECOVERABLE_EVENTS } from '@goconnect/protocol';
import type { FakeNetwork, SeededRandom, VirtualMachine } from '@goconnect/testkit';
import type { Ledger } from './ledger.js';
import { MortalClock } from './mortal-clock.js';
import type { OperationBook } from './operation-book.js';
import { ADDRESS } from './place.js';
import type { PlantedBug } from './planted-bug.js';
import type { Spread } from './spread.js';
import { Tap } from './tap.js';
import { type LastDraw, Waits } from './waits.js';
import { Witness, type WitnessDeps } from './witness.js';

export interface SeatDeps {
  readonly name: string;
  readonly userId: string;
  readonly machine: VirtualMachine;
  readonly network: FakeNetwork;
  readonly random: SeededRandom;
  readonly ledger: Ledger;
  readonly spread: Spread;
  readonly lastDraws: Map<string, LastDraw>;
  readonly book: OperationBook;
  readonly bug: PlantedBug;
  /** The address that a balancer sends it to now. */
  readonly route: () => string;
  readonly isRolling: () => boolean;
  readonly token: (clock: MortalClock) => Exclude<ClientOptions['token'], string>;
  readonly options: Partial<ClientOptions>;
  readonly contract: 'base' | 'v1';
  /** Keeps the outbox when the process ends. */
  readonly keeps: boolean;
  readonly mayMiss: WitnessDeps['mayMiss'];
  readonly note: (what: string) => void;
  readonly fault: (what: string) => void;
}

/** A token takes up to 0.8 s, the rest is a round trip. */
const RENEWS_MS = 2_000;
/** A longer sleep is noticed by the drift of the clocks where there is nobody to tell (the client's own lifecycle). */
const SLEEP_NOTICED_MS = 6_500;

/** A device with a client on it, which may die and be started again. */
export class Seat {
  readonly name: string;
  readonly userId: string;
  readonly machine: VirtualMachine;
  life = 0;
  /** Messages it has seen and could act on. */
  readonly seen: { readonly id: string; readonly scope: string; readonly userId: string }[] = [];
  /** Rooms that it left on its own. */
  readonly left = new Set<string>();
  readonly #deps: SeatDeps;
  readonly #kept = new Map<string, StoredOperation>();
  /** What was said in operations that were stored once. */
  readonly #keptWords = new Map<string, string>();
  readonly #silenced = new Set<number>();
  #trustedFrom = 0;
  /** What the nodes were doing when it last dialled. */
  #dialledAmid: 'calm' | 'change' = 'calm';
  /** By a server of v1, in this life. */
  #wasGreeted = false;
  #running:
    | {
        readonly client: GoConnectClient;
        readonly clock: MortalClock;
        readonly tap: Tap;
        readonly witness: Witness;
      }
    | undefined;

  constructor(deps: SeatDeps) {
    this.name = deps.name;
    this.userId = deps.userId;
    this.machine = deps.machine;
    this.#deps = deps;
  }

  /**
   * What the client sends through. One that is not kept ends with its process: what it had written may still arrive behind what the
   * next process says, for these are two clients to the server (B1.4), and order is kept within a connection (A2.2) and an outbox.
   */
  get outbox(): string {
    return this.#deps.keeps ? this.name : `${this.name}.${this.life}`;
  }

  get client(): GoConnectClient | undefined {
    return this.#running?.client;
  }

  get tap(): Tap | undefined {
    return this.#running?.tap;
  }

  start(): void {
    if (this.#running) return;
    const { machine, network, random, bug, options, note, fault, name } = this.#deps;
    this.life++;
    this.left.clear();
    this.#wasGreeted = false;
    const clock = new MortalClock(machine);
    const witness = new Witness({ ...this.#deps, name: `${name}.${this.life}` });
    const waits = new Waits({
      seat: name,
      spread: this.#deps.spread,
      last: this.#deps.lastDraws,
      now: () => machine.now(),
      fault,
    });
    const tap = new Tap({
      name: `${name}.${this.life}`,
      userId: this.userId,
      ...{ clock, witness, waits, bug, note, fault, left: this.left },
      route: (url) => this.#dials(url),
      ignored: () => client.explain().ignoredReplies,
    });
    const token = this.#deps.token(clock);
    const storage = this.#deps.keeps ? this.#storage() : undefined;
    const chance = random.fork(`${this.life}`);
    const kept = storage && (bug.storage?.(storage) ?? storage);
    const client = createClient({
      ...options,
      url: `${ADDRESS}/v1/ws`,
      token: (asked) => {
        waits.tries();
        return token(asked);
      },
      clock: bug.clientClock?.(clock) ?? clock,
      random: bug.clientRandom?.(chance) ?? chance,
      WebSocket: tap.tapped(network.webSocketOn(machine)),
      outbox: { ...options.outbox, ...(kept && { storage: kept }) },
    });
    this.#running = { client, clock, tap, witness };
    this.#listen(client, witness, tap);
    client.on('state', (state) => waits.state(state));
    client.connect().catch(() => {});
  }

  /** The device falls asleep, and wakes up by itself. */
  sleep(ms: number, mode: 'stops' | 'runs'): void {
    const now = this.machine.monotonic();
    const told = this.#deps.options.lifecycle === 'auto' && ms > SLEEP_NOTICED_MS && now >= this.#trustedFrom;
    this.machine.suspend(ms, mode);
    this.#running?.tap.sleeps(mode === 'runs' ? now + ms : now, told);
  }

  /** Somebody sets the clock of the device. */
  setClock(ms: number): void {
    this.machine.step(ms);
    // A clock that is set back hides how long the device slept.
    this.#trustedFrom = this.machine.monotonic() + SLEEP_NOTICED_MS;
    this.#running?.tap.sleeps(this.machine.monotonic(), false);
  }

  /** The process ends without a word. `silent`: so does its machine, and its connections with it. */
  crash(silent: boolean): void {
    if (!this.#running) return;
    const { clock, tap } = this.#running;
    this.#deps.book.ended(this.name, this.life);
    clock.die();
    this.#cut(tap, silent);
    this.#running = undefined;
  }

  /** The application closes its client. What is unsettled settles as closed. */
  async close(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    await running.client.close();
    this.#deps.book.ended(this.name, this.life);
    if (running.clock.pending > 0)
      this.#deps.fault(
        `promise 5: ${this.name} is closed and ${running.clock.pending} of its timers are not`,
      );
    running.clock.die();
  }

  /** Holds it against its bounds, now (promises 5 and 6). */
  inspect(): void {
    const { client, tap } = this.#running ?? {};
    if (!client || !tap || this.machine.asleep) return;
    tap.inspect();
    this.#noticePlain();
    const most = this.#deps.options.outbox?.maxOperations ?? 1_000;
    // Requests that go past the queue have their own bound.
    if (client.outbox.size > most + 10)
      this.#deps.fault(`promise 5: ${this.name} has ${client.outbox.size} operations, of ${most} at most`);
  }

  /** All is well again: everybody must be here, and nothing may be missing. */
  judge(): void {
    const { client, witness, tap } = this.#running ?? {};
    if (!client || !witness || !tap) return;
    const { contract } = this.#deps;
    const { status, since } = client.state;
    // A base connection ends with its token, and is made anew (A5.4): nobody can move before.
    const renews = contract === 'base' && status === 'connecting' && this.machine.now() - since < RENEWS_MS;
    if (renews) return;
    if (status !== 'connected')
      this.#deps.fault(`liveness: ${this.name} is ${status}: ${client.explain().why}`);
    // A browser cannot tell a server that is going from one of the base contract. Where it was never greeted, and was let in without v1,
    // it asks for that once more, and if that comes to nothing as well it keeps the connection as it is.
    const isStranger = !this.#wasGreeted && this.#dialledAmid === 'change';
    if (contract === 'v1' && !client.capabilities.session && isStranger) return;
    if (client.capabilities.session !== (contract === 'v1'))
      this.#deps.fault(`liveness: ${this.name} is not on the contract of its server, ${contract}`);
    // Events of a base server have no place: who misses one cannot know.
    if (contract === 'v1') {
      witness.judge((room) => !this.left.has(room));
      tap.judge();
    }
    if (this.#kept.size > 0)
      this.#deps.fault(`promise 4: ${this.name} still keeps ${[...this.#kept.keys()]}`);
  }

  #listen(client: GoConnectClient, witness: Witness, tap: Tap): void {
    const { note, bug, name } = this.#deps;
    const heard = bug.heard?.();
    for (const type of RECOVERABLE_EVENTS) {
      client.on(type, (data, { room, seq }) => {
        const what = heard?.(type) ?? 'told';
        if (room === undefined || seq === undefined || what === 'swallowed') return;
        for (let times = what === 'told' ? 1 : 2; times > 0; times--) {
          note(`${name}.${this.life} hears ${type} ${room} ${seq}`);
          witness.delivered(type, data, room, seq);
        }
        if (type === 'chat.message') this.#see(data as { id: string; scope: string; user_id: string });
      });
    }
    client.on('gap', (gap) => {
      note(`${name}.${this.life} gap ${gap.room} ${gap.from}-${gap.to} ${gap.reason}`);
      if (heard?.('gap') !== 'swallowed') witness.gap(gap);
    });
    client.on('unknown', ({ type, faults }) =>
      this.#deps.fault(`${name} does not know ${type}: ${JSON.stringify(faults)}`),
    );
    client.on('state', ({ status }) => {
      note(`${name}.${this.life} is ${status}`);
      if (status === 'connected') tap.connected();
      this.#noticePlain();
      this.#wasGreeted ||= client.capabilities.session;
    });
    client.on('error', ({ code, message, opId = '' }) => {
      note(`${name}.${this.life} error ${code} ${message}`);
      const words = this.#keptWords.get(opId);
      const inDoubt = code === 'unknown_outcome' || code === 'timeout';
      if (inDoubt && words !== undefined) this.#deps.book.doubt(words, this.life);
    });
  }

  /** Where a socket for this address goes. */
  #dials(url: string): string {
    this.#dialledAmid = this.#deps.isRolling() ? 'change' : 'calm';
    return url.replace(ADDRESS, this.#deps.route());
  }

  /** A move may lead from v1 to a connection without, which no state tells. */
  #noticePlain(): void {
    const { client, witness } = this.#running ?? {};
    if (client?.state.status === 'connected' && !client.capabilities.session) witness?.plain();
  }

  #see({ id, scope, user_id }: { id: string; scope: string; user_id: string }): void {
    this.seen.push({ id, scope, userId: user_id });
    if (this.seen.length > 8) this.seen.shift();
  }

  #storage(): OutboxStorage {
    const kept = this.#kept;
    return {
      load: async ({ found }) => {
        if (kept.size > 0) found([...kept.values()]);
      },
      append: async (operation) => {
        kept.set(operation.opId, operation);
        const { body } = operation.data as { readonly body?: string };
        if (body !== undefined) this.#keptWords.set(operation.opId, body);
      },
      remove: async (opId) => void kept.delete(opId),
    };
  }

  /** Connections of machines that are no more stay dead when all else is well again. */
  staySilent(): void {
    const { network } = this.#deps;
    for (const connection of this.#silenced) network.fault({ fault: { kind: 'black_hole' }, connection });
  }

  #cut(tap: Tap, silent: boolean): void {
    const { network } = this.#deps;
    for (const [connection, { url }] of [...network.connections]) {
      if (!tap.urls.has(url.href)) continue;
      if (silent) this.#silenced.add(connection);
      network.fault({ fault: { kind: silent ? 'black_hole' : 'reset' }, connection });
    }
  }
}
