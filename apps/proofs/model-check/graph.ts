/** The states by number, how each was reached first, and which move leads where. */
export class Graph {
  #from = new Int32Array(1 << 16);
  #to = new Int32Array(1 << 16);
  #edges = 0;
  /** Edges that cost a fault are no way out. */
  #free = new Uint8Array(1 << 16);
  #parent = new Int32Array(1 << 16).fill(-1);
  #choice = new Uint8Array(1 << 16);
  readonly #good: number[] = [];

  get edges(): number {
    return this.#edges;
  }

  good(id: number): void {
    this.#good.push(id);
  }

  edge(
    from: number,
    to: number,
    choice: number,
    { first, fault }: { readonly first: boolean; readonly fault: boolean },
  ): void {
    if (this.#edges === this.#from.length) this.#growEdges();
    this.#from[this.#edges] = from;
    this.#to[this.#edges] = to;
    this.#free[this.#edges] = fault ? 0 : 1;
    this.#edges++;
    if (!first) return;
    while (to >= this.#parent.length) this.#growStates();
    this.#parent[to] = from;
    this.#choice[to] = choice;
  }

  /** Which move to choose at each state of a shortest way there. */
  wayTo(id: number): number[] {
    const way: number[] = [];
    for (let at = id; (this.#parent[at] ?? -1) >= 0; at = this.#parent[at] ?? -1)
      way.push(this.#choice[at] ?? 0);
    return way.reverse();
  }

  /** The state nearest to the beginning from which no way without a fault leads to a good one; undefined: there is none. */
  firstThatCannotEndWell(states: number): number | undefined {
    const { starts, sources } = this.#backwards(states);
    const well = new Uint8Array(states);
    const next = [...this.#good];
    for (const id of next) well[id] = 1;
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      for (let at = starts[id] ?? 0; at < (starts[id + 1] ?? 0); at++) {
        const source = sources[at] ?? 0;
        if (well[source] === 1) continue;
        well[source] = 1;
        next.push(source);
      }
    }
    const stuck = well.indexOf(0);
    return stuck < 0 ? undefined : stuck;
  }

  /** For each state those that lead to it. */
  #backwards(states: number): { readonly starts: Int32Array; readonly sources: Int32Array } {
    const starts = new Int32Array(states + 1);
    for (let edge = 0; edge < this.#edges; edge++) {
      if (this.#free[edge]) starts[(this.#to[edge] ?? 0) + 1] = (starts[(this.#to[edge] ?? 0) + 1] ?? 0) + 1;
    }
    for (let id = 0; id < states; id++) starts[id + 1] = (starts[id + 1] ?? 0) + (starts[id] ?? 0);
    const fill = starts.slice();
    const sources = new Int32Array(starts[states] ?? 0);
    for (let edge = 0; edge < this.#edges; edge++) {
      if (!this.#free[edge]) continue;
      const to = this.#to[edge] ?? 0;
      const at = fill[to] ?? 0;
      sources[at] = this.#from[edge] ?? 0;
      fill[to] = at + 1;
    }
    return { starts, sources };
  }

  #growEdges(): void {
    this.#from = doubled(this.#from);
    this.#to = doubled(this.#to);
    const free = new Uint8Array(this.#free.length * 2);
    free.set(this.#free);
    this.#free = free;
  }

  #growStates(): void {
    const before = this.#parent.length;
    this.#parent = doubled(this.#parent).fill(-1, before);
    const choice = new Uint8Array(before * 2);
    choice.set(this.#choice);
    this.#choice = choice;
  }
}

function doubled(before: Int32Array): Int32Array<ArrayBuffer> {
  const wider = new Int32Array(before.length * 2);
  wider.set(before);
  return wider;
}
