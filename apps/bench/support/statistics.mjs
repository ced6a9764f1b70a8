/** @param {readonly number[]} values @param {number} share 0.5 is the median */
export function quantile(values, share) {
  const sorted = Float64Array.from(values).sort();
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? Number.NaN;
  const above = sorted[Math.ceil(place)] ?? Number.NaN;
  return below + (above - below) * (place - Math.floor(place));
}

/** @param {readonly number[]} values */
export const median = (values) => quantile(values, 0.5);

/** Three digits that count, never an exponent. @param {number} value */
export function digits(value) {
  if (!Number.isFinite(value)) return '–';
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** The median, and between which bounds all rounds were. @param {readonly number[]} values */
export function spread(values) {
  const middle = digits(median(values));
  return values.length > 1
    ? `${middle} (${digits(Math.min(...values))}–${digits(Math.max(...values))})`
    : middle;
}
