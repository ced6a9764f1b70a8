/**
 * True when `value` has everything that `part` has: objects by their own keys, arrays item by item, the rest by
 * `Object.is`. A function in `part` is asked.
 */
export function matches(value: unknown, part: unknown): boolean {
  if (typeof part === 'function') return Boolean((part as (value: unknown) => unknown)(value));
  if (isAsymmetric(part)) return part.asymmetricMatch(value);
  if (Array.isArray(part)) {
    return (
      Array.isArray(value) &&
      value.length === part.length &&
      part.every((item, index) => matches(value[index], item))
    );
  }
  if (typeof part !== 'object' || part === null) return Object.is(value, part);
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(part).every(([key, inner]) =>
    matches((value as Record<string, unknown>)[key], inner),
  );
}

/** `expect.stringContaining('…')` and the like, of vitest and jest alike. */
function isAsymmetric(part: unknown): part is { asymmetricMatch(value: unknown): boolean } {
  return (
    typeof part === 'object' &&
    part !== null &&
    'asymmetricMatch' in part &&
    typeof part.asymmetricMatch === 'function'
  );
}
