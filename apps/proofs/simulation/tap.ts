import { CLOSE_CODES } from '@goconnect/protocol';
import type { FakeWebSocketConstructor, SocketEndpoint } from '@goconnect/testkit';
import type { MortalClock } from './mortal-clock.js';
import type { PlantedBug } from './planted-bug.js';
import type { Waits } from './waits.js';
import type { Witness } from './witness.js';

interface TapDeps {
  readonly name: string;
  readonly userId: string;
  readonly clock: MortalClock;
  readonly witness: Witness;
  readonly waits: Waits;
  readonly bug: PlantedBug;
  readonly left: Set<string>;
  /** Where a socket for this address goes. */
  readonly route: (url: string) => string;
  /** Replies that the client did not take: too late, for instance. */
  readonly ignored: () => number;
  readonly note: (what: string) => void;
  readonly fault: (what: string) => void;
}

interface Envelope {
  readonly type?: string;
  readonly room?: string;
  readonly seq?: number;
  readonly data?: {
    readonly status?: string;
    readonly room?: string;
    readonly epoch?: string;
    readonly seq?: number;
    readonly user_id?: string;
    readonly rooms?: readonly {
      readonly room: string;
      readonly epoch?: string;
      readonly seq?: number;
      readonly status?: string;
    }[];
  };
}

/** After so long a silence a line in use is given up (promise 6), and a little for the rounding of timers. */
const SILENCE_MS = 35_100;
/** A device that woke up asks at once. Where the platform says that it woke, the answer is awaited for 5 s at most (promise 6). */
const AFTER_WAKE_MS = { told: 5_100, untold: 10_100 };
/** A resume is awaited for so long. */
const RETIRED_MS = 60_100;
/** A room is left again with the first words on a new line. */
const LEAVES_AGAIN_MS = 3_000;
/** At most one live socket, two during a move. */
const MOST_SOCKETS = 2;

interface OpenLine {
  /** An attempt has its own end, asleep or not. */
  use: 'attempt' | 'in_use';
  heardAt: number;
  /** Whether a welcome came, and after it the word that the server drains. */
  told: 'nothing' | 'welcome' | 'draining';
  welcomedAt: number | undefined;
}

/** Listens at the sockets of one life of a client. */
export class Tap {
  readonly urls = new Set<string>();
  readonly #deps: TapDeps;
  readonly #open = new Map<SocketEndpoint, OpenLine>();
  /** Rooms from which the server let it go, of which the client does not know: its request had timed out before. */
  readonly #leftUnknown = new Set<string>();
  /** Rooms that the client left, and knows it; and those where the server has it, on the line in use. */
  readonly #gone = new Set<string>();
  readonly #inside = new Set<string>();
  #woke: { readonly at: number; readonly told: boolean } | undefined;

  constructor(deps: TapDeps) {
    this.#deps = deps;
  }

  /** The class, with this ear on each of its sockets. */
  tapped(Base: FakeWebSocketConstructor): FakeWebSocketConstructor {
    const tap = this;
    const { bug } = this.#deps;
    const received = bug.received?.();
    const sent = bug.sent?.();
    return class Tapped extends Base {
      constructor(...[url, ...rest]: ConstructorParameters<FakeWebSocketConstructor>) {
        super(tap.#deps.route(String(url)), ...rest);
        tap.#dialled(this);
        this.addEventListener('open', () => tap.#opened(this));
        this.addEventListener('close', ({ code, reason }) => tap.#closed(this, code, reason));
        this.addEventListener('message', ({ data }) => tap.#heard(this, String(data)));
      }

      /** A dead process takes nothing off the network. */
      override dispatchEvent(event: Event): boolean {
        return tap.#deps.clock.alive && super.dispatchEvent(event);
      }

      override get onmessage() {
        return super.onmessage;
      }
      override set onmessage(handler) {
        super.onmessage =
          handler && received
            ? (event) => {
                for (const data of received(String(event.data)))
                  handler.call(this, new MessageEvent('message', { data }));
              }
            : handler;
      }

      override send(data: string): void {
        for (const text of sent?.(data) ?? [data]) {
          tap.#deps.note(`${tap.#deps.name} > ${text}`);
          super.send(text);
        }
      }

      override close(code?: number, reason?: string): void {
        tap.#ended(this);
        super.close(code, reason);
      }
    } as FakeWebSocketConstructor;
  }

  /** Holds the sockets against their bounds, now. */
  inspect(): void {
    const { name, clock, fault } = this.#deps;
    const now = clock.monotonic();
    const awake = this.#woke ? now - this.#woke.at : Number.POSITIVE_INFINITY;
    for (const [socket, { heardAt, use }] of this.#open) {
      const heir = this.#heir(socket);
      if (heir) {
        // Not in use any more: it is only let go when the resume on the new one is answered, or given up (B5.1).
        if (now - (heir.welcomedAt ?? now) > RETIRED_MS)
          fault(`promise 5: ${name} keeps a line that another one took over from`);
        continue;
      }
      const asked = awake <= (this.#woke?.told ? AFTER_WAKE_MS.told : AFTER_WAKE_MS.untold);
      if (now - heardAt > SILENCE_MS && !asked)
        fault(`promise 6: ${name} keeps a line that was silent for ${now - heardAt} ms`);
      if (use === 'in_use' && this.#woke?.told && heardAt < this.#woke.at && !asked)
        fault(`promise 6: ${name} woke up ${awake} ms ago and keeps a line that was silent since`);
    }
    if (this.#open.size > MOST_SOCKETS) fault(`promise 5: ${name} has ${this.#open.size} open sockets`);
  }

  /** All is well again: the rooms that it left it has left again on its new connections. */
  judge(): void {
    const { name, clock, fault } = this.#deps;
    const welcomedAt = Math.max(0, ...[...this.#open.values()].map((line) => line.welcomedAt ?? 0));
    if (clock.monotonic() - welcomedAt < LEAVES_AGAIN_MS) return;
    for (const room of this.#gone)
      if (this.#inside.has(room)) fault(`liveness: ${name} left ${room} and is in it again`);
  }

  /** The client is connected: what is in use from now on is idle from now on. */
  connected(): void {
    const heardAt = this.#deps.clock.monotonic();
    for (const line of this.#open.values()) Object.assign(line, { use: 'in_use', heardAt });
  }

  /** The device sleeps until `at`, by its own clock; `told`: its platform will say that it slept. */
  sleeps(at: number, told: boolean): void {
    this.#woke = { at, told };
  }

  #dialled(socket: SocketEndpoint): void {
    this.urls.add(socket.url);
    this.#deps.waits.tries();
    this.#deps.note(`${this.#deps.name} dials`);
  }

  #opened(socket: SocketEndpoint): void {
    const heardAt = this.#deps.clock.monotonic();
    this.#open.set(socket, { use: 'attempt', heardAt, told: 'nothing', welcomedAt: undefined });
  }

  #closed(socket: SocketEndpoint, code: number, reason: string): void {
    this.#deps.waits.closed(reason);
    if (code === CLOSE_CODES.draining && this.#open.get(socket)?.told === 'welcome')
      this.#deps.fault(`B5.1: ${this.#deps.name} was closed by a drain of which it had not been told`);
    this.#ended(socket);
  }

  /** The line that took over from this one. */
  #heir(socket: SocketEndpoint): OpenLine | undefined {
    const sockets = [...this.#open.keys()];
    const newer = sockets.slice(sockets.indexOf(socket) + 1).flatMap((one) => this.#open.get(one) ?? []);
    return newer.find(({ welcomedAt }) => welcomedAt !== undefined);
  }

  #ended(socket: SocketEndpoint): void {
    this.#open.delete(socket);
  }

  #heard(socket: SocketEndpoint, text: string): void {
    const { clock, note, name, waits } = this.#deps;
    const open = this.#open.get(socket);
    if (!clock.alive || !open) return;
    open.heardAt = clock.monotonic();
    note(`${name} < ${text}`);
    const envelope = JSON.parse(text) as Envelope;
    if (envelope.type === 'session.welcome') {
      Object.assign(open, { told: 'welcome', welcomedAt: open.heardAt });
      waits.welcomed();
    }
    if (envelope.type === 'session.draining') {
      open.told = 'draining';
      waits.draining();
    }
    this.#read(socket, envelope);
    if (!this.#heir(socket)) this.#place(envelope);
  }

  /** Keeps the books of where the server has it. Of a removal, or a way back in, by others the client makes nothing of its own. */
  #place({ type, room, data }: Envelope): void {
    const { userId } = this.#deps;
    if (type === 'session.welcome') {
      this.#inside.clear();
      for (const one of data?.rooms ?? []) this.#inside.add(one.room);
    } else if (type === 'ack' && data?.room !== undefined) {
      if (data.status === 'left') this.#inside.delete(data.room);
      else if (data.status === 'joined') this.#enter(data.room);
    } else if (room !== undefined && data?.user_id === userId) {
      if (type === 'member.left') this.#inside.delete(room);
      else if (type === 'member.joined') this.#enter(room);
    }
  }

  #enter(room: string): void {
    this.#inside.add(room);
    this.#gone.delete(room);
  }

  #read(socket: SocketEndpoint, { type, room, seq, data }: Envelope): void {
    const { witness, left, ignored } = this.#deps;
    if (room !== undefined && seq !== undefined) witness.arrived(room, seq);
    if (type === 'session.welcome') {
      for (const one of this.#leftUnknown) left.delete(one);
      this.#leftUnknown.clear();
    }
    if (type === 'session.welcome' || (type === 'ack' && data?.rooms)) {
      for (const one of data?.rooms ?? []) {
        if (one.epoch === undefined || one.seq === undefined) continue;
        witness.placed(one.room, one.epoch, one.seq);
        if (type === 'session.welcome') witness.announced(one.room, one.epoch, one.seq);
      }
    }
    if (type !== 'ack' || data?.room === undefined) return;
    if (data.status === 'left') {
      // It is in the room where it moved to, and leaves it there next.
      if (this.#heir(socket)) return;
      const from = data.room;
      const before = ignored();
      left.add(from);
      // The client has it by the end of this turn. A request that had timed out left no trace in it (A2.5): it still
      // believes itself in the room, and goes on on its next connection where it stood.
      queueMicrotask(() => {
        if (ignored() === before) {
          this.#gone.add(from);
          witness.left(from);
          return;
        }
        this.#leftUnknown.add(from);
        witness.letGo(from);
      });
    } else if (data.epoch !== undefined && data.seq !== undefined) {
      left.delete(data.room);
      this.#leftUnknown.delete(data.room);
      const { room: into, epoch, seq: at } = data;
      witness.placed(into, epoch, at);
      const before = ignored();
      // The same here: a request that had timed out tells the client nothing.
      queueMicrotask(() => {
        if (ignored() === before) witness.announced(into, epoch, at);
        else witness.letIn(into, epoch, at);
      });
    }
  }
}
