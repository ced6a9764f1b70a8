import { fields, list, text } from '../api/parse.js';
import { type Draft, emptyDraft } from '../state/draft.js';

/** What only this tab knows, kept over a reload. It goes with the tab, and at signing out. */
export interface TabMemory {
  /** What was typed in a room and not sent. */
  draft(scope: string): Draft;
  keepDraft(scope: string, draft: Draft): void;
  /** Networks that one has asked to join; the server does not tell. */
  readonly asked: readonly string[];
  keepAsked(networkIds: readonly string[]): void;
  forget(): void;
}

interface Kept {
  readonly drafts: Readonly<Record<string, Draft>>;
  readonly asked: readonly string[];
}

const NOTHING: Kept = { drafts: {}, asked: [] };

/** What cannot be read counts as nothing. What cannot be kept lives as long as the page does. */
export function createTabMemory(storage: Storage, userId: string): TabMemory {
  const key = `goconnect.tab.${userId}`;
  let kept = parse(storage.getItem(key));
  const keep = (change: Partial<Kept>) => {
    kept = { ...kept, ...change };
    try {
      storage.setItem(key, JSON.stringify(kept));
    } catch {
      // Full, or forbidden here.
    }
  };
  return {
    draft: (scope) => kept.drafts[scope] ?? emptyDraft,
    keepDraft(scope, draft) {
      const { [scope]: _, ...others } = kept.drafts;
      const empty = draft.body === '' && draft.attachments.length === 0;
      keep({ drafts: empty ? others : { ...others, [scope]: draft } });
    },
    get asked() {
      return kept.asked;
    },
    keepAsked: (asked) => keep({ asked }),
    forget() {
      kept = NOTHING;
      storage.removeItem(key);
    },
  };
}

function parse(stored: string | null): Kept {
  if (stored === null) return NOTHING;
  try {
    const of = fields(JSON.parse(stored));
    const drafts = Object.entries(fields(of.drafts)).map(([scope, draft]) => [scope, draftIn(draft)]);
    return { drafts: Object.fromEntries(drafts), asked: list(of.asked).map(String) };
  } catch {
    return NOTHING;
  }
}

function draftIn(value: unknown): Draft {
  const of = fields(value);
  return { body: text(of, 'body'), attachments: list(of.attachments).map(String) };
}
