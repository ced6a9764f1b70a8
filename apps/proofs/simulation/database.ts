import { MemoryMedium } from '@goconnect/server/core';
import type { World } from './world.js';

/** What outlives the log when that is lost. */
const PEOPLE = ['users', 'emails', 'networks', 'members', 'bans', 'requests', 'refreshTokens'] as const;
/** Waits longer ago than this are of no interest any more. */
const REMEMBERED = 50;

/** What all nodes stand on, whatever becomes of them: the rows, and for how long somebody was waiting for the disk. */
export class Database {
  readonly #world: World;
  readonly #waits: { readonly from: number; to: number }[] = [];
  #medium: MemoryMedium;

  constructor(world: World) {
    this.#world = world;
    this.#medium = this.#fresh();
  }

  get medium(): MemoryMedium {
    return this.#medium;
  }

  /** The disk is awaited from now on. @returns how to say that this is over, whoever else is dead by then */
  waits(): () => void {
    const { clock } = this.#world;
    const wait = { from: clock.monotonic(), to: Number.POSITIVE_INFINITY };
    this.#waits.push(wait);
    if (this.#waits.length > REMEMBERED) this.#waits.shift();
    return () => {
      wait.to = Math.min(wait.to, clock.monotonic());
    };
  }

  /** How much of the time since `since` somebody waited for the disk, and everybody for them. */
  busySince(since: number): number {
    const now = this.#world.clock.monotonic();
    return this.#waits.reduce(
      (sum, { from, to }) => sum + Math.max(0, Math.min(to, now) - Math.max(from, since)),
      0,
    );
  }

  /** The log is lost, and what was said with it. */
  lose(): void {
    const { ledger, book, users, honestGaps } = this.#world;
    honestGaps.add('epoch');
    const before = this.#medium;
    this.#medium = this.#fresh();
    this.#medium.adopt(before, PEOPLE);
    ledger.lose(users);
    book.forget();
  }

  #fresh(): MemoryMedium {
    const { ledger } = this.#world;
    return new MemoryMedium((entries) => {
      for (const { room, seq, type } of entries) this.#world.note(`durable ${room} ${seq} ${type}`);
      ledger.record(entries);
    });
  }
}
