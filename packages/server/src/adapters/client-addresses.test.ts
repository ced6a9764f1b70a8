import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientAddresses } from './client-addresses.js';

const request = (peer: string | undefined, forwarded?: string) =>
  ({
    socket: { remoteAddress: peer },
    headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded },
  }) as unknown as IncomingMessage;
const find = (trusted: string[], peer: string | undefined, forwarded?: string) => {
  const { key, limited } = createClientAddresses(trusted)(request(peer, forwarded));
  return limited ? key : `${key} not limited`;
};

describe('without trusted proxies', () => {
  it('only the socket counts, whatever X-Forwarded-For says', () => {
    expect(find([], '203.0.113.7', '1.2.3.4')).toBe('203.0.113.7');
    expect(find([], '203.0.113.7', '127.0.0.1')).toBe('203.0.113.7');
  });

  it.each([
    '127.0.0.1',
    '127.1.2.3',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.0.9',
    'fd00::1',
    '::ffff:10.0.0.1',
  ])('the internal address %s is not limited, for it may be a proxy', (peer) => {
    expect(find([], peer, '6.6.6.6')).toMatch(/ not limited$/);
  });

  it.each(['172.32.0.1', '11.0.0.1', '192.169.0.1', '126.255.255.255', '2001:db8::1', '::ffff:8.8.8.8'])(
    '%s is',
    (peer) => {
      expect(find([], peer)).not.toMatch(/ not limited$/);
    },
  );

  it('a socket that is gone counts as one unknown place', () => {
    expect(find([], undefined)).toBe('unknown');
  });
});

describe('behind trusted proxies', () => {
  it.each([
    ['one hop', '6.6.6.6', '6.6.6.6'],
    ['what the client made up stands left of what our proxy wrote', '1.1.1.1, 127.0.0.1, 6.6.6.6', '6.6.6.6'],
    ['a chain of our own proxies is walked through', '1.1.1.1, 6.6.6.6, 10.0.0.2, 10.0.0.3', '6.6.6.6'],
    ['blanks, tabs and ports', ' 6.6.6.6:4711\t', '6.6.6.6'],
    ['IPv6 by its /64', '2001:DB8:0:1::42', '2001:db8:0:1::/64'],
    ['IPv6 in brackets with a port', '[2001:db8:0:1:ffff::1]:443', '2001:db8:0:1::/64'],
    ['IPv4 in IPv6 clothes', '::ffff:6.6.6.6', '6.6.6.6'],
    ['the same, in hexadecimal', '::FFFF:0606:0606', '6.6.6.6'],
    ['a zone', 'fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['an internal client of a trusted proxy is one client', '192.168.7.7', '192.168.7.7'],
  ])('%s', (_, forwarded, expected) => {
    expect(find(['10.0.0.0/8'], '10.0.0.1', forwarded)).toBe(expected);
  });

  it.each([
    'unknown',
    '_hidden',
    '',
    ' ',
    '1.2.3',
    '1.2.3.4.5',
    '999.1.1.1',
    '1.2.3.4:',
    '[1.2.3.4',
    'fe80::1::2',
    '6.6.6.6 7.7.7.7',
    '"6.6.6.6"',
    '1.2.3.4:99999999',
    '6.6.6.6\u00a0x',
    '0x7f.1',
  ])('takes nothing from a last hop of %j: those clients share the limit of the proxy', (nonsense) => {
    expect(find(['10.0.0.1'], '10.0.0.1', `6.6.6.6,${nonsense}`)).toBe('10.0.0.1');
  });

  it('does not believe somebody who is not one of them', () => {
    expect(find(['10.0.0.1'], '203.0.113.7', '1.2.3.4')).toBe('203.0.113.7');
    expect(find(['10.0.0.1'], '10.0.0.2', '1.2.3.4')).toBe('10.0.0.2');
    expect(find(['10.0.0.1'], '10.0.0.1', '1.2.3.4, 203.0.113.7')).toBe('203.0.113.7');
  });

  it('does not limit a proxy that speaks for itself', () => {
    expect(find(['loopback'], '127.0.0.1')).toBe('127.0.0.1 not limited');
    expect(find(['loopback'], '::1')).toBe('0:0:0:0::/64 not limited');
    expect(find(['private'], '10.0.0.1', '10.0.0.2')).toBe('10.0.0.2 not limited');
  });

  it('knows proxies by address, network and name, in either family', () => {
    expect(find(['2001:db8::/32'], '2001:db8:5::1', '6.6.6.6')).toBe('6.6.6.6');
    expect(find(['::1'], '::1', '6.6.6.6')).toBe('6.6.6.6');
    expect(find(['192.0.2.1', 'loopback'], '::ffff:192.0.2.1', '6.6.6.6')).toBe('6.6.6.6');
  });

  it('a client cannot choose its place: what stands left of its own address changes nothing', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.ipV4()), fc.ipV4(), (madeUp, own) => {
        fc.pre(own !== '10.0.0.1');
        expect(find(['10.0.0.1'], '10.0.0.1', `${madeUp}, ${own}`)).toBe(own);
      }),
    );
  });

  it('nothing it can hold throws, nor takes long', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 100 }),
          fc.ipV6(),
          fc.ipV4(),
          fc.constant(':'.repeat(32_000)),
          fc.constant(','.repeat(32_000)),
          fc.constant('1.'.repeat(16_000)),
        ),
        (text) => {
          expect(find(['private'], '10.0.0.1', text)).toBeTypeOf('string');
          expect(find([], text)).toBeTypeOf('string');
        },
      ),
    );
  });
});
