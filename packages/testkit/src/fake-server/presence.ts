import type { Timers } from './timers.js';

interface Known {
  readonly status: 'online' | 'offline';
  readonly since: number;
}

/** Who is online: per user, not per connection, and only net changes are told (A4.1). */
export class Presence {
  readonly #known = new Map<string, Known>();
  readonly #count = new Map<string, number>();
  readonly #leaving = new Map<string, () => void>();
  readonly #timers: Timers;
  readonly #now: () => number;
  readonly #changed: (userId: string, status: 'online' | 'offline', since: number) => void;

  constructor(
    timers: Timers,
    now: () => number,
    changed: (userId: string, status: 'online' | 'offline', since: number) => void,
  ) {
    this.#timers = timers;
    this.#now = now;
    this.#changed = changed;
  }

  of(userId: string): Known {
    return this.#known.get(userId) ?? { status: 'offline', since: this.#now() };
  }

  came(userId: string): void {
    this.#count.set(userId, (this.#count.get(userId) ?? 0) + 1);
    this.#leaving.get(userId)?.();
    this.#leaving.delete(userId);
    this.#become(userId, 'online');
  }

  /** @param graceMs 0 for a clean close: offline at once */
  went(userId: string, graceMs: number): void {
    const left = (this.#count.get(userId) ?? 1) - 1;
    this.#count.set(userId, left);
    if (left > 0) return;
    if (graceMs === 0) this.#become(userId, 'offline');
    else
      this.#leaving.set(
        userId,
        this.#timers.after(graceMs, () => this.#become(userId, 'offline')),
      );
  }

  #become(userId: string, status: 'online' | 'offline'): void {
    if (this.of(userId).status === status) return;
    const since = this.#now();
    this.#known.set(userId, { status, since });
    this.#changed(userId, status, since);
  }
}
