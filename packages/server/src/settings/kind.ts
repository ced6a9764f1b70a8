/** A kind of value that a setting may have: how it is written, read and described. */
export interface Kind<T> {
  /** What is accepted, as it stands in an error text: `a duration such as 10s …`. */
  readonly accepts: string;
  /** `undefined` when the text is not of this kind. Never throws. */
  parse(text: string): T | undefined;
  /** The inverse of `parse`. */
  format(value: T): string;
}
