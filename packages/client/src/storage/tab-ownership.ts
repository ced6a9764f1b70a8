/** The part of `navigator.locks` that is used. */
export interface LockManagerLike {
  request(
    name: string,
    options: { readonly ifAvailable?: boolean; readonly signal?: AbortSignal },
    callback: (lock: unknown) => unknown,
  ): Promise<unknown>;
}

/** What passes between the tabs of one storage; `hello` wants an answer. */
interface Greeting {
  readonly owner: string;
  readonly hello: boolean;
}

export interface OwnershipPorts {
  readonly locks: LockManagerLike;
  readonly BroadcastChannel: typeof BroadcastChannel | undefined;
  /** Everybody who left something in the storage, dead or alive. */
  owners(): Promise<readonly string[]>;
  /** `other` is dead; nobody else takes from it before this is done. MUST NOT reject. */
  inherit(other: string): Promise<void>;
}

/**
 * One tab's right to what it stored: a lock that the browser holds as long as the tab lives. Everybody else waits for that lock, and
 * who gets it inherits.
 */
export class TabOwnership {
  readonly owner = crypto.randomUUID();
  readonly #ports: OwnershipPorts;
  readonly #lockName: (owner: string) => string;
  readonly #end = new AbortController();
  readonly #watched = new Set<string>([this.owner]);
  readonly #inheriting = new Set<Promise<void>>();
  readonly #channel: BroadcastChannel | undefined;
  #release: () => void = () => {};

  constructor(name: string, ports: OwnershipPorts) {
    this.#ports = ports;
    this.#lockName = (owner) => `${name}:${owner}`;
    this.#channel = ports.BroadcastChannel && new ports.BroadcastChannel(name);
    // On Node a channel would keep the process alive.
    (this.#channel as { unref?(): void } | undefined)?.unref?.();
  }

  /** Takes the lock, inherits from the dead, and begins to wait for the death of the others. */
  async begin(): Promise<void> {
    const { locks, owners } = this.#ports;
    const name = this.#lockName(this.owner);
    await new Promise<void>((held, failed) => {
      const life = new Promise<void>((resolve) => {
        this.#release = resolve;
      });
      locks
        .request(name, {}, () => {
          held();
          return life;
        })
        .catch(failed);
    });
    if (this.#channel) {
      this.#channel.onmessage = ({ data: { owner, hello } }: MessageEvent<Greeting>) => {
        if (hello) this.#greet(false);
        void this.#watch(owner);
      };
      this.#greet(true);
    }
    for (const other of await owners()) {
      if (other === this.owner) continue;
      let dead = false;
      await locks.request(this.#lockName(other), { ifAvailable: true }, async (lock) => {
        dead = lock !== null;
        if (dead) await this.#inherit(other);
      });
      if (!dead) void this.#watch(other);
    }
  }

  /** Inherits nothing more; resolves when nothing is being inherited. */
  async stop(): Promise<void> {
    this.#channel?.close();
    this.#end.abort();
    await Promise.all(this.#inheriting);
  }

  /** Gives the lock back: from now on others inherit. */
  release(): void {
    this.#release();
  }

  #greet(hello: boolean): void {
    this.#channel?.postMessage({ owner: this.owner, hello } satisfies Greeting);
  }

  async #watch(other: string): Promise<void> {
    const { signal } = this.#end;
    if (this.#watched.has(other) || signal.aborted) return;
    this.#watched.add(other);
    try {
      await this.#ports.locks.request(this.#lockName(other), { signal }, () => this.#inherit(other));
    } catch {
      // Stopped.
    }
  }

  async #inherit(other: string): Promise<void> {
    if (this.#end.signal.aborted) return;
    const work = this.#ports.inherit(other);
    this.#inheriting.add(work);
    try {
      await work;
    } finally {
      this.#inheriting.delete(work);
    }
  }
}
