import type { Fault } from '@goconnect/testkit';
import type { Fleet } from './fleet.js';
import type { Issued } from './operation-book.js';
import { TENANT } from './place.js';
import type { Seat } from './seat.js';
import type { World } from './world.js';

/** What may happen in a storm, and how often. */
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
/** How often bad weather strikes the bus between nodes. */
const BUS_WEATHER = 0.35;
type ActionName = (typeof ACTIONS)[number][0];
const ACTIONS_TOTAL = ACTIONS.reduce((sum, [, weight]) => sum + weight, 0);

/** What people, their devices, the network and the server do and suffer, by chance. */
export class Deeds {
  readonly #world: World;
  readonly #server: Fleet;
  #words = 0;

  constructor(world: World, server: Fleet) {
    this.#world = world;
    this.#server = server;
  }

  /** One of them, now. */
  act(): void {
    const random = this.#world.random;
    const draw = random() * ACTIONS_TOTAL;
    let sum = 0;
    for (const [name, weight] of ACTIONS) {
      sum += weight;
      if (draw >= sum) continue;
      this.#do(name);
      return;
    }
  }

  #do(name: ActionName): void {
    const random = this.#world.random;
    // A device that sleeps does nothing, and its server neither.
    const seat = random.pick(this.#world.seats.filter(({ machine }) => !machine.asleep));
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
        this.#govern();
        break;
      case 'weather':
        if (!this.#server.isOne && this.#world.random.chance(BUS_WEATHER)) this.#server.worsenBus();
        else this.#weather();
        break;
      case 'kill':
        this.#server.kill();
        break;
      case 'drain':
        this.#server.drain();
        break;
      case 'pause':
        this.#server.pause();
        break;
      case 'crash':
        this.#crash(seat);
        break;
      case 'sleep':
        this.#world.note(`${seat.name} sleeps`);
        seat.sleep(
          Math.min(random.integer(1_000, 90_000), this.#world.left),
          random.pick(['stops', 'runs'] as const) ?? 'stops',
        );
        break;
      case 'step':
        seat.setClock(random.integer(-7_200_000, 7_200_000));
        break;
      case 'trim':
        this.#server.trim();
        break;
      case 'lose':
        this.#server.loseLog();
        break;
    }
  }

  #scope(): string {
    return this.#world.random.chance(0.4)
      ? 'host'
      : `network:${this.#world.random.pick(this.#world.networks)}`;
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
    const own = this.#world.random.pick(seat.seen.filter(({ userId }) => userId === seat.userId));
    if (!client || !own) return;
    if (this.#world.random.chance(0.6)) {
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
    this.#world.note(`${seat.name} asks for ${words} in ${scope}`);
    const settled = (this.#world.bug.settled?.(outcome) ?? outcome) as typeof outcome;
    const { name, life, outbox } = seat;
    this.#world.book.follow({ words, scope, seat: name, life, outbox, place }, settled);
  }

  #room(seat: Seat): void {
    const room = seat.client?.room(`network:${this.#world.random.pick(this.#world.networks)}`);
    if (!room) return;
    const going = this.#world.random.chance(0.5) ? room.leave() : room.join();
    going.catch(() => {});
  }

  /** What others do to a membership, over HTTP. */
  #govern(): void {
    const random = this.#world.random;
    const server = this.#server.awake;
    if (!server) return;
    const networks = server.node?.operations.networks;
    const id = random.pick(this.#world.networks);
    const userId = random.pick(this.#world.users.slice(1));
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
    this.#world.note(`${deed} ${userId}`);
    deeds[deed]().catch((error: unknown) =>
      this.#world.note(`${deed} ${userId}: ${(error as Error).message}`),
    );
  }

  #weather(): void {
    const random = this.#world.random;
    const connection = random.chance(0.7)
      ? random.pick([...this.#world.network.connections.keys()])
      : undefined;
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
    this.#world.note(`weather ${JSON.stringify({ fault, connection, direction, afterFrames, forMs })}`);
    this.#world.network.fault({
      fault,
      forMs,
      ...(connection !== undefined && { connection }),
      ...(direction !== undefined && { direction }),
      ...(afterFrames !== undefined && { afterFrames }),
    });
  }

  #crash(seat: Seat): void {
    const random = this.#world.random;
    const pauseMs = random.integer(0, 10_000);
    this.#world.note(`${seat.name} ends`);
    if (random.chance(0.3))
      void seat.close().then(() => this.#world.after(pauseMs, () => this.#world.startSeat(seat)));
    else {
      seat.crash(random.chance(0.3));
      this.#world.after(pauseMs, () => this.#world.startSeat(seat));
    }
  }
}
