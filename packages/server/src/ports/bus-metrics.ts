import type { BusLine } from './bus.js';

/**
 * Why messages came to nothing: there was no line to the others, too much was waiting on it, one was larger than a bus
 * carries, or what came was none of ours.
 */
export const BUS_DROPS = ['no_line', 'slow_line', 'too_large', 'unreadable'] as const;
export type BusDrop = (typeof BUS_DROPS)[number];

/** What a bus counts of its line to other nodes. An implementation MUST be cheap and MUST NOT throw. */
export interface BusMetrics {
  line(line: BusLine): void;
  /** Messages handed to the line, own ones only. */
  published(messages: number): void;
  /** Messages of other nodes. */
  heard(messages: number): void;
  dropped(reason: BusDrop, messages: number): void;
}
