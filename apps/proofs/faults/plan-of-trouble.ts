import type { Direction, Fault, FaultKind, FaultPlan, FaultRule } from '@goconnect/testkit';
import { createRandom, type SeededRandom } from '@goconnect/testkit';

/** Close codes that mean "come back" (A7); after others a client is right to stay away. */
const COME_BACK = [1001, 1011, 1012, 1013, 4000, 4400, 4408, 4412] as const;
/** How long what blocks a direction lasts: longer than a client needs to notice, so that it dials into the trouble. */
const BLOCKED_MS = [6_500, 9_000] as const;

/**
 * Trouble of one kind for one connection of a client after the other, in one direction, drawn from a seed. It always
 * ends: what never lets anything through proves nothing about what arrives.
 */
export function planOfTrouble(kind: FaultKind, direction: Direction, seed: string): FaultPlan {
  const random = createRandom(seed);
  return { seed, rules: rulesFor(kind, direction, random) };
}

function rulesFor(kind: FaultKind, direction: Direction, random: SeededRandom): readonly FaultRule[] {
  const lasting = (fault: Fault): FaultRule[] => [
    { fault, direction, afterFrames: random.integer(0, 3), forMs: random.integer(1_500, 2_500) },
  ];
  const blocking = (fault: Fault, rest: Partial<FaultRule>): FaultRule[] => [
    { fault, ...rest, fromMs: random.integer(20, 250), forMs: random.integer(...BLOCKED_MS) },
  ];
  /** Strikes three connections in a row, each after some frames. */
  const striking = (fault: () => Fault): FaultRule[] =>
    [1, 2, 3].map((connection) => ({
      fault: fault(),
      direction,
      connection,
      afterFrames: random.integer(1, 6),
    }));
  switch (kind) {
    case 'delay':
      return lasting({ kind, ms: random.integer(0, 60), jitterMs: random.integer(1, 120) });
    case 'drop':
      return lasting({ kind, probability: 0.3, stallMs: random.integer(50, 400) });
    case 'duplicate':
      return lasting({ kind, probability: 0.7 });
    case 'reorder':
      return lasting({ kind, probability: 0.4, holdMs: random.integer(50, 300) });
    case 'truncate':
      return striking(() => ({ kind, bytes: random.integer(0, 40) }));
    case 'bandwidth':
      return lasting({ kind, bytesPerSecond: random.integer(500, 4_000) });
    case 'slow_reader':
      return lasting({ kind, bytesPerSecond: random.integer(500, 4_000), bufferBytes: 256 });
    case 'half_open':
      return blocking({ kind }, { direction });
    case 'black_hole':
      return blocking({ kind }, {});
    case 'reset':
      return striking(() => ({ kind }));
    case 'close':
      return striking(() => ({ kind, code: random.pick(COME_BACK) ?? 1001, reason: 'forged' }));
    case 'deny_upgrade':
      return [
        { fault: { kind: 'reset' }, direction, connection: 1, afterFrames: random.integer(1, 6) },
        { fault: { kind, status: random.pick([429, 500, 502, 503]) ?? 503 }, fromMs: 30, forMs: 700 },
      ];
    case 'bit_flip':
      // Only damage that a receiver can see: TCP's and TLS's checksums are what stands against the rest.
      return striking(() => ({ kind, probability: 0.5, bit: 7 }));
  }
}
