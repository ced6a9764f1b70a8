import type { SeededRandom } from '../chance/random.js';
import type { Fault } from './fault.js';

/** One direction of one connection, as far as its past matters for what comes next. */
export interface Link {
  /** When the last frame that was handed in arrives: none behind it arrives earlier. */
  readonly lastArrival: number;
  /** When the wire has sent all that was handed in (bandwidth, slow reader). */
  readonly freeAt: number;
}

/** Turns over one bit of `payload`, in place. */
export function turnOver(payload: Uint8Array, { place, bit }: Flip): void {
  const at = place * payload.length;
  const index = Math.floor(at);
  payload[index] = (payload[index] ?? 0) ^ (1 << (bit ?? Math.floor((at - index) * 8)));
}

export const freshLink: Link = { lastArrival: 0, freeAt: 0 };

/** One bit to turn over: in the byte this fraction of the way through the payload; `bit` 0 to 7, default: by the fraction, too. */
export interface Flip {
  readonly place: number;
  readonly bit: number | undefined;
}

/** What becomes of a frame. Times are of the clock's monotonic time. */
export type Passage =
  /** Arrives `copies` times, with one bit turned over or none. */
  | { readonly kind: 'arrives'; readonly at: number; readonly copies: number; readonly flip?: Flip }
  /** Waits until the fault that holds it ends, if ever. */
  | { readonly kind: 'held' }
  /** So many bytes of the payload pass, then the connection breaks. */
  | { readonly kind: 'breaks'; readonly afterBytes: number; readonly at: number };

/** Default of `drop.stallMs`: about the first retransmission timeouts of TCP. */
const RETRANSMISSION_MS = 1_000;

/**
 * Sends a frame of `bytes` down a link under the faults that hold now. Pure but for the draws from `random`, which
 * happen in the order of the faults and in equal number whatever comes out, so that a run can be repeated.
 */
export function transmit(
  link: Link,
  faults: readonly Fault[],
  bytes: number,
  now: number,
  random: SeededRandom,
): { readonly link: Link; readonly passage: Passage } {
  let delay = 0;
  let freeAt = Math.max(link.freeAt, now);
  let copies = 1;
  let flip: Flip | undefined;
  let cut: number | undefined;
  let held = false;
  for (const fault of faults) {
    switch (fault.kind) {
      case 'delay':
        delay += fault.ms + random() * (fault.jitterMs ?? 0);
        break;
      case 'drop':
        if (random.chance(fault.probability)) delay += fault.stallMs ?? RETRANSMISSION_MS;
        break;
      case 'reorder':
        if (random.chance(fault.probability)) delay += fault.holdMs;
        break;
      case 'duplicate':
        if (random.chance(fault.probability)) copies = 2;
        break;
      case 'bit_flip': {
        const hit = random.chance(fault.probability);
        const place = random();
        if (hit) flip = { place, bit: fault.bit };
        break;
      }
      case 'bandwidth':
      case 'slow_reader':
        freeAt += (bytes / fault.bytesPerSecond) * 1_000;
        break;
      case 'truncate':
        cut = fault.bytes;
        break;
      case 'half_open':
      case 'black_hole':
        held = true;
        break;
      default:
        break;
    }
  }
  if (held) return { link, passage: { kind: 'held' } };
  const at = Math.max(freeAt + delay, link.lastArrival);
  const next: Link = { lastArrival: at, freeAt };
  if (cut !== undefined) return { link: next, passage: { kind: 'breaks', afterBytes: cut, at } };
  return { link: next, passage: { kind: 'arrives', at, copies, ...(flip !== undefined && { flip }) } };
}
