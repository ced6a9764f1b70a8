import type { SeededRandom } from '../chance/random.js';
import type { Host } from '../time/host.js';
import type { Direction, Fault } from './fault.js';
import { type Frame, flipBit, frameBytes, isData } from './frame.js';
import { freshLink, type Link, transmit } from './link.js';

export interface PipeOptions {
  readonly direction: Direction;
  /** Where the frames arrive: its clock decides when, and a sleeping host gets them when it wakes. */
  readonly receiver: Host;
  /** Monotonic time that both ends and the faults share. */
  readonly now: () => number;
  readonly random: SeededRandom;
  /** Faults that hold for this pipe after so many data frames. */
  readonly faults: (frames: number) => readonly Fault[];
  readonly deliver: (frame: Frame) => void;
  /** A data frame arrived, so many by now: the moment of faults that strike by count. */
  readonly arrived: (frames: number) => void;
}

interface InFlight {
  readonly frame: Frame;
  /** What its arrival takes off `undelivered`; a second copy takes nothing. */
  readonly bytes: number;
  readonly at: number;
}

/** One direction of an in-memory connection: runs the pure link on a clock, in order. */
export class Pipe {
  readonly #options: PipeOptions;
  #link: Link = freshLink;
  #flying: InFlight[] = [];
  #held: Frame[] = [];
  #sent = 0;
  #arrived = 0;
  #undelivered = 0;
  /** Ends what waits for the head of the queue; undefined when nothing flies. */
  #cancelWait: (() => void) | undefined;
  #cut = false;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  /** Bytes handed in that have not arrived. */
  get undelivered(): number {
    return this.#undelivered;
  }

  push(frame: Frame): void {
    if (this.#cut) return;
    this.#undelivered += frameBytes(frame);
    if (this.#held.length > 0) this.#held.push(frame);
    else this.#transmit(frame);
    if (isData(frame)) this.#sent++;
  }

  /** Faults changed: what was held may go on, as TCP sends again. */
  release(): void {
    const held = this.#held;
    this.#held = [];
    for (const frame of held) {
      if (this.#held.length > 0) this.#held.push(frame);
      else this.#transmit(frame);
    }
  }

  /** Ends the pipe: what flies never arrives. */
  cut(): void {
    this.#cut = true;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
    this.#flying = [];
    this.#held = [];
  }

  #transmit(frame: Frame): void {
    const { faults, now, random } = this.#options;
    const { link, passage } = transmit(this.#link, faults(this.#sent), frameBytes(frame), now(), random);
    this.#link = link;
    switch (passage.kind) {
      case 'held':
        this.#held.push(frame);
        return;
      case 'breaks':
        this.#fly({
          frame: isData(frame) ? { kind: 'broken' } : frame,
          bytes: frameBytes(frame),
          at: passage.at,
        });
        return;
      case 'arrives': {
        const arriving = passage.flip === undefined ? frame : flipBit(frame, passage.flip);
        const copies = isData(frame) ? passage.copies : 1;
        for (let copy = 0; copy < copies; copy++) {
          this.#fly({ frame: arriving, bytes: copy === 0 ? frameBytes(frame) : 0, at: passage.at });
        }
      }
    }
  }

  #fly(flying: InFlight): void {
    this.#flying.push(flying);
    if (this.#flying.length === 1) this.#await(flying);
  }

  /** One wait at a time, for the head: nothing can overtake it. */
  #await({ at }: InFlight): void {
    const { receiver, now } = this.#options;
    const left = at - now();
    if (left > 0) {
      const timer = receiver.clock.setTimeout(() => this.#arrive(), left);
      this.#cancelWait = () => receiver.clock.clearTimeout(timer);
      return;
    }
    let wanted = true;
    this.#cancelWait = () => {
      wanted = false;
    };
    receiver.post(() => {
      if (wanted) this.#arrive();
    });
  }

  #arrive(): void {
    const first = this.#flying.shift();
    const next = this.#flying[0];
    this.#cancelWait = undefined;
    if (next) this.#await(next);
    if (!first) return;
    this.#undelivered -= first.bytes;
    this.#options.deliver(first.frame);
    if (isData(first.frame)) this.#options.arrived(++this.#arrived);
  }
}
