// @vitest-environment jsdom
import { beforeEach, expect, it } from 'vitest';
import { createTabMemory, forgetTab } from './tab-memory.js';

const draft = { body: 'half a thought', attachments: ['https://x.example/a.png'] };
const empty = { body: '', attachments: [] };

beforeEach(() => sessionStorage.clear());
const reload = (userId = 'ada') => createTabMemory(sessionStorage, userId);

it('brings back what was typed in each room, and what one asked for', () => {
  const before = reload();
  before.keepDraft('host', draft);
  before.keepDraft('network:lobby', { ...draft, body: 'another' });
  before.keepAsked(['attic']);
  const after = reload();
  expect(after.draft('host')).toEqual(draft);
  expect(after.draft('network:lobby').body).toBe('another');
  expect(after.draft('network:attic')).toEqual(empty);
  expect(after.asked).toEqual(['attic']);
});

it('forgets a draft that was sent', () => {
  reload().keepDraft('host', draft);
  reload().keepDraft('host', empty);
  expect(reload().draft('host')).toEqual(empty);
  expect(sessionStorage.getItem('goconnect.tab.ada')).not.toContain('host');
});

it('shows nobody what somebody else typed, and does not keep it', () => {
  reload('ada').keepDraft('host', draft);
  expect(reload('grace').draft('host')).toEqual(empty);
  expect(sessionStorage.length).toBe(0);
});

it('leaves nothing behind at signing out, also of what comes after it', () => {
  const memory = reload();
  memory.keepDraft('host', draft);
  memory.keepAsked(['attic']);
  memory.forget();
  expect([memory.draft('host'), memory.asked]).toEqual([empty, []]);
  memory.keepAsked(['attic']);
  memory.keepDraft('host', draft);
  expect(sessionStorage.length).toBe(0);
});

it('is forgotten whosever it is where nobody is signed in, and nothing else is', () => {
  reload().keepDraft('host', draft);
  sessionStorage.setItem('goconnect.login', 'x');
  forgetTab(sessionStorage);
  expect(Object.keys(sessionStorage)).toEqual(['goconnect.login']);
});

it.each([
  '',
  '{',
  '[]',
  '{"drafts":[],"asked":[]}',
  '{"drafts":{"host":{"body":1}},"asked":[]}',
  '{"drafts":{},"asked":7}',
])('takes %j, which it did not write, for nothing', (stored) => {
  sessionStorage.setItem('goconnect.tab.ada', stored);
  expect([reload().draft('host'), reload().asked]).toEqual([empty, []]);
});

it('goes on in memory where nothing can be stored', () => {
  const full: Storage = {
    length: 0,
    key: () => null,
    getItem: () => null,
    setItem() {
      throw new DOMException('full', 'QuotaExceededError');
    },
    removeItem() {},
    clear() {},
  };
  const memory = createTabMemory(full, 'ada');
  memory.keepDraft('host', draft);
  expect(memory.draft('host')).toEqual(draft);
});
