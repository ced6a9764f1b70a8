import { BOUNDS } from './bounds.js';
import type { OutgoingEvent } from './outgoing-event.js';

/** What reaches a connection from both sides while its rooms are still being read. */
export class EarlyArrivals {
  #frames: string[] = [];
  /** Of all frames, in UTF-16 units. */
  #length = 0;
  #events: OutgoingEvent[] = [];

  /** From the client, kept unless it is one too many. @returns whether there may be more */
  frame(frame: string): 'room' | 'full' | 'too_many' {
    this.#length += frame.length;
    if (this.#length > BOUNDS.earlyCharsMost) return 'too_many';
    this.#frames.push(frame);
    return this.#frames.length < BOUNDS.earlyFrames && this.#length < BOUNDS.earlyChars ? 'room' : 'full';
  }

  /** About the user: whether it is news depends on what the rooms turn out to be. @returns false when it is one too many */
  event(event: OutgoingEvent): boolean {
    if (this.#events.length >= BOUNDS.earlyEvents) return false;
    this.#events.push(event);
    return true;
  }

  takeFrames(): readonly string[] {
    this.#length = 0;
    return this.#frames.splice(0);
  }

  takeEvents(): readonly OutgoingEvent[] {
    return this.#events.splice(0);
  }
}
