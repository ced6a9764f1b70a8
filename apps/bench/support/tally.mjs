import { count } from './member.mjs';
import { MARK } from './message.mjs';

/** What a turn may take on a machine that is busy with something else. */
const PATIENCE_MS = 60_000;

/** How many messages each member got. */
export class Tally {
  /** @type {number[]} */
  #heard = [];
  #total = 0;
  /** @type {{ each: number, resolve: () => void } | undefined} */
  #waiting;

  /** @param {number} member @param {Buffer} bytes what it received */
  add(member, bytes) {
    const messages = count(bytes, MARK);
    this.#heard[member] = (this.#heard[member] ?? 0) + messages;
    this.#total += messages;
    this.#tell();
  }

  /** Resolves once everybody has got `each` messages in all: not one less, not one more. @param {number} each */
  async everybodyHeard(each) {
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(this.#complaint(each)), PATIENCE_MS);
      this.#waiting = {
        each,
        resolve() {
          clearTimeout(timer);
          resolve(undefined);
        },
      };
      this.#tell();
    });
    if (this.#heard.some((messages) => messages !== each)) throw this.#complaint(each);
  }

  #tell() {
    if (!this.#waiting || this.#total < this.#waiting.each * this.#heard.length) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  /** @param {number} each */
  #complaint(each) {
    const [least, most] = [Math.min(...this.#heard), Math.max(...this.#heard)];
    return new Error(
      `Each of ${this.#heard.length} members should have ${each} messages; they have ${least} to ${most}.`,
    );
  }
}
