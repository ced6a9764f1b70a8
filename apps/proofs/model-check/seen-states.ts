/** Numbers states by a 64-bit hash of their text, 12 bytes a state: among 10 million, two share one with a chance of 3 in a million. */
export class SeenStates {
  #size = 0;
  #slots = new Int32Array(1 << 16).fill(-1);
  #high = new Uint32Array(1 << 15);
  #low = new Uint32Array(1 << 15);

  get size(): number {
    return this.#size;
  }

  /** The number of a state, and whether it is a new one. */
  add(text: string): { readonly id: number; readonly isNew: boolean } {
    if (this.#size === this.#high.length) this.#grow();
    const [high, low] = hash(text);
    const mask = this.#slots.length - 1;
    let at = low & mask;
    for (let id = this.#slots[at] ?? -1; id >= 0; id = this.#slots[at] ?? -1) {
      if (this.#low[id] === low && this.#high[id] === high) return { id, isNew: false };
      at = (at + 1) & mask;
    }
    const id = this.#size++;
    this.#slots[at] = id;
    this.#high[id] = high;
    this.#low[id] = low;
    return { id, isNew: true };
  }

  #grow(): void {
    const capacity = this.#high.length * 2;
    this.#high = widened(this.#high, capacity);
    this.#low = widened(this.#low, capacity);
    this.#slots = new Int32Array(capacity * 2).fill(-1);
    const mask = this.#slots.length - 1;
    for (let id = 0; id < this.#size; id++) {
      let at = (this.#low[id] ?? 0) & mask;
      while ((this.#slots[at] ?? -1) >= 0) at = (at + 1) & mask;
      this.#slots[at] = id;
    }
  }
}

function widened(before: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
  const wider = new Uint32Array(capacity);
  wider.set(before);
  return wider;
}

/** Two independent 32-bit hashes, each mixed at the end. */
function hash(text: string): readonly [high: number, low: number] {
  let a = 0x811c9dc5;
  let b = 0x9e3779b9;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul((b << 5) ^ (b >>> 27) ^ code, 0x85ebca6b);
  }
  return [mixed(a ^ text.length), mixed(b)];
}

function mixed(value: number): number {
  let x = value;
  x = Math.imul(x ^ (x >>> 16), 0x7feb352d);
  x = Math.imul(x ^ (x >>> 15), 0x846ca68b);
  return (x ^ (x >>> 16)) >>> 0;
}
