/** What happened in a history, in order: a hash of all of it, and the lines themselves where somebody wants to read. */
export class Trace {
  readonly lines: string[] = [];
  #a = 0x811c9dc5;
  #b = 0x9e3779b9;

  constructor(
    private readonly now: () => number,
    private readonly keep: boolean,
  ) {}

  note(what: string): void {
    const line = `${this.now()} ${what}`;
    for (let index = 0; index < line.length; index++) {
      const code = line.charCodeAt(index);
      this.#a = Math.imul(this.#a ^ code, 0x01000193);
      this.#b = Math.imul(this.#b ^ (code + index), 0x85ebca6b);
    }
    if (this.keep) this.lines.push(line);
  }

  get hash(): string {
    return [this.#a, this.#b].map((half) => (half >>> 0).toString(16).padStart(8, '0')).join('');
  }
}
