import type { Clock, Random } from '@goconnect/protocol/validators';
import { type BackoffOptions, backoffDelay } from '../session/backoff.js';
import { GoConnectError } from '../support/goconnect-error.js';
import { createScope, type Scope } from '../support/scope.js';
import type { RequestFunction } from './request-options.js';

export interface MembershipPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly backoff: BackoffOptions;
  readonly restore: RequestFunction;
  /** The server will not have us in a room where we were. */
  onDenied(room: string): void;
  /** Nothing more will be done to enter a room. */
  onNoMore(): void;
  onError(error: unknown): void;
}

type Wish = 'in' | 'out';

/** Rooms that the application entered or left on its own, beyond those where the server puts it. */
export class Memberships {
  readonly #ports: MembershipPorts;
  readonly #wishes = new Map<string, Wish>();
  /** By room, what is under way on the connection in use. */
  readonly #asking = new Map<string, { readonly wish: Wish; readonly scope: Scope }>();

  constructor(ports: MembershipPorts) {
    this.#ports = ports;
  }

  /** `out`: it was left, and will be left again where the server puts us there. */
  wish(room: string): Wish | undefined {
    return this.#wishes.get(room);
  }

  /** It is being entered again, or will be after a pause. */
  enters(room = ''): boolean {
    return this.#asking.get(room)?.wish === 'in';
  }

  /** What the application asked for and got counts. Where we were asking for the opposite, that may take effect behind it: so once more. */
  wished(room: string, wish: Wish): void {
    const before = this.#asking.get(room);
    before?.scope.end();
    this.#asking.delete(room);
    this.#wishes.set(room, wish);
    if (before && before.wish !== wish) this.#ask(room, wish);
  }

  /** Does the same again on a new connection; `present` are the rooms where the server says we are. */
  restore(present: ReadonlySet<string> | undefined): void {
    this.cut();
    for (const [room, wish] of this.#wishes) {
      // A base server does not say where we are: ask for everything.
      if (!present || present.has(room) !== (wish === 'in')) this.#ask(room, wish);
    }
  }

  /** The connection is gone: what was asked for on it is to be asked for on the next. */
  cut(): void {
    for (const { scope } of this.#asking.values()) scope.end();
    this.#asking.clear();
  }

  /** Until it is so, or the server has said for good that it will not be, which is told. */
  #ask(room: string, wish: Wish, tries = 0): void {
    const { clock, random, backoff, restore, onDenied, onNoMore, onError } = this.#ports;
    const scope = createScope(clock);
    const { signal } = scope;
    this.#asking.set(room, { wish, scope });
    restore(wish === 'in' ? 'room.join' : 'room.leave', { room }, { signal }).catch(
      (error: GoConnectError) => {
        if (signal.aborted) return;
        const { code, message, details, retryable, cause } = error;
        onError(new GoConnectError(code, message, { ...error, cause, details: { ...details, room } }));
        if (retryable) {
          scope.after(backoffDelay(tries, random(), backoff), () => this.#ask(room, wish, tries + 1));
          return;
        }
        this.#asking.delete(room);
        // Nothing but the server can say so.
        if (code.startsWith('ERR_')) {
          this.#wishes.delete(room);
          if (wish === 'in') onDenied(room);
        }
        onNoMore();
      },
    );
  }
}
