import type { Bus, BusListeners, BusMessage } from '@goconnect/server/core';
import type { SeededRandom, VirtualMachine } from '@goconnect/testkit';
import type { MortalClock } from './mortal-clock.js';
import type { World } from './world.js';

/** What may become of a message on its way from one node to another: probabilities, and milliseconds. */
export interface BusWeather {
  readonly lost: number;
  readonly doubled: number;
  /** Held back for a while, so that later ones overtake it. */
  readonly overtaken: number;
  readonly delayMs: number;
}

/** A life of a node, as others reach it. */
export interface BusMember {
  readonly name: string;
  readonly machine: VirtualMachine;
  readonly life: MortalClock;
  /** Who listens inside its process. */
  readonly own: BusListeners;
}

const FAIR: BusWeather = { lost: 0, doubled: 0, overtaken: 0, delayMs: 5 };
const LONGEST_HOLD_MS = 2_000;

/** Joins the nodes, as the pub/sub of another machine does: each direction has a weather of its own. */
export class BusHub {
  /** `whole`: as it should be, all is there within milliseconds. `rough`: a hint and no more. */
  readonly kind: 'whole' | 'rough';
  readonly #world: World;
  readonly #random: SeededRandom;
  readonly #members = new Map<string, BusMember>();
  readonly #weather = new Map<string, BusWeather>();
  /** When what was sent last in a direction arrives: what is not held back keeps its order. */
  readonly #arrives = new Map<string, number>();

  constructor(world: World) {
    this.#world = world;
    this.#random = world.random.fork('bus');
    this.kind = this.#random.chance(0.3) ? 'whole' : 'rough';
  }

  /** The bus as this member has it. What it says to itself stays in its process. */
  join(member: BusMember): Bus {
    this.#members.set(member.name, member);
    const { own } = member;
    return {
      subscribe: (listener) => own.subscribe(listener),
      watch: (listener) => own.watch(listener),
      check: async () => {},
      close: async () => own.clear(),
      publish: (messages) => {
        if (!member.life.alive) return;
        own.post(messages, 'here');
        for (const other of this.#members.values())
          if (other.name !== member.name) this.#carry(member, other, messages);
      },
    };
  }

  /** Some direction turns bad, for a while. */
  worsen(): void {
    if (this.kind === 'whole') return;
    const random = this.#random;
    const direction = random.pick(this.#directions());
    if (direction === undefined) return;
    const weather = random.pick<BusWeather>([
      { ...FAIR, lost: 1 },
      { ...FAIR, lost: 0.3, delayMs: 200 },
      { ...FAIR, delayMs: random.integer(100, 5_000) },
      { ...FAIR, doubled: 0.5, overtaken: 0.5 },
      { lost: 0.2, doubled: 0.2, overtaken: 0.3, delayMs: random.integer(5, 1_000) },
    ]);
    const forMs = random.integer(500, 30_000);
    this.#world.note(`bus ${direction} ${JSON.stringify(weather)} for ${forMs} ms`);
    this.#weather.set(direction, weather ?? FAIR);
    this.#world.after(forMs, () => {
      if (this.#weather.get(direction) === weather) this.#weather.delete(direction);
    });
  }

  /** All directions are fair again. What was lost stays lost. */
  heal(): void {
    this.#weather.clear();
  }

  #directions(): readonly string[] {
    const names = [...this.#members.keys()];
    return names.flatMap((from) => names.filter((to) => to !== from).map((to) => `${from}>${to}`));
  }

  #carry(from: BusMember, to: BusMember, messages: readonly BusMessage[]): void {
    const direction = `${from.name}>${to.name}`;
    const weather = this.#weather.get(direction) ?? FAIR;
    const random = this.#random;
    for (const message of messages) {
      if (random.chance(weather.lost)) {
        this.#world.note(`bus ${direction} loses ${nameOf(message)}`);
        continue;
      }
      this.#send(direction, to, message, weather);
      if (random.chance(weather.doubled)) this.#send(direction, to, message, weather);
    }
  }

  #send(direction: string, to: BusMember, message: BusMessage, weather: BusWeather): void {
    const now = this.#world.clock.monotonic();
    const soonest = now + Math.ceil(this.#random() * weather.delayMs);
    const held = this.#random.chance(weather.overtaken);
    const at = held
      ? soonest + this.#random.integer(1, LONGEST_HOLD_MS)
      : Math.max(soonest, this.#arrives.get(direction) ?? 0);
    if (!held) this.#arrives.set(direction, at);
    // By the clock of the machine it arrives at: one that is asleep hears of it when it wakes.
    to.machine.setTimeout(() => {
      if (to.life.alive) to.own.post([message], 'elsewhere');
    }, at - now);
  }
}

function nameOf(message: BusMessage): string {
  if (message.kind !== 'entry') return message.kind;
  const { room, seq, type } = message.entry;
  return `${room} ${seq} ${type}`;
}
