import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeServer } from './create-fake-server.js';
import type { FakeServer } from './fake-server.js';

let server: FakeServer;
beforeEach(() => {
  server = createFakeServer();
});
afterEach(() => server.close());

/** As a script in JavaScript, or JSON, may have it: the compiler was not there. */
const loosely = <T>(value: unknown) => value as T;
const when = (type = 'chat.send') => server.when(loosely<'chat.send'>(type));

describe('a script that is wrong is refused when it is set', () => {
  it.each([
    ['a request that does not exist', () => when('chat.sned').fail(), /rule\.on is "chat\.sned".*or \*\./],
    ['no number of times', () => when().times(Number.NaN).fail(), /rule\.times is NaN\. Give a whole number/],
    ['no time at all', () => when().times(0).fail(), /rule\.times is 0\. Give a whole number, 1 or more/],
    ['data that is none', () => when().reply(7), /rule\.do\.data is 7.*an object.*raw/],
    ['a half of a time', () => when().after(0.5).fail(), /rule\.after is 0\.5/],
    [
      'a delay that is none',
      () => when().delay(Number.NaN),
      /rule\.do\.ms is NaN\. Give a number, 0 or more/,
    ],
    ['1005', () => when().close(1005), /rule\.do\.code is 1005.*"disconnect" \} ends/],
    ['1006', () => when().close(1006), /rule\.do\.code is 1006/],
    ['999', () => when().close(999), /rule\.do\.code is 999/],
    ['a code in letters', () => when().close(loosely('abc')), /rule\.do\.code is "abc"/],
    ['a long reason', () => when().close(4000, 'x'.repeat(124)), /rule\.do\.reason is .*at most 123 bytes/],
    ['an unknown verb', () => rule({ kind: 'explode' }), /rule\.do\.kind is "explode".*reply, error, never/],
    ['a field too many', () => rule({ kind: 'twice', ms: 1 }), /rule\.do has an unknown key "ms"/],
    ['a flag in letters', () => rule({ kind: 'never', effect: 'no' }), /rule\.do\.effect is "no"/],
    ['no op_id', () => rule({ kind: 'op_id' }), /rule\.do\.opId is undefined\. Give a string/],
  ])('%s', (_, use, message) => {
    expect(use).toThrow(
      expect.objectContaining({ code: 'bad_argument', message: expect.stringMatching(message) }),
    );
  });

  const rule = (action: object) => server.script({ on: '*', do: loosely(action) });
});

describe('what a server cannot do is refused at once', () => {
  it.each([
    ['no text', () => server.say('host', 'ada', ''), /message\.body.*1-4096 characters/],
    ['too much text', () => server.say('host', 'ada', 'x'.repeat(5_000)), /message\.body.*1-4096 characters/],
    ['no scope', () => server.say('nowhere', 'ada', 'x'), /message\.scope.*"host" or "network:<id>"/],
    [
      'a stranger',
      () => server.say('network:attic', 'linus', 'x'),
      /linus is not in network:attic.*addMember/,
    ],
    ['an event', () => server.send(loosely<'chat.message'>('nope.type')), /type is "nope\.type".*sendRaw/],
    ['whom', () => server.send('chat.message', {}, loosely({ usr: 'ada' })), /to has an unknown key "usr"/],
    ['which', () => server.breakConnections(loosely({ connection: '1' })), /to\.connection is "1"/],
    ['where', () => server.sendRaw('x', { room: 'attic' }), /to\.room is "attic".*network:<id>/],
    ['a text', () => server.sendRaw(loosely(5)), /text is 5/],
    ['a close', () => server.closeConnections(4000, 'x'.repeat(200)), /closeConnections\(\)\.reason/],
    ['a drain', () => server.drain({ spreadMs: loosely('x') }), /drain\(\)\.spreadMs is "x"/],
    ['its reason', () => server.drain({ reason: 'ü'.repeat(90) }), /drain\(\)\.reason/],
    ['a limit', () => server.limit({ messagesPerMinute: -1 }), /limits\.messagesPerMinute is -1/],
    ['a limit', () => server.limit(loosely({ pingPeriodMs: 1 })), /limits has an unknown key/],
    ['a token', () => server.token('ada', { expiresIn: loosely('5') }), /options\.expiresIn is "5"/],
    [
      'a role',
      () => server.setRole('lobby', 'ada', loosely('king')),
      /role is "king".*member, moderator, admin, owner/,
    ],
    ['a role', () => server.addMember('attic', 'linus', loosely('king')), /role is "king"/],
    ['a network', () => server.addNetwork({ id: 'a b' }), /network\.id is "a b".*1-64 of A-Z/],
    [
      'a member',
      () => server.addNetwork({ id: 'a', members: loosely({ ada: 'king' }) }),
      /network\.members\.ada/,
    ],
    ['a second network', () => server.addNetwork({ id: 'lobby' }), /lobby is there already.*addMember/],
    [
      'a way out',
      () => server.removeMember('lobby', 'linus', loosely('bann')),
      /how is "bann".*left, kick, ban/,
    ],
    ['a user', () => server.addUser({ id: '' }), /user\.id is ""/],
    ['a tenant', () => server.addUser({ id: 'eve', tenantId: 'a b' }), /user\.tenantId is "a b"/],
    ['a log', () => server.forgetLog('nowhere', 5), /room is "nowhere"/],
    ['a place', () => server.forgetLog('host', Number.NaN), /seq is NaN/],
    ['a request', () => server.receivedOf(loosely<'chat.send'>('chat.sned')), /type is "chat\.sned"/],
  ])('%s', (_, use, message) => {
    expect(use).toThrow(
      expect.objectContaining({ code: 'bad_argument', message: expect.stringMatching(message) }),
    );
  });

  it('as well where the verb promises', async () => {
    await expect(server.waitFor(loosely<'chat.send'>('chat.sned'))).rejects.toThrow(/type is "chat\.sned"/);
    await expect(server.waitFor('chat.send', {}, { deadlineMs: Number.NaN })).rejects.toThrow(
      /deadlineMs is NaN/,
    );
    await expect(server.restart({ downMs: -1 })).rejects.toThrow(/restart\(\)\.downMs is -1/);
    await expect(server.restart(loosely({ keep_log: true }))).rejects.toThrow(/unknown key "keep_log"/);
  });

  it('names who and what there is', () => {
    expect(() => server.sendRaw('x', { user: 'nobody' })).toThrow(/no user "nobody".*ada, grace, linus/);
    expect(() => server.expireTokens('nobody')).toThrow(/no user "nobody"/);
    expect(() => server.say('network:nowhere', 'ada', 'x')).toThrow(/no network "nowhere".*lobby, attic/);
  });
});

describe('options are checked before anything starts', () => {
  it.each([
    [{ transport: 'tcp' }, /transport is "tcp".*memory, ws/],
    [{ transport: 'ws', port: 'abc' }, /port is "abc".*0-65535/],
    [{ transport: 'ws', port: 70_000 }, /port is 70000/],
    [{ port: 8_080 }, /no option "port".*with the transport 'ws' .*port/],
    [{ variant: 'chrome' }, /variant is "chrome".*browser, undici, ws/],
    [{ seed: null }, /seed is null.*a string or a number/],
    [{ v1: 'no' }, /v1 is "no"/],
    [{ allowedOrigins: '*' }, /allowedOrigins is "\*".*list of strings/],
    [{ settings: { nope: 1 } }, /settings has an unknown key "nope".*tokenTtl/],
    [{ settings: { messagesPerMinute: 'x' } }, /settings\.messagesPerMinute is "x"/],
    [{ users: [{ id: 5 }] }, /users\.0\.id is 5/],
    [{ networks: [{ id: 'a b' }] }, /networks\.0\.id is "a b"/],
    [{ networks: [{ id: 'n', members: { ada: 'king' } }] }, /networks\.0\.members\.ada is "king"/],
    [{ networks: [{ id: 'n', visibility: 'secret' }] }, /networks\.0\.visibility is "secret"/],
  ])('%j', (options, message) => {
    expect(() => createFakeServer(loosely(options))).toThrow(
      expect.objectContaining({ code: 'bad_argument', message: expect.stringMatching(message) }),
    );
  });

  it('says where it cannot listen', async () => {
    await expect(createFakeServer({ transport: 'ws', host: '203.0.113.7' })).rejects.toMatchObject({
      code: 'bad_argument',
      message: expect.stringContaining('cannot listen at 203.0.113.7:0'),
    });
  });
});

it('a server that was closed says so, whatever is asked of it', async () => {
  await server.close();
  for (const ask of [
    () => server.say('host', 'ada', 'x'),
    () => server.send('chat.message'),
    () => server.sendRaw('x'),
    () => server.drain(),
    () => server.limit({ messagesPerMinute: 1 }),
    () => server.token('ada'),
    () => server.addMember('attic', 'linus'),
    () => server.closeConnections(1001),
  ]) {
    expect(ask).toThrow(expect.objectContaining({ code: 'server_closed' }));
  }
  // What it received can still be looked at.
  expect(server.received).toEqual([]);
});

it.each([5, null, 'drop'])('a fault that is %j is refused', (fault) => {
  expect(() => server.network?.fault(loosely(fault))).toThrow(
    expect.objectContaining({
      code: 'bad_argument',
      message: expect.stringContaining('rule is not an object'),
    }),
  );
});
