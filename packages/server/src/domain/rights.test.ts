import { describe, expect, it } from 'vitest';
import { ROLES } from './entities.js';
import {
  isVisible,
  judgeDelete,
  judgeEdit,
  judgeRedact,
  mayActOn,
  mayGiveRole,
  mayInNetwork,
  NETWORK_OPERATIONS,
  type NetworkOperation,
  PERSONAL_OPERATIONS,
  type Person,
  type PersonalOperation,
} from './rights.js';

const nobody: Person = { userId: 'nobody', role: undefined, isAdmin: false, isModerator: false };
/** Everyone there can be, weakest first. */
const PEOPLE: Readonly<Record<string, Person>> = {
  stranger: nobody,
  ...Object.fromEntries(ROLES.map((role) => [role, { ...nobody, userId: role, role }])),
  watcher: { ...nobody, userId: 'watcher', isModerator: true },
  root: { ...nobody, userId: 'root', isAdmin: true },
};
const NAMES = Object.keys(PEOPLE);
const person = (name: string): Person => PEOPLE[name] ?? nobody;

/** One row a person, one letter a column; a table as people read it. */
function table(columns: readonly string[], cell: (row: string, column: string) => boolean): string {
  const rows = NAMES.map(
    (row) => `${row.padEnd(10)}${columns.map((column) => (cell(row, column) ? 'X' : '.')).join(' ')}`,
  );
  return `\n${rows.join('\n')}\n`;
}

describe('rights in a network', () => {
  it('A3.7 says what each role may do in a network', () => {
    const operations = Object.keys(NETWORK_OPERATIONS) as NetworkOperation[];
    expect(operations).toEqual([
      'read',
      'send',
      'readEdits',
      'patch',
      'invite',
      'readRequests',
      'approve',
      'deny',
      'unban',
      'delete',
    ]);
    expect(
      table(operations, (row, operation) => mayInNetwork(person(row), operation as NetworkOperation)),
    ).toBe(`
stranger  . . . . . . . . . .
member    X X . . . . . . . .
moderator X X X . . . . . . .
admin     X X X X X X X X X .
owner     X X X X X X X X X X
watcher   X . X . . . . . . .
root      X . X X X X X X X X
`);
  });

  // Columns: what is done to a stranger, a member, a moderator, an admin, the owner, a watcher, root.
  const tables: Record<PersonalOperation, string> = {
    kick: `
stranger  . . . . . . .
member    . . . . . . .
moderator X X . . . . .
admin     X X X . . X .
owner     X X X X . X .
watcher   X X . . . . .
root      X X X X . X .
`,
    ban: `
stranger  . . . . . . .
member    . . . . . . .
moderator . . . . . . .
admin     X X X . . X .
owner     X X X X . X .
watcher   . . . . . . .
root      X X X X . X .
`,
    setRole: `
stranger  . . . . . . .
member    . . . . . . .
moderator . . . . . . .
admin     X X X . . X .
owner     X X X X . X .
watcher   . . . . . . .
root      X X X X . X .
`,
    editMessage: `
stranger  . . . . . . .
member    . . . . . . .
moderator . . . . . . .
admin     X X X . . X .
owner     X X X X . X .
watcher   . . . . . . .
root      X X X X X X .
`,
    deleteMessage: `
stranger  . . . . . . .
member    . . . . . . .
moderator X X . . . . .
admin     X X X . . X .
owner     X X X X . X .
watcher   X X . . . . .
root      X X X X X X .
`,
    redactMessage: `
stranger  . . . . . . .
member    . . . . . . .
moderator X X . . . . .
admin     X X X . . X .
owner     X X X X . X .
watcher   X X . . . . .
root      X X X X X X .
`,
  };
  it.each(Object.keys(PERSONAL_OPERATIONS) as PersonalOperation[])(
    'A3.7 lets nobody %s a peer or a superior',
    (operation) => {
      expect(table(NAMES, (row, target) => mayActOn(person(row), operation, person(target)))).toBe(
        tables[operation],
      );
    },
  );

  it('A3.7 lets the owner give any role, an admin only roles below admin', () => {
    const given = (actor: string) =>
      (['member', 'moderator', 'admin'] as const).filter((role) =>
        mayGiveRole(person(actor), person('member'), role),
      );
    expect(given('owner')).toEqual(['member', 'moderator', 'admin']);
    expect(given('root')).toEqual(['member', 'moderator', 'admin']);
    expect(given('admin')).toEqual(['member', 'moderator']);
    expect(given('moderator')).toEqual([]);
    expect(mayGiveRole(person('admin'), person('admin'), 'member')).toBe(false);
    expect(mayGiveRole(person('owner'), person('owner'), 'member')).toBe(false);
  });

  it('A3.4 hides a private network from everyone who is not in it', () => {
    const seenBy = (visibility: 'public' | 'private') =>
      NAMES.filter((name) => isVisible({ visibility }, person(name)));
    expect(seenBy('public')).toEqual(NAMES);
    expect(seenBy('private')).toEqual(NAMES.filter((name) => name !== 'stranger'));
  });
});

describe('rights over a message', () => {
  const WINDOW = 900_000;
  const fresh = { createdAt: 0, deletedAt: null, redacted: false };
  const edit = (
    actor: string,
    author: string,
    now: number,
    message: Partial<typeof fresh> | { deletedAt: number } = {},
  ) =>
    judgeEdit(
      { actor: person(actor), author: person(author), message: { ...fresh, ...message } },
      now,
      WINDOW,
    );

  it('A3.6 lets the author edit until the window closes, to the millisecond', () => {
    expect(edit('member', 'member', WINDOW)).toBe('allowed');
    expect(edit('member', 'member', WINDOW + 1)).toBe('edit_window');
    expect(edit('moderator', 'moderator', WINDOW + 1)).toBe('edit_window');
  });

  it('A3.6 lets an admin edit at any time, but not what a peer or a superior wrote (A3.7)', () => {
    expect(edit('admin', 'member', 10 * WINDOW)).toBe('allowed');
    expect(edit('admin', 'admin', 10 * WINDOW)).toBe('allowed');
    expect(
      judgeEdit(
        { actor: person('admin'), author: { ...person('admin'), userId: 'other' }, message: fresh },
        0,
        WINDOW,
      ),
    ).toBe('rank');
    expect(edit('admin', 'owner', 0)).toBe('rank');
    expect(edit('moderator', 'member', 0)).toBe('rank');
    expect(edit('member', 'moderator', 0)).toBe('rank');
  });

  it.each(NAMES)('A3.6 lets not even %s edit a deleted or redacted message', (name) => {
    expect(edit(name, name, 0, { deletedAt: 1 })).toBe('deleted');
    expect(edit(name, name, 0, { redacted: true })).toBe('redacted');
  });

  it('A3.6 lets the author delete, and a moderator what somebody lower wrote', () => {
    const may = (actor: string, author: string) =>
      judgeDelete({ actor: person(actor), author: person(author) });
    for (const name of NAMES) expect(may(name, name)).toBe('allowed');
    expect(may('moderator', 'member')).toBe('allowed');
    expect(may('moderator', 'stranger')).toBe('allowed');
    expect(may('moderator', 'admin')).toBe('rank');
    expect(may('member', 'stranger')).toBe('rank');
  });

  it('A3.6 lets moderators and up redact, also what they wrote themselves', () => {
    const may = (actor: string, author: string) =>
      judgeRedact({ actor: person(actor), author: person(author), message: fresh });
    expect(NAMES.filter((name) => may(name, name) === 'allowed')).toEqual([
      'moderator',
      'admin',
      'owner',
      'watcher',
      'root',
    ]);
    expect(NAMES.filter((name) => may(name, 'member') === 'allowed')).toEqual([
      'moderator',
      'admin',
      'owner',
      'watcher',
      'root',
    ]);
    expect(may('moderator', 'owner')).toBe('rank');
    expect(
      judgeRedact({ actor: person('owner'), author: person('member'), message: { ...fresh, deletedAt: 1 } }),
    ).toBe('deleted');
  });
});
