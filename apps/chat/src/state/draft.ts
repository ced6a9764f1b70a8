/** Longest text of a message, in code points (A3.5); `String.length` would count an emoji twice. */
export const MAX_BODY = 4096;

/** What a person wants to say. */
export interface Draft {
  /** 1 to `MAX_BODY` code points. */
  readonly body: string;
  /** Web addresses, at most 10. */
  readonly attachments: readonly string[];
}

export const emptyDraft: Draft = { body: '', attachments: [] };
