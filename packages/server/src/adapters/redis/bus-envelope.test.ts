import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BusMessage } from '../../ports/bus.js';
import { decodeMessages, emptyPiece, encodeMessages, MOST_BYTES } from './bus-envelope.js';

const user = {
  userId: 'u',
  tenantId: 't',
  connections: [
    { id: 'c', stamp: 1.5 },
    { id: 'd', clientId: 'tab', stamp: 2 },
  ],
  presence: 'here',
  since: 5,
  rooms: ['host'],
} as const;
const left = { type: 'member.left', data: { network_id: 'n', user_id: 'u' } } as const;
const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** One of each kind, with everything that may be in it and without. */
const ALL: { readonly [K in BusMessage['kind']]: readonly Extract<BusMessage, { kind: K }>[] } = {
  entry: [
    { kind: 'entry', entry: { ...left, room: 'host', epoch: 'e', seq: 7, at: 1, meta: { traceparent } } },
    { kind: 'entry', entry: { ...left, room: 'network:n', epoch: 'e', seq: 0, at: 1, tenantId: 't' } },
  ],
  transient: [
    { kind: 'transient', audience: { kind: 'room', room: 'host' }, event: left },
    { kind: 'transient', audience: { kind: 'rooms', rooms: [] }, event: left },
    { kind: 'transient', audience: { kind: 'users', tenantId: 't', userIds: ['u'] }, event: left },
  ],
  disconnect: [
    { kind: 'disconnect', userId: 'u', code: 4401, reason: 'é' },
    { kind: 'disconnect', userId: 'u', familyId: 'f', code: 1000, reason: '' },
  ],
  roster_news: [{ kind: 'roster_news', node: 'x', number: 1, users: [user] }],
  roster_beat: [{ kind: 'roster_beat', node: 'x', number: 0 }],
  roster_page: [{ kind: 'roster_page', node: 'x', number: 1, page: 0, pages: 1, users: [] }],
  roster_wanted: [
    { kind: 'roster_wanted', node: 'x' },
    { kind: 'roster_wanted', node: 'x', of: 'y' },
  ],
  roster_left: [{ kind: 'roster_left', node: 'x' }],
  roster_probe: [{ kind: 'roster_probe', tenantId: 't', userId: 'u' }],
};
const EVERY: readonly BusMessage[] = Object.values(ALL).flat();

const wrap = (...messages: readonly unknown[]) => JSON.stringify({ v: 1, node: 'x', messages });

describe('what one node says', () => {
  it('is what another one hears, of each kind', () => {
    const { pieces, tooLarge } = encodeMessages('x"y', EVERY);
    expect([pieces.length, tooLarge]).toEqual([1, 0]);
    expect(decodeMessages(pieces[0]?.text ?? '')).toEqual({ node: 'x"y', messages: EVERY, invalid: 0 });
    expect(pieces[0]).toMatchObject({
      messages: EVERY.length,
      bytes: Buffer.byteLength(pieces[0]?.text ?? ''),
    });
  });

  it('is cut into pieces of a bounded size that keep the order', () => {
    const many = Array.from(
      { length: 5_000 },
      (_, index): BusMessage => ({
        kind: 'disconnect',
        userId: 'é'.repeat(index % 500),
        code: 4401,
        reason: `${index}`,
      }),
    );
    const { pieces } = encodeMessages('x', many);
    expect(pieces.length).toBeGreaterThan(5);
    expect(Math.max(...pieces.map(({ bytes }) => bytes))).toBeLessThan(262_144 + 100);
    expect(pieces.flatMap(({ text }) => decodeMessages(text)?.messages)).toEqual(many);
  });

  it('stands alone when it is large, and is left out when it is too large', () => {
    const sized = (size: number): BusMessage => ({ kind: 'roster_left', node: 'x'.repeat(size) });
    const { pieces, tooLarge } = encodeMessages('x', [
      sized(1),
      sized(MOST_BYTES - 100),
      sized(1),
      sized(MOST_BYTES),
    ]);
    expect(pieces.map(({ messages }) => messages)).toEqual([1, 1, 1]);
    expect(tooLarge).toBe(1);
    for (const { text } of pieces) expect(decodeMessages(text)?.messages).toHaveLength(1);
  });

  it('may be nothing', () => {
    expect(encodeMessages('x', []).pieces).toEqual([]);
    expect(decodeMessages(emptyPiece('x'))).toEqual({ node: 'x', messages: [], invalid: 0 });
  });
});

describe('what is heard', () => {
  it('is none of ours without our envelope', () => {
    const texts = [
      '',
      '1',
      '[]',
      '{}',
      '{"v":1}',
      '{"v":2,"node":"x","messages":[]}',
      wrap().replace('"x"', '7'),
    ];
    for (const text of texts) expect(decodeMessages(text)).toBeUndefined();
    expect(decodeMessages(wrap('x'.repeat(MOST_BYTES)))).toBeUndefined();
  });

  it('is heard without the kinds and the fields of a newer version', () => {
    const newer = { kind: 'roster_left', node: 'x', more: 1 };
    const text = wrap({ kind: 'roster_song' }, newer, { kind: 'toString' }, { kind: '__proto__' });
    expect(decodeMessages(text)).toEqual({
      node: 'x',
      messages: [{ kind: 'roster_left', node: 'x' }],
      invalid: 0,
    });
  });

  it('is dropped when a field is missing or is something else, and the rest is heard', () => {
    const good = { kind: 'roster_left', node: 'x' };
    for (const message of EVERY)
      for (const [path, spoilt] of spoil(message)) {
        const heard = decodeMessages(wrap(good, spoilt, good));
        expect([path, heard?.messages, heard?.invalid]).toEqual([path, [good, good], 1]);
      }
  });

  it('closes connections only with what a WebSocket may be closed with', () => {
    const close = (code: unknown, reason = '') =>
      decodeMessages(wrap({ kind: 'disconnect', userId: 'u', code, reason }))?.invalid;
    expect([1000, 1008, 1011, 3000, 4999].map((code) => close(code))).toEqual([0, 0, 0, 0, 0]);
    expect([0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 1e9].map((code) => close(code))).toEqual(
      Array(9).fill(1),
    );
    expect([close(4401, 'é'.repeat(61)), close(4401, 'é'.repeat(62))]).toEqual([0, 1]);
  });

  it('has only times that a Date can hold', () => {
    const invalid = (time: number, text = `${time}`) =>
      [
        wrap({ kind: 'entry', entry: { ...left, room: 'r', epoch: 'e', seq: 1, at: 7_777 } }),
        wrap({ kind: 'roster_news', node: 'x', number: 1, users: [{ ...user, since: 7_777 }] }),
        wrap({
          kind: 'roster_news',
          node: 'x',
          number: 1,
          users: [{ ...user, connections: [{ id: 'c', stamp: 7_777 }] }],
        }),
      ].map((message) => decodeMessages(message.replace('7777', text))?.invalid);
    for (const time of [0, 1.5, -1, 8.64e15, -8.64e15]) expect(invalid(time)).toEqual([0, 0, 0]);
    for (const time of [8.64e15 + 1, -8.64e15 - 1, 1e300]) expect(invalid(time)).toEqual([1, 1, 1]);
    expect(invalid(Number.POSITIVE_INFINITY, '1e400')).toEqual([1, 1, 1]);
  });

  it('has only pages of a roster that there can be', () => {
    const invalid = (page: number, pages: number) =>
      decodeMessages(wrap({ kind: 'roster_page', node: 'x', number: 1, page, pages, users: [] }))?.invalid;
    expect([invalid(0, 1), invalid(6, 7), invalid(99_999, 100_000)]).toEqual([0, 0, 0]);
    expect([invalid(0, 0), invalid(1, 1), invalid(8, 7), invalid(0, 100_001)]).toEqual([1, 1, 1, 1]);
  });

  it('reaches no prototype', () => {
    const hostile = `{"kind":"roster_left","node":"x","__proto__":{"polluted":1}}`;
    const data = `{"network_id":"n","user_id":"u","__proto__":{"polluted":1}}`;
    const entry = `{"kind":"entry","entry":{"type":"member.left","data":${data},"room":"r","epoch":"e","seq":1,"at":1}}`;
    const heard = decodeMessages(`{"v":1,"node":"x","messages":[${hostile},${entry}],"__proto__":{}}`);
    expect(heard?.messages).toHaveLength(2);
    expect(JSON.stringify(heard)).not.toContain('polluted');
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it('never makes it throw', () => {
    const kinds = fc.constantFrom(...Object.keys(ALL), 'new');
    const message = fc.record({
      kind: kinds,
      entry: fc.jsonValue(),
      users: fc.jsonValue(),
      event: fc.jsonValue(),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.array(fc.oneof(message, fc.jsonValue())).map((list) => wrap(...list)),
        ),
        (text) => {
          decodeMessages(text);
        },
      ),
    );
    for (const bracket of ['[', '{"a":']) decodeMessages(bracket.repeat(500_000));
    decodeMessages(wrap().replace('[]', `${'['.repeat(500_000)}${']'.repeat(500_000)}`));
  });
});

/** The message with each field in turn, also inner ones, made something that it cannot be. */
function* spoil(value: object, path = ''): Generator<readonly [string, object]> {
  for (const [name, field] of Object.entries(value)) {
    const at = `${path}/${name}`;
    // Another kind is another message, and a trace that is no good is left out.
    if (at === '/kind' || name === 'meta') continue;
    if (typeof field === 'object' && !(Array.isArray(field) && field.length === 0))
      for (const [inner, spoilt] of spoil(field, at))
        yield [
          inner,
          Array.isArray(value) ? Object.assign([...value], { [name]: spoilt }) : { ...value, [name]: spoilt },
        ];
    yield [
      at,
      Array.isArray(value) ? Object.assign([...value], { [name]: null }) : { ...value, [name]: null },
    ];
  }
}
