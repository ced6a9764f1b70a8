import type { ClientOptions } from '@goconnect/client';
import { MemoryMedium } from '@goconnect/server/core';
import {
  createFakeNetwork,
  createRandom,
  createVirtualClock,
  type FakeNetwork,
  type Fault,
  type SeededRandom,
  type VirtualClock,
} from '@goconnect/testkit';
import { Ledger } from './ledger.js';
import type { MortalClock } from './mortal-clock.js';
import { type Issued, OperationBook } from './operation-book.js';
import { NO_BUG, type PlantedBug } from './planted-bug.js';
import { Seat } from './seat.js';
import { type Death, type DeathAt, ServerNode, TENANT } from './server-node.js';
import { PlainTokens } from './tokens.js';
import { Trace } from './trace.js';

export interface HistoryOptions {
  readonly seed: number;
  readonly bug?: PlantedBug;
  /** Keep the lines of the trace. */
  readonly trace?: boolean;
}

export interface HistoryResult {
  readonly seed: number;
  readonly hash: string;
  /** Broken promises, the first one first. */
  readonly faults: readonly string[];
  readonly lines: readonly string[];
  readonly counts: Readonly<Record<string, number>>;
}

/** Most faults that one history reports: those after the first are mostly its consequences. */
const MOST_FAULTS = 20;
const INSPECT_MS = 1_000;
const SLOWEST_DISK_MS = 3_000;
/** After the last fault: time for the longest backoff, a dead line to be noticed, and what waits to be sent. */
const CALM_MS = 100_000;

const SETTINGS = {
  server: { name: 'simulated', version: '0' },
  maxConnections: 100,
  maxConnectionsPerUser: 5,
  maxMessageBytes: 524_288,
  writeWaitMs: 10_000,
  pongWaitMs: 60_000,
  pingPeriodMs: 54_000,
  connectRate: { limit: 1_000, windowMs: 60_000 },
  networkRate: { limit: 1_000, windowMs: 60_000 },
  resumeWindowMs: 604_800_000,
  dedupeWindowMs: 86_400_000,
};

/** Runs one history: everything in it follows from its seed. */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  return new History(options).run();
}

class History {
  readonly #random: SeededRandom;
  readonly #clock: VirtualClock;
  readonly #trace: Trace;
  readonly #network: FakeNetwork;
  readonly #ledger: Ledger;
  readonly #book: OperationBook;
  readonly #tokens: PlainTokens;
  readonly #bug: PlantedBug;
  readonly #seed: number;
  readonly #faults: string[] = [];
  readonly #counts: Record<string, number> = {};
  readonly #seats: Seat[] = [];
  readonly #users: string[] = [];
  readonly #networks: string[] = [];
  readonly #accessTtlMs: number;
  readonly #honestGaps = new Set<string>();
  readonly #serverMachine;
  #medium: MemoryMedium;
  #node: ServerNode | undefined;
  #serial = 0;
  #words = 0;
  #until = 0;
  #phase: 'before' | 'stormy' | 'calm' | 'over' = 'before';
  /** A drain under way. */
  #leaving: { readonly node: ServerNode; until: number } | undefined;
  /** Why there is no server: another one will come. */
  #restart: 'due' | 'none' = 'none';

  constructor({ seed, bug = NO_BUG, trace = false }: HistoryOptions) {
    this.#seed = seed;
    this.#bug = bug;
    this.#random = createRandom(seed);
    this.#clock = createVirtualClock({ seed });
    this.#trace = new Trace(() => this.#clock.monotonic(), trace);
    this.#network = createFakeNetwork({
      clock: this.#clock,
      seed,
      variant: this.#random.chance(0.5) ? 'browser' : 'ws',
      bufferBytes: this.#random.pick([2_048, 65_536]) ?? 65_536,
    });
    this.#ledger = new Ledger(
      () => this.#clock.monotonic(),
      (what) => this.#fault(what),
    );
    this.#book = new OperationBook(this.#ledger, (what) => this.#fault(what));
    this.#serverMachine = this.#clock.machine();
    this.#accessTtlMs = this.#random.pick([900_000, 900_000, 60_000, 25_000]) ?? 900_000;
    this.#tokens = new PlainTokens(this.#serverMachine, () => this.#accessTtlMs);
    this.#medium = this.#freshMedium();
  }

  async run(): Promise<HistoryResult> {
    await this.#clock.advance(0);
    this.#startServer();
    const prepared = this.#prepare();
    await this.#clock.runUntil(prepared);
    for (const seat of this.#seats) this.#after(this.#random() * 2_000, () => this.#startSeat(seat));
    this.#phase = 'stormy';
    const storm = 10_000 + Math.round(this.#random() * this.#random() * 100_000);
    const actions = this.#random.integer(15, 60);
    for (let index = 0; index < actions; index++) this.#after(this.#random() * storm, () => this.#act());
    const until = this.#clock.monotonic() + storm;
    this.#until = until;
    await this.#pass(until);
    this.#calm();
    await this.#pass(until + CALM_MS);
    this.#judge();
    await this.#end();
    return {
      seed: this.#seed,
      hash: this.#trace.hash,
      faults: this.#faults,
      lines: this.#trace.lines,
      counts: this.#counts,
    };
  }

  // What is there.

  async #prepare(): Promise<void> {
    const random = this.#random.fork('setup');
    const node = this.#node;
    if (!node) return;
    const people = random.integer(2, 3);
    for (let index = 0; index < people; index++) {
      const id = `user-${index}`;
      this.#users.push(id);
      const user = {
        id,
        tenantId: TENANT,
        email: `${id}@goconnect.example`,
        name: id,
        isAdmin: false,
        isModerator: false,
        createdAt: 0,
      };
      await node.prepare((tx) => tx.users.insert(user, 'password'));
    }
    const owner = { userId: 'user-0', tenantId: TENANT };
    const network = await node.operations.networks.create(owner, {
      name: 'a network',
      visibility: 'public',
      joinPolicy: 'open',
    });
    this.#networks.push(network.id);
    for (const userId of this.#users.slice(1))
      await node.operations.networks.join({ userId, tenantId: TENANT }, network.id);
    const seats = random.integer(people, people + 1);
    for (let index = 0; index < seats; index++) this.#addSeat(index, this.#users[index % people] ?? 'user-0');
  }

  #addSeat(index: number, userId: string): void {
    const random = this.#random.fork(`seat-${index}`);
    const lifecycle = random.chance(0.5) ? ('auto' as const) : { subscribe: () => () => {} };
    this.#seats.push(
      new Seat({
        name: `${userId}/${index}`,
        userId,
        machine: this.#clock.machine(),
        network: this.#network,
        random,
        ledger: this.#ledger,
        book: this.#book,
        bug: this.#bug,
        token: this.#tokenSource(userId, random.chance(0.5) ? 'refresh' : 'plain', random),
        options: {
          lifecycle,
          tokenTransport: random.pick(['header', 'query', 'subprotocol'] as const),
          outbox: { maxOperations: 30 },
        },
        keeps: random.chance(0.6),
        mayMiss: (reason) => reason === 'denied' || this.#honestGaps.has(reason),
        note: (what) => this.#note(what),
        fault: (what) => this.#fault(what),
      }),
    );
  }

  /** The application's way to tokens: takes a while, and sometimes fails. */
  #tokenSource(
    userId: string,
    kind: 'refresh' | 'plain',
    random: SeededRandom,
  ): (clock: MortalClock) => Exclude<ClientOptions['token'], string> {
    return (clock) => async () => {
      // On the world's clock: the application's own timers are not the client's.
      await new Promise<void>((resolve) => this.#after(random.integer(0, 800), resolve));
      if (!clock.alive) return new Promise(() => {});
      if (this.#phase === 'stormy' && random.chance(0.08)) throw new Error('no tokens just now');
      if (kind === 'plain' || !this.#node) {
        const accessToken = this.#tokens.mint(userId, TENANT, this.#accessTtlMs);
        return { accessToken, expiresIn: this.#accessTtlMs / 1_000 };
      }
      const pair = await this.#node.operations.sessions.login(`${userId}@goconnect.example`, 'password');
      return { accessToken: pair.accessToken, refreshToken: pair.refreshToken, expiresIn: pair.expiresIn };
    };
  }

  #freshMedium(): MemoryMedium {
    return new MemoryMedium((entries) => {
      for (const { room, seq, type } of entries) this.#note(`durable ${room} ${seq} ${type}`);
      this.#ledger.record(entries);
    });
  }

  #startServer(): void {
    if (this.#node) return;
    this.#restart = 'none';
    this.#note('server starts');
    const random = this.#random.fork(`server-${++this.#serial}`);
    this.#node = new ServerNode({
      machine: this.#serverMachine,
      network: this.#network,
      medium: this.#medium,
      tokens: this.#tokens,
      random,
      bug: this.#bug,
      settings: {
        ...SETTINGS,
        sendBufferMessages: 64,
        clientRate: { limit: this.#seed % 3 === 0 ? 40 : 100, windowMs: 60_000 },
      },
      disk: () => this.#diskMs(random),
      note: (what) => this.#note(what),
      fault: (what) => this.#fault(what),
    });
  }

  #diskMs(random: SeededRandom): number | 'fails' {
    if (this.#phase !== 'stormy') return 0;
    if (random.chance(0.01)) return 'fails';
    if (random.chance(0.03)) return random.integer(100, SLOWEST_DISK_MS);
    return random.chance(0.5) ? 0 : random.integer(1, 20);
  }

  // What happens.

  /** Milliseconds until the calm. */
  get #left(): number {
    return Math.max(0, this.#until - this.#clock.monotonic());
  }

  #act(): void {
    const random = this.#random;
    const draw = random() * ACTIONS_TOTAL;
    let sum = 0;
    for (const [name, weight] of ACTIONS) {
      sum += weight;
      if (draw >= sum) continue;
      this.#counts[name] = (this.#counts[name] ?? 0) + 1;
      this.#do(name);
      return;
    }
  }

  #do(name: ActionName): void {
    const random = this.#random;
    // A device that sleeps does nothing, and its server neither.
    const seat = random.pick(this.#seats.filter(({ machine }) => !machine.asleep));
    if (!seat) return;
    switch (name) {
      case 'say':
        for (let left = random.integer(1, 4); left > 0; left--) this.#say(seat);
        break;
      case 'change':
        this.#change(seat);
        break;
      case 'room':
        this.#room(seat);
        break;
      case 'read':
        seat.client?.chat.history({ scope: 'host', limit: 5 }).catch(() => {});
        break;
      case 'govern':
        if (!this.#serverMachine.asleep) this.#govern();
        break;
      case 'weather':
        this.#weather();
        break;
      case 'kill':
        this.#kill();
        break;
      case 'drain':
        if (!this.#serverMachine.asleep) this.#drain();
        break;
      case 'pause':
        if (this.#serverMachine.asleep) break;
        this.#pause();
        break;
      case 'crash':
        this.#crash(seat);
        break;
      case 'sleep':
        this.#note(`${seat.name} sleeps`);
        seat.sleep(
          Math.min(random.integer(1_000, 90_000), this.#left),
          random.pick(['stops', 'runs'] as const) ?? 'stops',
        );
        break;
      case 'step':
        seat.setClock(random.integer(-7_200_000, 7_200_000));
        break;
      case 'trim':
        this.#trim();
        break;
      case 'lose':
        this.#loseLog();
        break;
    }
  }

  #scope(): string {
    return this.#random.chance(0.4) ? 'host' : `network:${this.#random.pick(this.#networks)}`;
  }

  #say(seat: Seat): void {
    const { client } = seat;
    if (!client) return;
    const scope = this.#scope();
    const words = `w${++this.#words}`;
    this.#follow(seat, words, scope, 'ordered', client.chat.send({ scope, body: words }));
  }

  #change(seat: Seat): void {
    const { client } = seat;
    const own = this.#random.pick(seat.seen.filter(({ userId }) => userId === seat.userId));
    if (!client || !own) return;
    if (this.#random.chance(0.6)) {
      const words = `e${++this.#words}`;
      const edited = client.chat.edit({ message_id: own.id, new_body: words });
      this.#follow(seat, words, own.scope, 'anywhere', edited);
    } else {
      const deleted = client.chat.delete({ message_id: own.id, mode: 'hard' });
      this.#follow(seat, `delete ${own.id}`, own.scope, 'shared', deleted);
    }
  }

  #follow(
    seat: Seat,
    words: string,
    scope: string,
    place: Issued['place'],
    outcome: Promise<{ readonly message_id: string }>,
  ): void {
    this.#note(`${seat.name} asks for ${words} in ${scope}`);
    const settled = (this.#bug.settled?.(outcome) ?? outcome) as typeof outcome;
    const { name, life, outbox } = seat;
    this.#book.follow({ words, scope, seat: name, life, outbox, place }, settled);
  }

  #room(seat: Seat): void {
    const room = seat.client?.room(`network:${this.#random.pick(this.#networks)}`);
    if (!room) return;
    const going = this.#random.chance(0.5) ? room.leave() : room.join();
    going.catch(() => {});
  }

  /** What others do to a membership, over HTTP. */
  #govern(): void {
    const random = this.#random;
    const networks = this.#node?.operations.networks;
    const id = random.pick(this.#networks);
    const userId = random.pick(this.#users.slice(1));
    if (!networks || !id || !userId) return;
    const owner = { userId: 'user-0', tenantId: TENANT };
    const actor = { userId, tenantId: TENANT };
    const deeds = {
      kick: () => networks.kick(owner, id, userId),
      ban: () => networks.ban(owner, id, userId),
      unban: () => networks.unban(owner, id, userId),
      join: () => networks.join(actor, id),
      leave: () => networks.leave(actor, id),
      role: () =>
        networks.setRole(owner, id, userId, random.pick(['member', 'moderator'] as const) ?? 'member'),
      rename: () => networks.update(owner, id, { name: `n${random.integer(1, 9)}` }),
    };
    const deed = random.pick([
      'kick',
      'ban',
      'unban',
      'join',
      'join',
      'join',
      'leave',
      'role',
      'rename',
    ] as const);
    if (!deed) return;
    this.#note(`${deed} ${userId}`);
    deeds[deed]().catch((error: unknown) => this.#note(`${deed} ${userId}: ${(error as Error).message}`));
  }

  #weather(): void {
    const random = this.#random;
    const connection = random.chance(0.7) ? random.pick([...this.#network.connections.keys()]) : undefined;
    const fault = random.pick<Fault>([
      { kind: 'delay', ms: random.integer(1, 400), jitterMs: random.integer(0, 1_500) },
      { kind: 'drop', probability: 0.3 },
      { kind: 'reorder', probability: 0.3, holdMs: random.integer(1, 2_000) },
      { kind: 'half_open' },
      { kind: 'half_open' },
      { kind: 'black_hole' },
      { kind: 'reset' },
      { kind: 'reset' },
      { kind: 'truncate', bytes: random.integer(0, 60) },
      { kind: 'slow_reader', bytesPerSecond: random.integer(50, 2_000), bufferBytes: 1_024 },
      { kind: 'close', code: random.pick([1001, 1011, 1012, 4400, 4408]) ?? 1001 },
      { kind: 'deny_upgrade', status: random.pick([500, 502, 503, 429]) ?? 503 },
    ]);
    if (!fault) return;
    const direction = random.pick(['up', 'down', undefined] as const);
    const afterFrames = random.chance(0.3) ? random.integer(1, 12) : undefined;
    const forMs = random.integer(500, 60_000);
    this.#note(`weather ${JSON.stringify({ fault, connection, direction, afterFrames, forMs })}`);
    this.#network.fault({
      fault,
      forMs,
      ...(connection !== undefined && { connection }),
      ...(direction !== undefined && { direction }),
      ...(afterFrames !== undefined && { afterFrames }),
    });
  }

  #kill(): void {
    const random = this.#random;
    const node = this.#node;
    if (!node) return;
    const at = random.pick<DeathAt | 'now'>(['now', 'work', 'unsynced', 'synced', 'synced']) ?? 'now';
    const death: Death = random.chance(0.7) ? 'process' : 'machine';
    this.#note(`server will die: ${death} ${at}`);
    node.kill(death, at, () => {
      this.#note('server is dead');
      if (this.#node === node) this.#node = undefined;
      this.#startLater(random.integer(50, 8_000));
    });
  }

  #drain(): void {
    const node = this.#node;
    if (!node) return;
    const windowMs = this.#random.integer(100, 4_000);
    const pauseMs = this.#random.integer(0, 2_000);
    this.#note(`server drains for ${windowMs} ms`);
    // Its disk may be slow on top, once for what is written and once for closing.
    const until = node.life.monotonic() + node.leaveWithinMs(windowMs) + 2 * SLOWEST_DISK_MS;
    if (this.#leaving?.node !== node) this.#leaving = { node, until };
    void node.leave(windowMs).then(() => {
      this.#leaving = undefined;
      this.#note('server has left');
      if (node.life.pending > 0)
        this.#fault(`promise 5: the server has left and ${node.life.pending} of its timers have not`);
      node.life.die();
      if (this.#node === node) this.#node = undefined;
      this.#startLater(pauseMs);
    });
  }

  #pause(): void {
    const ms = Math.min(this.#random.integer(100, 20_000), this.#left);
    const mode = this.#random.pick(['stops', 'runs'] as const) ?? 'stops';
    this.#note('server pauses');
    this.#serverMachine.suspend(ms, mode);
    if (this.#leaving && mode === 'runs') this.#leaving.until += ms;
  }

  #startLater(ms: number): void {
    this.#restart = 'due';
    this.#after(ms, () => this.#startServer());
  }

  #crash(seat: Seat): void {
    const random = this.#random;
    const pauseMs = random.integer(0, 10_000);
    this.#note(`${seat.name} ends`);
    if (random.chance(0.3)) void seat.close().then(() => this.#after(pauseMs, () => this.#startSeat(seat)));
    else {
      seat.crash(random.chance(0.3));
      this.#after(pauseMs, () => this.#startSeat(seat));
    }
  }

  #startSeat(seat: Seat): void {
    if (this.#phase !== 'over') seat.start();
  }

  #trim(): void {
    this.#honestGaps.add('retention');
    this.#note('log is trimmed');
    this.#node?.trim(this.#random.integer(1_000, 20_000)).catch(() => {});
  }

  #loseLog(): void {
    if (this.#seed % 4 !== 0) return;
    const node = this.#node;
    if (!node) return;
    node.kill('process', 'now', () => {
      this.#note('the log is lost');
      this.#node = undefined;
      this.#honestGaps.add('epoch');
      const before = this.#medium;
      this.#medium = this.#freshMedium();
      this.#medium.adopt(before, [
        'users',
        'emails',
        'networks',
        'members',
        'bans',
        'requests',
        'refreshTokens',
      ]);
      this.#ledger.lose(this.#users);
      this.#book.forget();
      this.#startLater(this.#random.integer(50, 3_000));
    });
  }

  // How it ends.

  #calm(): void {
    this.#note('calm');
    this.#phase = 'calm';
    this.#network.heal();
    // A machine that fell silent stays silent: the server has to notice (promise 6).
    for (const seat of this.#seats) seat.staySilent();
    if (!this.#node && this.#restart === 'none') this.#startServer();
    for (const seat of this.#seats) this.#startSeat(seat);
  }

  #judge(): void {
    for (const seat of this.#seats) seat.judge();
    this.#book.judge();
  }

  async #end(): Promise<void> {
    this.#phase = 'over';
    const closing = Promise.all(this.#seats.map((seat) => seat.close()));
    await this.#clock
      .runUntil(closing, { limitMs: 30_000 })
      .catch(() => this.#fault('promise 4: close() hangs'));
    const node = this.#node;
    if (node) {
      await this.#clock
        .runUntil(node.leave(100), { limitMs: 120_000 })
        .catch(() => this.#fault('promise 4: the server does not stop'));
      if (node.life.pending > 0)
        this.#fault(`promise 5: the server has stopped and ${node.life.pending} of its timers have not`);
    }
    this.#network.close();
    this.#clock.close();
  }

  async #pass(until: number): Promise<void> {
    while (this.#clock.monotonic() < until) {
      await this.#clock.advance(Math.min(INSPECT_MS, until - this.#clock.monotonic()));
      for (const seat of this.#seats) seat.inspect();
      this.#inspectServer();
      if (this.#faults.length >= MOST_FAULTS) return;
    }
  }

  #inspectServer(): void {
    const node = this.#node;
    if (!node || this.#serverMachine.asleep) return;
    const now = node.life.monotonic();
    if (this.#leaving?.node === node && now > this.#leaving.until)
      this.#fault('B5.1: the server drains and does not come to an end');
    for (const [number, { lastLife, closingSince }] of node.connections) {
      // One that it is closing is given up already: it hears nothing, and its socket waits for the answer (A6.4).
      const until =
        closingSince === undefined ? lastLife + SETTINGS.pongWaitMs : closingSince + SETTINGS.writeWaitMs;
      if (now > until + 500)
        this.#fault(`promise 6: the server keeps connection ${number}, silent for ${now - lastLife} ms`);
    }
    const timers = this.#clock.pending().length;
    if (timers > 500) this.#fault(`promise 5: ${timers} timers wait`);
  }

  #after(ms: number, task: () => void): void {
    this.#clock.setTimeout(task, Math.round(ms));
  }

  #note(what: string): void {
    this.#trace.note(what);
  }

  #fault(what: string): void {
    if (this.#faults.length < MOST_FAULTS) this.#faults.push(what);
    this.#note(`BROKEN ${what}`);
  }
}

const ACTIONS = [
  ['say', 30],
  ['change', 6],
  ['room', 4],
  ['read', 2],
  ['govern', 10],
  ['weather', 18],
  ['kill', 6],
  ['drain', 3],
  ['pause', 2],
  ['crash', 6],
  ['sleep', 2],
  ['step', 2],
  ['trim', 1],
  ['lose', 1],
] as const;
type ActionName = (typeof ACTIONS)[number][0];
const ACTIONS_TOTAL = ACTIONS.reduce((sum, [, weight]) => sum + weight, 0);
