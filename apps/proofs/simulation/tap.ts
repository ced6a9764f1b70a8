import type { FakeWebSocketConstructor, SocketEndpoint } from '@goconnect/testkit';
import type { MortalClock } from './mortal-clock.js';
import type { PlantedBug } from './planted-bug.js';
import type { Witness } from './witness.js';

interface TapDeps {
  readonly name: string;
  readonly clock: MortalClock;
  readonly witness: Witness;
  readonly bug: PlantedBug;
  readonly left: Set<string>;
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

/** After so long a silence a line is given up (promise 6): 35 s, and one in which a new one may be greeted. */
const SILENCE_MS = 36_100;
/** At most one live socket, two during a move. */
const MOST_SOCKETS = 2;

/** Listens at the sockets of one life of a client. */
export class Tap {
  readonly urls = new Set<string>();
  readonly #deps: TapDeps;
  readonly #open = new Map<SocketEndpoint, { heardAt: number }>();

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
      constructor(...args: ConstructorParameters<FakeWebSocketConstructor>) {
        super(...args);
        tap.#dialled(this);
        this.addEventListener('open', () => tap.#opened(this));
        this.addEventListener('close', () => tap.#gone(this));
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
        tap.#gone(this);
        super.close(code, reason);
      }
    } as FakeWebSocketConstructor;
  }

  /** Holds the sockets against their bounds, now. */
  inspect(): void {
    const { name, clock, fault } = this.#deps;
    const now = clock.monotonic();
    for (const { heardAt } of this.#open.values()) {
      if (now - heardAt > SILENCE_MS)
        fault(`promise 6: ${name} keeps a line that was silent for ${now - heardAt} ms`);
    }
    if (this.#open.size > MOST_SOCKETS) fault(`promise 5: ${name} has ${this.#open.size} open sockets`);
  }

  #dialled(socket: SocketEndpoint): void {
    this.urls.add(socket.url);
    this.#deps.note(`${this.#deps.name} dials`);
  }

  #opened(socket: SocketEndpoint): void {
    this.#open.set(socket, { heardAt: this.#deps.clock.monotonic() });
  }

  #gone(socket: SocketEndpoint): void {
    this.#open.delete(socket);
  }

  #heard(socket: SocketEndpoint, text: string): void {
    const { clock, note, name } = this.#deps;
    const open = this.#open.get(socket);
    if (!clock.alive || !open) return;
    open.heardAt = clock.monotonic();
    note(`${name} < ${text}`);
    this.#read(JSON.parse(text) as Envelope);
  }

  #read({ type, room, seq, data }: Envelope): void {
    const { witness, left } = this.#deps;
    if (room !== undefined && seq !== undefined) witness.arrived(room, seq);
    if (type === 'session.welcome' || (type === 'ack' && data?.rooms)) {
      for (const one of data?.rooms ?? []) {
        if (one.epoch === undefined || one.seq === undefined) continue;
        witness.placed(one.room, one.epoch, one.seq);
        if (type === 'session.welcome') witness.announced(one.room, one.epoch, one.seq);
      }
    }
    if (type !== 'ack' || data?.room === undefined) return;
    if (data.status === 'left') {
      left.add(data.room);
      witness.left(data.room);
    } else if (data.epoch !== undefined && data.seq !== undefined) {
      left.delete(data.room);
      witness.placed(data.room, data.epoch, data.seq);
      witness.announced(data.room, data.epoch, data.seq);
    }
  }
}
