/** A timer that waits. `machine` tells whose it is; `order` keeps timers of one instant in the order they were set. */
export interface Timer {
  at: number;
  readonly order: number;
  readonly machine: object;
  /** Undefined once the timer fired or was cleared. */
  callback: (() => void) | undefined;
}

/** Timers by time, then by order: a binary heap, because simulations set and clear them by the million. */
export class TimerQueue {
  readonly #heap: Timer[] = [];

  push(timer: Timer): void {
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
  }

  /** The next timer that still waits, left where it is. */
  peek(): Timer | undefined {
    while (this.#heap[0] && this.#heap[0].callback === undefined) this.pop();
    return this.#heap[0];
  }

  pop(): Timer | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first && last && first !== last) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  /** All that wait, in the order in which they will fire. */
  waiting(): Timer[] {
    return this.#heap.filter((timer) => timer.callback !== undefined).sort(before);
  }

  /** Changes times of many at once: a machine fell asleep. */
  reschedule(change: (timer: Timer) => void): void {
    const timers = this.waiting();
    this.#heap.length = 0;
    for (const timer of timers) {
      change(timer);
      this.push(timer);
    }
  }

  clear(): void {
    for (const timer of this.#heap) timer.callback = undefined;
    this.#heap.length = 0;
  }

  #rise(start: number): void {
    const heap = this.#heap;
    for (let index = start; index > 0; ) {
      const parent = (index - 1) >> 1;
      if (before(heap[parent] as Timer, heap[index] as Timer) <= 0) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  #sink(start: number): void {
    const heap = this.#heap;
    for (let index = start; ; ) {
      let least = index;
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < heap.length && before(heap[child] as Timer, heap[least] as Timer) < 0) least = child;
      }
      if (least === index) return;
      this.#swap(least, index);
      index = least;
    }
  }

  #swap(one: number, other: number): void {
    const heap = this.#heap;
    [heap[one], heap[other]] = [heap[other] as Timer, heap[one] as Timer];
  }
}

function before(one: Timer, other: Timer): number {
  return one.at - other.at || one.order - other.order;
}
