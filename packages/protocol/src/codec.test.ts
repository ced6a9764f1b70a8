import { describe, expect, test } from 'vitest';
import { decodeFrame, decodeRequest, encodeRequest, isEventType, isRequestType } from './codec.js';
import { OUT_OF_BOUNDS } from './primitives/json-guard.js';
import { LIMITS } from './primitives/limits.js';

const send = { type: 'chat.send', op_id: 'op-1', data: { scope: 'host', body: 'hi' } };
const kick = { type: 'admin.kick', data: { network_id: 'n', user_id: 'u' } };
const line = JSON.stringify;

const refusal = (frame: string) => {
  const result = decodeRequest(frame);
  if (result.ok) throw new Error('The request was accepted.');
  return result.refused;
};

/** `levels` objects inside one another. */
const nested = (levels: number) => `${'{"a":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}`;
const object = (keys: number) =>
  Object.fromEntries(Array.from({ length: keys }, (_, index) => [`k${index}`, index]));

describe('decodeRequest', () => {
  test('reads what encodeRequest wrote', () => {
    const meta = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    expect(decodeRequest(encodeRequest('chat.send', 'op-1', send.data, meta))).toEqual({
      ok: true,
      request: { ...send, meta },
    });
    expect(decodeRequest(encodeRequest('chat.send', 'op-1', send.data))).toEqual({ ok: true, request: send });
  });

  test('takes absent data for none', () => {
    expect(decodeRequest(line({ type: 'presence.ping', op_id: 'a' }))).toMatchObject({
      request: { data: {} },
    });
  });

  // A1.5
  test.each([
    ['', 'not_json', undefined, ''],
    ['hello', 'not_json', undefined, ''],
    ['{"type":"chat.send","op_id":"op-1"', 'not_json', undefined, ''],
    ['{"op_id":"op-1"}{"op_id":"op-2"}', 'not_json', undefined, ''],
    [`${line(send)}\n${line(send)}`, 'not_json', undefined, ''],
    ['['.repeat(20_000), 'envelope', undefined, ''],
    ['null', 'envelope', undefined, ''],
    ['7', 'envelope', undefined, ''],
    ['"chat.send"', 'envelope', undefined, ''],
    ['[]', 'envelope', undefined, ''],
    [line([send]), 'envelope', undefined, ''],
    ['{}', 'envelope', undefined, 'type'],
    [line({ ...send, op_id: undefined }), 'envelope', undefined, 'op_id'],
    [line({ ...send, op_id: '' }), 'envelope', undefined, 'op_id'],
    [line({ ...send, op_id: 'o'.repeat(129) }), 'envelope', undefined, 'op_id'],
    [line({ ...send, op_id: 7 }), 'envelope', undefined, 'op_id'],
    [line({ ...send, type: undefined }), 'envelope', 'op-1', 'type'],
    [line({ ...send, type: ['chat.send'] }), 'envelope', 'op-1', 'type'],
    [line({ ...send, type: 'chat.shout' }), 'unknown_type', 'op-1', 'type'],
    [line({ ...send, type: '__proto__' }), 'unknown_type', 'op-1', 'type'],
    [line({ ...send, type: 'toString' }), 'unknown_type', 'op-1', 'type'],
    [line({ ...send, type: 'chat.message' }), 'unknown_type', 'op-1', 'type'],
    [line({ ...send, data: [] }), 'validation', 'op-1', 'data'],
    [line({ ...send, data: 'host' }), 'validation', 'op-1', 'data'],
    [line({ ...send, data: { scope: 'host' } }), 'validation', 'op-1', 'data.body'],
    [line({ ...send, data: { body: 'hi', scope: 'nowhere' } }), 'validation', 'op-1', 'data.scope'],
  ] as const)('refuses %.60j as %s', (frame, reason, opId, field) => {
    const refused = refusal(frame);
    expect(refused.reason).toBe(reason);
    expect(refused.opId).toBe(opId);
    expect(refused.faults[0]?.path).toBe(field);
  });

  test('a request of the session extension is unknown without it, whatever its data (B1.1)', () => {
    for (const data of [{ scope: 'host' }, { scope: 7 }]) {
      const decoded = decodeRequest(line({ ...send, type: 'chat.history', data }), 'base');
      expect(decoded).toMatchObject({ ok: false, refused: { reason: 'unknown_type', opId: 'op-1' } });
    }
    expect(decodeRequest(line({ ...send, type: 'chat.history', data: { scope: 'host' } }))).toMatchObject({
      ok: true,
    });
  });

  test('takes 128 characters of any kind as op_id', () => {
    expect(decodeRequest(line({ ...send, op_id: '😀'.repeat(128) }))).toMatchObject({ ok: true });
    expect(refusal(line({ ...send, op_id: '😀'.repeat(129) })).reason).toBe('envelope');
  });

  test('refuses an op_id that no database can keep', () => {
    expect(refusal(line({ ...send, op_id: 'a\0' })).faults[0]?.path).toBe('op_id');
    expect(refusal(line({ ...send, op_id: '\ud800' })).faults[0]?.path).toBe('op_id');
  });

  test('says both when type and op_id are wrong', () => {
    expect(refusal('{"type":1,"op_id":2}').faults.map(({ path }) => path)).toEqual(['type', 'op_id']);
  });

  test('reports at most three faults, in words that do not grow with the input', () => {
    const secret = 'hunter2'.repeat(5_000);
    const attachments = Array.from({ length: 10 }, () => secret);
    const refused = refusal(line({ ...send, data: { scope: secret, body: secret, attachments } }));
    expect(refused.faults.map(({ path }) => path)).toEqual(['data.scope', 'data.body', 'data.attachments.0']);
    expect(line(refused)).not.toContain('hunter2');
    expect(line(refused).length).toBeLessThan(500);
  });

  test('a message without anything that it needs has three faults as well', () => {
    expect(decodeFrame('{"type":"session.welcome"}')).toMatchObject([
      { kind: 'invalid', faults: { length: 3 } },
    ]);
  });

  test('passes the trace on, and takes a malformed one for none', () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const metaOf = (meta: unknown) => {
      const result = decodeRequest(line({ ...send, meta }));
      return result.ok && result.request.meta;
    };
    expect(metaOf({ traceparent, more: 1 })).toEqual({ traceparent });
    const others = [
      {},
      [],
      null,
      7,
      'x',
      { traceparent: 7 },
      { traceparent: `${traceparent}\n` },
      { traceparent: 'x' },
      { traceparent: traceparent.toUpperCase() },
      { traceparent: `ff${traceparent.slice(2)}` },
      { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` },
      { traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01` },
      { traceparent: `${traceparent}-more` },
    ];
    for (const meta of others) expect(metaOf(meta)).toBeUndefined();
  });

  // B6
  test('passes the trace of what it refuses on', () => {
    const meta = { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' };
    const wrong = [{ type: 'chat.shout' }, { data: {} }, { op_id: '' }, { type: 7 }, { more: object(257) }];
    for (const change of wrong)
      expect(refusal(line({ ...send, ...change, meta: { ...meta, junk: 1 } })).meta).toEqual(meta);
    expect(refusal(line({ ...send, data: {}, meta: { traceparent: 'x' } }))).not.toHaveProperty('meta');
  });
});

describe('bounds of a request (A1.6)', () => {
  const withLater = (json: string) => `{"type":"presence.ping","op_id":"op-1","data":{},"later":${json}}`;

  test.each([
    ['32 levels', nested(LIMITS.depth - 1), true],
    ['33 levels', nested(LIMITS.depth), false],
    ['256 keys', line(object(LIMITS.keysPerObject)), true],
    ['257 keys', line(object(LIMITS.keysPerObject + 1)), false],
    ['10,000 items', line(Array.from({ length: LIMITS.arrayItems }, () => 1)), true],
    ['10,001 items', line(Array.from({ length: LIMITS.arrayItems + 1 }, () => 1)), false],
  ])('%s', (_, json, fits) => {
    const result = decodeRequest(withLater(json));
    expect(result.ok).toBe(fits);
    // The request is answered, because its op_id can be read.
    if (!result.ok)
      expect(result.refused).toMatchObject({ reason: 'envelope', opId: 'op-1', faults: [{ path: '' }] });
  });

  test('a long text that nests too deep is refused before it is parsed', () => {
    expect(refusal(`${'[['.repeat(100_000)}`)).toMatchObject({ reason: 'envelope' });
    expect(refusal(withLater(`${'['.repeat(9_000)}${']'.repeat(9_000)}`))).toMatchObject({
      reason: 'envelope',
    });
  });

  test('brackets inside text are no nesting', () => {
    const body = '[{"\\"[\\\\'.repeat(500);
    const padding = 'x'.repeat(9_000);
    expect(decodeRequest(line({ ...send, data: { scope: 'host', body }, padding }))).toMatchObject({
      ok: true,
    });
  });

  test('keys that could reach a prototype are gone, and no prototype is touched', () => {
    const before = Object.getOwnPropertyNames(Object.prototype);
    const hostile =
      '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"prototype":1,"kept":1}';
    const frame = `{"type":"net.updated","__proto__":{"polluted":true},"data":{"network_id":"n","properties":${hostile}}}`;
    const [item] = decodeFrame(frame);
    expect(item).toEqual({
      kind: 'event',
      type: 'net.updated',
      data: { network_id: 'n', changes: [], properties: { kept: 1 } },
    });
    expect(decodeRequest(`{"type":"presence.ping","op_id":"1","data":${hostile}}`)).toMatchObject({
      ok: true,
    });
    expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(before);
    expect('polluted' in {}).toBe(false);
  });

  test('half a megabyte of anything is answered at once, and in few words', () => {
    const size = 512 * 1_024;
    const hostile = [
      '['.repeat(size),
      '{"a":'.repeat(size / 5),
      `[${'{},'.repeat(size / 3)}{}]`,
      `{"type":"chat.send","op_id":"1","data":{"scope":"host","body":"${'😀'.repeat(size / 5)}"}}`,
      `{"type":"chat.send","op_id":"1","data":{"scope":"host","body":"x","attachments":[${'"https://u:p@x/",'.repeat(size / 17)}""]}}`,
      `{"type":"chat.send","op_id":"${'o'.repeat(size)}"}`,
      `{"type":"${'t'.repeat(size)}","op_id":"1"}`,
      line(object(40_000)),
      'x'.repeat(size),
      '1'.repeat(size),
      '"'.repeat(size),
      '\\'.repeat(size),
    ];
    for (const frame of hostile) {
      const before = process.cpuUsage();
      const refused = refusal(frame);
      // CPU time, because other programs share the machine. Measured 1-30 ms; the bound tells linear from quadratic.
      expect(process.cpuUsage(before).user / 1_000).toBeLessThan(500);
      expect(line(refused).length).toBeLessThan(300);
    }
  });
});

describe('decodeFrame', () => {
  const event = { kind: 'event', ...kick };

  test('reads several envelopes of one frame in order (A1.1)', () => {
    const frames = [1, 2, 3].map((op) => line({ type: 'ack', op_id: `op-${op}`, data: { op } }));
    const replies = [1, 2, 3].map((op) => ({ kind: 'reply', opId: `op-${op}`, data: { op } }));
    expect(decodeFrame(frames.join('\n'))).toEqual(replies);
    expect(decodeFrame(`\n${frames.join('\r\n\n  \n')}\n`)).toEqual(replies);
  });

  test('one line that cannot be read costs no other', () => {
    expect(decodeFrame(`${line(kick)}\n{"type":\n7\n${line(kick)}`)).toEqual([
      event,
      { kind: 'invalid', faults: [{ path: '', expected: 'a JSON object' }] },
      { kind: 'invalid', faults: [{ path: '', expected: 'a JSON object' }] },
      event,
    ]);
  });

  test('one envelope may stand on several lines', () => {
    expect(decodeFrame(JSON.stringify(kick, null, 2))).toEqual([event]);
  });

  test('says so when a frame holds more envelopes than it reads', () => {
    const items = decodeFrame('{}\n'.repeat(LIMITS.envelopesPerFrame + 1));
    expect(items).toHaveLength(LIMITS.envelopesPerFrame + 1);
    expect(items.at(-1)).toEqual({
      kind: 'invalid',
      faults: [OUT_OF_BOUNDS],
    });
    expect(decodeFrame('{}\n'.repeat(LIMITS.envelopesPerFrame))).toHaveLength(LIMITS.envelopesPerFrame);
  });

  test.each(['', ' ', 'nonsense', '[]', 'null', '7', '"text"', '[{"type":"ack"}]'])(
    '%j is one invalid item',
    (frame) => {
      expect(decodeFrame(frame)).toMatchObject([{ kind: 'invalid', faults: [{ path: '' }] }]);
    },
  );

  test('nothing beyond the bounds is read (A1.6)', () => {
    const deep = `{"type":"net.updated","data":{"network_id":"n","properties":${nested(LIMITS.depth)}}}`;
    expect(decodeFrame(deep)).toMatchObject([{ kind: 'invalid' }]);
    expect(decodeFrame('['.repeat(20_000))).toMatchObject([{ kind: 'invalid' }]);
    expect(decodeFrame(line({ ...kick, later: object(257) }))).toMatchObject([{ kind: 'invalid' }]);
  });

  test('unknown fields are ignored, unknown words pass (A1.4)', () => {
    const data = { user_id: 'u', status: 'away', since: 't', mood: 'fine' };
    expect(decodeFrame(line({ type: 'presence.update', data, later: {} }))).toEqual([
      {
        kind: 'event',
        type: 'presence.update',
        data: { user_id: 'u', status: 'away', since: 't' },
      },
    ]);
  });

  test('an unknown type is handed on with its place in the log', () => {
    expect(decodeFrame(line({ type: 'poll.opened', room: 'host', seq: 7, data: [1] }))).toEqual([
      { kind: 'unknown', type: 'poll.opened', position: { room: 'host', seq: 7 }, data: [1] },
    ]);
    expect(decodeFrame('{"type":"constructor"}')).toEqual([
      { kind: 'unknown', type: 'constructor', data: undefined },
    ]);
  });

  test('an event with more in it than is read keeps its place in the log, too', () => {
    const data = Object.fromEntries(Array.from({ length: 257 }, (_, key) => [key, 0]));
    expect(decodeFrame(line({ type: 'chat.message', room: 'host', seq: 7, data }))).toEqual([
      {
        kind: 'invalid',
        position: { room: 'host', seq: 7 },
        faults: [{ path: '', expected: 'fewer levels, keys, items or lines' }],
      },
    ]);
  });

  test('a known event with wrong data is invalid and keeps its place in the log', () => {
    expect(decodeFrame(line({ type: 'member.left', room: 'host', seq: 7, data: { user_id: 1 } }))).toEqual([
      {
        kind: 'invalid',
        type: 'member.left',
        position: { room: 'host', seq: 7 },
        data: { user_id: 1 },
        faults: [
          { path: 'data.network_id', expected: 'a string of 1-128 characters' },
          { path: 'data.user_id', expected: 'a string of 1-128 characters' },
        ],
      },
    ]);
  });

  test('an event has a place only when room and seq can be read', () => {
    const position = (extra: object) => decodeFrame(line({ ...kick, ...extra }))[0];
    expect(position({ room: 'host', seq: 0 })).toMatchObject({ position: { room: 'host', seq: 0 } });
    for (const extra of [{ room: 'host' }, { seq: 1 }, { room: 1, seq: 1 }, { room: 'host', seq: 1.5 }]) {
      expect(position(extra)).toEqual(event);
    }
  });

  test('an error without op_id is an error all the same (A2.3)', () => {
    const error = { code: 'ERR_RATE_LIMIT', message: 'Too many requests' };
    expect(decodeFrame(line({ type: 'error', error }))).toEqual([
      { kind: 'error', error: { ...error, details: {} } },
    ]);
    expect(decodeFrame(line({ type: 'error', op_id: 'op-1', error }))).toEqual([
      { kind: 'error', opId: 'op-1', error: { ...error, details: {} } },
    ]);
  });

  test('an error that is itself damaged still says something', () => {
    expect(decodeFrame('{"type":"error","op_id":7,"error":{"code":7,"message":null,"details":[]}}')).toEqual([
      { kind: 'error', error: { code: 'ERR_HANDLER_FAILED', message: '', details: {} } },
    ]);
  });

  test('an ack that answers nothing is unknown', () => {
    expect(decodeFrame('{"type":"ack","data":{}}')).toEqual([{ kind: 'unknown', type: 'ack', data: {} }]);
  });
});

test('types are known by their own names only', () => {
  expect(isRequestType('chat.send') && isEventType('chat.message')).toBe(true);
  for (const name of ['', '__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    expect(isRequestType(name) || isEventType(name)).toBe(false);
  }
  expect(isRequestType('chat.message') || isEventType('chat.send')).toBe(false);
});
