import { isObject } from '../support/is-object.js';
import { parsed } from '../support/parsed.js';

/** What stands in a replay for the names of the recording: op_ids of its own, and the ids that this server gave. */
export class Alias {
  readonly #prefix: string;
  readonly #opIds = new Map<string, string>();
  readonly #messages = new Map<string, string>();

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** The same one for the same: a repeat in the recording is a repeat in the replay. */
  opId(recorded: string): string {
    const alias = this.#opIds.get(recorded) ?? `${this.#prefix}-${this.#opIds.size}`;
    this.#opIds.set(recorded, alias);
    return alias;
  }

  /** The text of a request under the names of the replay; what is no request stays as it is. */
  request(text: string): string {
    const value = parsed(text);
    if (!isObject(value) || typeof value.op_id !== 'string' || !isNameable(value.op_id)) return text;
    return JSON.stringify({ ...value, op_id: this.opId(value.op_id), data: this.#renamed(value.data) });
  }

  /** The answers to one request: a message that was made has another id now. */
  learn(recorded: unknown, got: unknown): void {
    if (!isObject(recorded) || !isObject(got)) return;
    const [before, now] = [recorded.message_id, got.message_id];
    if (typeof before === 'string' && typeof now === 'string') this.#messages.set(before, now);
  }

  #renamed(data: unknown): unknown {
    if (!isObject(data) || typeof data.message_id !== 'string') return data;
    return { ...data, message_id: this.#messages.get(data.message_id) ?? data.message_id };
  }
}

/** What the contract refuses as an op_id is part of what is replayed. */
function isNameable(opId: string): boolean {
  return opId.length > 0 && opId.length <= 128;
}
