import {
  createFakeNetwork,
  createRandom,
  createVirtualClock,
  type FakeNetwork,
  type SeededRandom,
  type VirtualClock,
  type VirtualMachine,
} from '@goconnect/testkit';
import { Ledger } from './ledger.js';
import { OperationBook } from './operation-book.js';
import { NO_BUG, type PlantedBug } from './planted-bug.js';
import type { Seat } from './seat.js';
import { Spread } from './spread.js';
import { PlainTokens } from './tokens.js';
import { Trace } from './trace.js';
import type { LastDraw } from './waits.js';

export interface HistoryOptions {
  readonly seed: number;
  readonly bug?: PlantedBug;
  /** `base`: the server knows no session extension. Default: `v1`. */
  readonly contract?: 'base' | 'v1';
  /** Default: the seed decides. */
  readonly nodes?: 1 | 2;
  /** Keep the lines of the trace. */
  readonly trace?: boolean;
  /** Where drawn moments are gathered over many histories. Default: over this one. */
  readonly spread?: Spread;
}

/** Two of five histories have two nodes. A server of the base contract is alone: its clients cannot go on elsewhere where they stood. */
function nodesOf(seed: number, contract: 'base' | 'v1'): 1 | 2 {
  return contract === 'v1' && seed % 10 < 4 ? 2 : 1;
}

/** Most faults that one history reports: those after the first are mostly its consequences. */
const MOST_FAULTS = 20;

/** What everyone in a history shares: time, chance, the network, who is there, and the books in which it is written down. */
export class World {
  readonly seed: number;
  readonly bug: PlantedBug;
  readonly contract: 'base' | 'v1';
  readonly random: SeededRandom;
  readonly clock: VirtualClock;
  readonly trace: Trace;
  readonly network: FakeNetwork;
  readonly ledger: Ledger;
  readonly book: OperationBook;
  /** How many server nodes share a database and a bus. */
  readonly nodes: 1 | 2;
  readonly serverMachines: readonly VirtualMachine[];
  readonly accessTtlMs: number;
  readonly tokens: PlainTokens;
  readonly spread: Spread;
  readonly lastDraws = new Map<string, LastDraw>();
  readonly faults: string[] = [];
  readonly seats: Seat[] = [];
  readonly users: string[] = [];
  readonly networks: string[] = [];
  /** Reasons for which a gap is told with right. */
  readonly honestGaps = new Set<string>(['denied']);
  /** Moments in which a node could not tell what it committed: it died with it, or did not know of it. */
  readonly untold = new Set<number>();
  phase: 'before' | 'stormy' | 'calm' | 'over' = 'before';
  /** When the calm begins. */
  calmAt = 0;

  constructor({ seed, bug = NO_BUG, contract = 'v1', trace = false, spread, nodes }: HistoryOptions) {
    const fault = (what: string) => this.fault(what);
    this.seed = seed;
    this.bug = bug;
    this.contract = contract;
    this.spread = spread ?? new Spread();
    this.random = createRandom(seed);
    this.clock = createVirtualClock({ seed });
    this.trace = new Trace(() => this.clock.monotonic(), trace);
    this.network = createFakeNetwork({
      clock: this.clock,
      seed,
      variant: this.random.chance(0.5) ? 'browser' : 'ws',
      bufferBytes: this.random.pick([2_048, 65_536]) ?? 65_536,
    });
    this.ledger = new Ledger(() => this.clock.monotonic(), fault);
    this.nodes = nodes ?? nodesOf(seed, contract);
    this.book = new OperationBook(this.ledger, { contract, nodes: this.nodes }, fault);
    this.serverMachines = Array.from({ length: this.nodes }, () => this.clock.machine());
    this.accessTtlMs = this.random.pick([900_000, 900_000, 60_000, 25_000]) ?? 900_000;
    this.tokens = new PlainTokens(this.serverMachines[0] ?? this.clock.machine(), () => this.accessTtlMs);
  }

  /** Milliseconds until the calm. */
  get left(): number {
    return Math.max(0, this.calmAt - this.clock.monotonic());
  }

  /** So many faults that more are of no interest. */
  get isBroken(): boolean {
    return this.faults.length >= MOST_FAULTS;
  }

  after(ms: number, task: () => void): void {
    this.clock.setTimeout(task, Math.round(ms));
  }

  startSeat(seat: Seat): void {
    if (this.phase !== 'over') seat.start();
  }

  note(what: string): void {
    this.trace.note(what);
  }

  fault(what: string): void {
    if (!this.isBroken) this.faults.push(what);
    this.note(`BROKEN ${what}`);
  }
}
