import { Deeds } from './deeds.js';
import { Fleet } from './fleet.js';
import { prepare } from './scene.js';
import { type HistoryOptions, World } from './world.js';

export interface HistoryResult {
  readonly seed: number;
  readonly hash: string;
  /** Broken promises, the first one first. */
  readonly faults: readonly string[];
  readonly lines: readonly string[];
}

const INSPECT_MS = 1_000;
/** After the last fault: time for the longest backoff, a dead line to be noticed, and what waits to be sent. */
const CALM_MS = 100_000;
/** A server may have died a moment ago, which its clients know after 35 s (promise 6). */
const MOST_LOOKS = 40;
const LOOK_MS = 1_000;
/** A node that died late in the calm is noticed after a minute, and its users had 15 s then to come back (0047). */
const GRACE_MS = 80_000;

/** Runs one history, a storm and the calm after it: everything in it follows from its seed. */
export async function runHistory(options: HistoryOptions): Promise<HistoryResult> {
  const world = new World(options);
  const server = new Fleet(world);
  await begin(world, server);
  await pass(world, server, world.calmAt);
  calm(world, server);
  await pass(world, server, world.calmAt + CALM_MS);
  for (const seat of world.seats) seat.judge();
  world.book.judge();
  await judge(world, () => server.misjudged('online', world.seats.length));
  await end(world, server);
  const { hash, lines } = world.trace;
  return { seed: world.seed, hash, faults: world.faults, lines };
}

async function begin(world: World, server: Fleet): Promise<void> {
  const { clock, random, seats } = world;
  await clock.advance(0);
  server.start();
  await clock.runUntil(prepare(world, server));
  for (const seat of seats) world.after(random() * 2_000, () => world.startSeat(seat));
  world.phase = 'stormy';
  const storm = 10_000 + Math.round(random() * random() * 100_000);
  const deeds = new Deeds(world, server);
  for (let left = random.integer(15, 60); left > 0; left--) world.after(random() * storm, () => deeds.act());
  world.calmAt = clock.monotonic() + storm;
}

/** Lets time pass, and holds everyone against their bounds as it does. */
async function pass(world: World, server: Fleet, until: number): Promise<void> {
  const { clock, seats } = world;
  while (clock.monotonic() < until && !world.isBroken) {
    await clock.advance(Math.min(INSPECT_MS, until - clock.monotonic()));
    for (const seat of seats) seat.inspect();
    server.inspect();
  }
}

function calm(world: World, server: Fleet): void {
  world.note('calm');
  world.phase = 'calm';
  world.network.heal();
  // A machine that fell silent stays silent: the server has to notice (promise 6).
  for (const seat of world.seats) seat.staySilent();
  server.calm();
  for (const seat of world.seats) world.startSeat(seat);
}

/** Somebody may be about to move from one connection to the next, which is over in a while. */
async function judge(world: World, misjudged: () => readonly string[]): Promise<void> {
  for (let looks = MOST_LOOKS; looks > 0 && misjudged().length > 0; looks--)
    await world.clock.advance(LOOK_MS);
  for (const fault of misjudged()) world.fault(fault);
}

async function end(world: World, server: Fleet): Promise<void> {
  world.phase = 'over';
  const closing = Promise.all(world.seats.map((seat) => seat.close()));
  await world.clock
    .runUntil(closing, { limitMs: 30_000 })
    .catch(() => world.fault('promise 4: close() hangs'));
  await world.clock.advance(GRACE_MS);
  await judge(world, () => server.misjudged('offline', 0));
  await server.end();
  world.network.close();
  world.clock.close();
}
