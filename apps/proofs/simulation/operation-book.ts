import { GoConnectError } from '@goconnect/client';
import type { Ledger } from './ledger.js';

export type Outcome =
  | { readonly kind: 'pending' }
  /** Its process died: nobody holds its promise any more. */
  | { readonly kind: 'orphaned' }
  | { readonly kind: 'acked'; readonly messageId: string }
  | {
      readonly kind: 'failed';
      readonly code: string;
      readonly sent: boolean;
      /** Whether it had one when the client was told. */
      readonly effect: 'before' | 'none yet';
    };

export interface Issued {
  /** Unique: the effect is known by it. */
  readonly words: string;
  readonly scope: string;
  /** The device that asked, over all its lives. */
  readonly seat: string;
  readonly life: number;
  /** Whose order it stands in. */
  readonly outbox: string;
  /** `ordered`: stands behind what the device said before. `shared`: others may cause the same effect. */
  readonly place: 'ordered' | 'anywhere' | 'shared';
  outcome: Outcome;
}

/** Every mutation that anybody asked for, and what came of it (promises 1, 2 and 4). */
export class OperationBook {
  readonly #ledger: Ledger;
  readonly #fault: (what: string) => void;
  readonly #contract: 'base' | 'v1';
  readonly #nodes: 1 | 2;
  readonly #issued: Issued[] = [];
  /** Words of stored operations that a later life of their client gave up, not knowing what had become of them; and that life. */
  readonly #doubted = new Map<string, number>();
  /** The latest life of each device that is over. */
  readonly #ended = new Map<string, number>();

  constructor(
    ledger: Ledger,
    { contract, nodes }: { readonly contract: 'base' | 'v1'; readonly nodes: 1 | 2 },
    fault: (what: string) => void,
  ) {
    this.#ledger = ledger;
    this.#contract = contract;
    this.#nodes = nodes;
    this.#fault = fault;
  }

  get issued(): readonly Issued[] {
    return this.#issued;
  }

  /** Follows an operation to its end. */
  follow(operation: Omit<Issued, 'outcome'>, outcome: Promise<{ readonly message_id: string }>): void {
    const issued: Issued = { ...operation, outcome: { kind: 'pending' } };
    this.#issued.push(issued);
    outcome.then(
      ({ message_id }) => this.#acked(issued, message_id),
      (error: unknown) => this.#failed(issued, GoConnectError.from(error)),
    );
  }

  /** The process of this life ended. */
  ended(seat: string, life: number): void {
    this.#ended.set(seat, life);
    for (const issued of this.#issued) {
      if (issued.seat === seat && issued.life === life && issued.outcome.kind === 'pending')
        issued.outcome = { kind: 'orphaned' };
    }
  }

  /** The client told that it does not know what became of a stored operation. */
  doubt(words: string, life: number): void {
    this.#doubted.set(words, life);
  }

  /** The log was lost: what was acked so far is gone with it, which is told as a loss of the epoch. */
  forget(): void {
    const left = this.#issued.filter(({ outcome }) => outcome.kind === 'pending');
    this.#issued.splice(0, this.#issued.length, ...left);
  }

  judge(): void {
    for (const issued of this.#issued) this.#judgeOne(issued);
    this.#judgeOrder();
  }

  #acked(issued: Issued, messageId: string): void {
    if (issued.outcome.kind === 'orphaned') return;
    issued.outcome = { kind: 'acked', messageId };
    const [effect] = this.#ledger.effects(issued.words);
    if (!effect && this.#ledger.isLostEffect(issued.words))
      this.#issued.splice(this.#issued.indexOf(issued), 1);
    else if (!effect) this.#fault(`promise 1: "${issued.words}" was acked and is not durable`);
    else if (idOf(effect.entry.data) !== messageId)
      this.#fault(
        `promise 1: "${issued.words}" was acked as ${messageId}, which is ${idOf(effect.entry.data)}`,
      );
  }

  #failed(issued: Issued, { code, sent }: GoConnectError): void {
    if (issued.outcome.kind === 'orphaned') return;
    const inTime = this.#ledger.effects(issued.words).length > 0;
    issued.outcome = { kind: 'failed', code, sent, effect: inTime ? 'before' : 'none yet' };
  }

  #judgeOne({ words, outcome, place }: Issued): void {
    const count = this.#ledger.effects(words).length;
    if (outcome.kind === 'pending') this.#fault(`promise 4: "${words}" never settled`);
    if (outcome.kind === 'acked' && count !== 1)
      this.#fault(`promise 1: "${words}" was acked and is in the log ${count} times`);
    if (outcome.kind !== 'failed' || count === 0 || place === 'shared') return;
    // What was closed with its outbox on a disk goes on in the next life of the client.
    if (outcome.code === 'closed') return;
    // Refused by the node that was asked last, and carried out later by the one with which an earlier sending lay.
    if (outcome.effect === 'none yet' && this.#mayStillArrive(words, outcome)) return;
    if (!outcome.sent || outcome.code.startsWith('ERR_'))
      this.#fault(`promise 4: "${words}" failed with ${outcome.code} and took effect all the same`);
  }

  /**
   * What the client gave up after it was sent may lie in the inbox of a node that sleeps, or on a line to it, while the
   * client goes on with the other one. Where there is one node, a newer connection of the same life ends that (A6.5).
   */
  #mayStillArrive(words: string, outcome: Outcome): boolean {
    if (this.#nodes === 1) return false;
    return (outcome.kind === 'failed' && outcome.sent) || this.#doubted.has(words);
  }

  /** The life that sent it and did not wait for what came of it any longer. */
  #gaveUpIn({ words, life, outcome }: Issued): number {
    const gaveUp = outcome.kind === 'failed' && outcome.sent && outcome.effect === 'none yet';
    return gaveUp ? life : (this.#doubted.get(words) ?? Number.POSITIVE_INFINITY);
  }

  /** What went through one outbox into one scope is there in the order in which it was said. */
  #judgeOrder(): void {
    const last = new Map<string, { readonly seq: number; readonly words: string }>();
    for (const issued of this.#issued) {
      const { seat, outbox, scope, words, place, outcome } = issued;
      const [effect] = this.#ledger.effects(words);
      if (!effect || place !== 'ordered') continue;
      // On a base server what nobody answered may still arrive, and is not repeated: its place is unknown (A2.5).
      if (this.#contract === 'base' && outcome.kind !== 'acked') continue;
      if (this.#mayStillArrive(words, outcome)) continue;
      // Its process ended since, and its line did not: to the server that is another client (B1.4), which nobody replaces.
      if (this.#gaveUpIn(issued) <= (this.#ended.get(seat) ?? 0)) continue;
      const { seq } = effect.entry;
      const before = last.get(`${outbox} ${scope}`);
      if (before && before.seq > seq)
        this.#fault(
          `order: ${seat} said "${before.words}" before "${words}", the log of ${scope} has it after`,
        );
      last.set(`${outbox} ${scope}`, { seq, words });
    }
  }
}

function idOf(data: unknown): string | undefined {
  const { id, message_id } = data as Record<string, string | undefined>;
  return id ?? message_id;
}
