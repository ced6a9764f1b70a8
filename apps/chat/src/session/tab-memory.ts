import { fields, list, text } from '../api/parse.js';
import { type Draft, emptyDraft } from '../state/draft.js';

/** What only this tab knows, kept over a reload. It goes with the tab, at signing out, and when somebody else signs in. */
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
const PREFIX = 'goconnect.tab.';

/** What cannot be read counts as nothing. What cannot be kept lives as long as the page does. */
export function createTabMemory(storage: Storage, userId: string): TabMemory {
  const key = PREFIX + userId;
  forgetTab(storage, key);
  let kept = parse(storage.getItem(key));
  let save = () => {
    try {
      storage.setItem(key, JSON.stringify(kept));
    } catch {
      // Full, or forbidden here.
    }
  };
  const keep = (change: Partial<Kept>) => {
    kept = { ...kept, ...change };
    save();
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
      // What is still on its way to the page is not kept any more.
      save = () => {};
      kept = NOTHING;
      storage.removeItem(key);
    },
  };
}

/** Forgets what was kept in this tab, for anybody but the one whose key is given. */
export function forgetTab(storage: Storage, but?: string): void {
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
  for (const key of keys) if (key.startsWith(PREFIX) && key !== but) storage.removeItem(key);
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
