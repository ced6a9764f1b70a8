/** Something that went wrong, in words for a person. */
export interface Problem {
  /** A code of the server, of the SDK, or `unexpected`. */
  readonly code: string;
  /** What happened and what to do about it; one or two sentences. */
  readonly text: string;
  /** It may have taken effect all the same: it was sent, and the answer never came. */
  readonly unknown: boolean;
}
