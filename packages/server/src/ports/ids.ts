/** What only a strong source of randomness may make. */
export interface Ids {
  /** An id nobody else has, such as `msg-01jd…`. Later ids sort after earlier ones; `[a-z0-9-]`, at most 64 characters. */
  next(kind: string): string;
  /** Something nobody can guess, 256 bits, base64url. */
  secret(): string;
}
