import { BOUNDS } from './bounds.js';
import type { OutgoingEvent } from './outgoing-event.js';

/** What reaches a connection from both sides while its rooms are still being read. */
export class EarlyArrivals {
  #frames: string[] = [];
  #bytes = 0;
  #events: OutgoingEvent[] = [];

  /** From the client. @returns false when it is one too many */
  frame(frame: string): boolean {
    this.#bytes += frame.length;
    if (this.#frames.length >= BOUNDS.earlyFrames || this.#bytes > BOUNDS.earlyBytes) return false;
    this.#frames.push(frame);
    return true;
  }

  /** About the user: whether it is news depends on what the rooms turn out to be. @returns false when it is one too many */
  event(event: OutgoingEvent): boolean {
    if (this.#events.length >= BOUNDS.earlyEvents) return false;
    this.#events.push(event);
    return true;
  }

  takeFrames(): readonly string[] {
    this.#bytes = 0;
    return this.#frames.splice(0);
  }

  takeEvents(): readonly OutgoingEvent[] {
    return this.#events.splice(0);
  }
}
