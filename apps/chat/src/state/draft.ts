/** What a person wants to say. */
export interface Draft {
  /** Text, 1 to 4096 code points (A3.5). */
  readonly body: string;
  /** Web addresses, at most 10. */
  readonly attachments: readonly string[];
}

export const emptyDraft: Draft = { body: '', attachments: [] };
