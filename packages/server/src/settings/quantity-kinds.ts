import type { Kind } from './kind.js';

/** So many events in any window of that length. */
export interface Rate {
  readonly count: number;
  readonly windowMs: number;
}

const DURATION_UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SIZE_UNITS = { B: 1, KB: 1_024, MB: 1_048_576 } as const;

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    accepts: `a whole number from ${min} to ${max}`,
    parse: (text) => (/^\d{1,15}$/.test(text) ? within(Number(text), min, max) : undefined),
    format: String,
  };
}

/** Bounds are written like values: `duration('10ms', '1h')`. The value is milliseconds. */
export function duration(min: string, max: string): Kind<number> {
  return {
    accepts: `a duration from ${min} to ${max}, such as 500ms, 10s, 15m, 2h or 7d`,
    parse: (text) => within(parseDuration(text), parseDuration(min), parseDuration(max)),
    format: formatDuration,
  };
}

/** The value is bytes; 1 KB is 1,024 bytes. */
export function byteSize(min: string, max: string): Kind<number> {
  return {
    accepts: `a size from ${min} to ${max}, such as 4096B, 512KB or 1MB`,
    parse: (text) => within(parseSize(text), parseSize(min), parseSize(max)),
    format: (bytes) => inLargestUnit(bytes, SIZE_UNITS),
  };
}

/** `100/1m`: so many in any window of that length. */
export function rate(maxCount: number): Kind<Rate> {
  return {
    accepts: `a rate such as 100/1m: 1 to ${maxCount} in 1s to 1h`,
    parse: (text) => {
      const [count = '', window = '', ...rest] = text.split('/');
      if (rest.length > 0) return undefined;
      const messages = wholeNumber(1, maxCount).parse(count);
      const windowMs = duration('1s', '1h').parse(window);
      return messages === undefined || windowMs === undefined ? undefined : { count: messages, windowMs };
    },
    format: ({ count, windowMs }) => `${count}/${formatDuration(windowMs)}`,
  };
}

function parseDuration(text: string): number | undefined {
  return parseQuantity(text, /^(\d{1,12})(ms|s|m|h|d)$/, DURATION_UNITS);
}

function parseSize(text: string): number | undefined {
  return parseQuantity(text, /^(\d{1,12})(B|KB|MB)$/, SIZE_UNITS);
}

function formatDuration(milliseconds: number): string {
  return inLargestUnit(milliseconds, DURATION_UNITS);
}

function parseQuantity(
  text: string,
  shape: RegExp,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const [, amount, unit = ''] = shape.exec(text) ?? [];
  const size = units[unit];
  return amount === undefined || size === undefined ? undefined : Number(amount) * size;
}

/** The largest unit that divides the amount: what a person would have written. */
function inLargestUnit(amount: number, units: Readonly<Record<string, number>>): string {
  const fitting = Object.entries(units).filter(([, size]) => amount % size === 0 && amount >= size);
  const [unit, size] = fitting.at(-1) ?? Object.entries(units)[0] ?? ['', 1];
  return `${amount / size}${unit}`;
}

function within(value: number | undefined, min = 0, max = Number.MAX_SAFE_INTEGER): number | undefined {
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
