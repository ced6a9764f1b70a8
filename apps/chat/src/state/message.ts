/** A message as the server tells it, in events and in history alike. */
export interface Message {
  readonly id: string;
  readonly scope: string;
  readonly user_id: string;
  /** Empty once deleted, the mask once redacted. */
  readonly body: string;
  readonly redacted: boolean;
  readonly deleted_at: string | null;
  readonly edited_at?: string | null;
  readonly attachments: readonly string[];
  /** RFC 3339, UTC. */
  readonly created_at: string;
}

/** What a person can do to a message that is there. */
export type ChangeKind = 'edit' | 'delete' | 'redact';

export function createdAt(message: Message): number {
  return Date.parse(message.created_at);
}

export function edited(message: Message, body: string, at: string): Message {
  return { ...message, body, edited_at: at };
}

export function softlyDeleted(message: Message, at: string): Message {
  return { ...message, body: '', attachments: [], deleted_at: at };
}

export function redacted(message: Message, mask: string): Message {
  return { ...message, body: mask, attachments: [], redacted: true };
}
