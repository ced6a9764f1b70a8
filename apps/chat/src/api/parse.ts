/** The page's one parse boundary: HTTP answers are `unknown` before these, and typed after. */
export class UnexpectedAnswer extends Error {
  constructor(path: string) {
    super(`The server's answer is not what was agreed (${path}).`);
    this.name = 'UnexpectedAnswer';
  }
}

export type Fields = Readonly<Record<string, unknown>>;

export function fields(value: unknown, path = 'answer'): Fields {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw new UnexpectedAnswer(path);
  return value as Fields;
}

export function list(value: unknown, path = 'answer'): readonly unknown[] {
  if (!Array.isArray(value)) throw new UnexpectedAnswer(path);
  return value;
}

export function text(of: Fields, key: string): string {
  const value = of[key];
  if (typeof value !== 'string') throw new UnexpectedAnswer(key);
  return value;
}

export function textOr<T>(of: Fields, key: string, otherwise: T): string | T {
  const value = of[key];
  return typeof value === 'string' ? value : otherwise;
}

export function number(of: Fields, key: string): number {
  const value = of[key];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new UnexpectedAnswer(key);
  return value;
}

/** One of the words known here; for a word of a newer server, the given one. */
export function wordOr<T extends string, Otherwise>(
  of: Fields,
  key: string,
  known: readonly T[],
  otherwise: Otherwise,
): T | Otherwise {
  return known.find((word) => word === of[key]) ?? otherwise;
}
