/** Those at the front that have so many bytes together at most; at least one, where there is any. */
export function withinBytes<T>(
  items: readonly T[],
  mostBytes: number,
  bytesOf: (item: T) => number,
): readonly T[] {
  let bytes = 0;
  const end = items.findIndex((item) => {
    bytes += bytesOf(item);
    return bytes > mostBytes;
  });
  return end < 0 ? items : items.slice(0, Math.max(1, end));
}
