import { describe, expect, test } from 'vitest';
import { LIMITS } from './limits.js';
import { isRoom, isScope, parseRoom, parseScope, roomName } from './room.js';

const longest = 'n'.repeat(LIMITS.roomIdLength);

describe('rooms (A3.1)', () => {
  test.each([
    ['host', { kind: 'host' }],
    ['tenant:acme', { kind: 'tenant', id: 'acme' }],
    ['network:abc-123', { kind: 'network', id: 'abc-123' }],
    ['network:_', { kind: 'network', id: '_' }],
    ['tenant:__proto__', { kind: 'tenant', id: '__proto__' }],
    [`network:${longest}`, { kind: 'network', id: longest }],
  ] as const)('%.30s', (name, room) => {
    expect(parseRoom(name)).toEqual(room);
    expect(isRoom(name)).toBe(true);
    expect(roomName(room)).toBe(name);
    const isTenant = room.kind === 'tenant';
    expect(parseScope(name)).toEqual(isTenant ? undefined : room);
    expect(isScope(name)).toBe(!isTenant);
  });

  test.each([
    ...['', 'Host', 'hosts', 'host ', ' host', 'host\n', 'host:', 'host:a', '\0host'],
    ...[
      'network',
      'network:',
      'network: ',
      'network:a b',
      'network:a/b',
      'network:a.b',
      'network:a:b',
      'network:é',
    ],
    ...[
      'network:a\n',
      'network:\na',
      'network:😀',
      `network:${longest}n`,
      `tenant:${longest}n`,
      'tenant:',
      'team:a',
    ],
    ...['NETWORK:a', 'constructor', '__proto__', '*', 'network:*'],
  ])('%.40j is none', (name) => {
    expect(parseRoom(name)).toBeUndefined();
    expect(parseScope(name)).toBeUndefined();
    expect(isRoom(name) || isScope(name)).toBe(false);
  });
});
