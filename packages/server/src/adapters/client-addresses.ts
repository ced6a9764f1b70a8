import { BlockList, isIPv4, isIPv6 } from 'node:net';
import type { ClientAddress, FindClientAddress } from '../ports/client-address.js';

/** Networks by name, as `TRUST_PROXY` may use them: this machine, and those the internet does not route. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '169.254.0.0/16', 'fc00::/7', 'fe80::/10'],
};

const INTERNAL = networks(['loopback', 'private']);
const NOWHERE = 'unknown';

/**
 * Who a request comes from. `trusted` are the proxies that may speak for others, each an address, a network such as
 * `10.0.0.0/8`, or `loopback` or `private`.
 *
 * `X-Forwarded-For` is read from its right end, where our own proxies write, and only as long as each hop is one of
 * them: whatever a client wrote into it stands further left. Without trusted proxies the header means nothing, and an
 * internal address is not limited, because it may be a proxy nobody told us of.
 */
export function createClientAddresses(trusted: readonly string[]): FindClientAddress {
  const proxies = trusted.length > 0 ? networks(trusted) : undefined;
  return ({ headers, socket }) => {
    const peer = readAddress(socket.remoteAddress ?? '');
    if (peer === undefined) return { key: NOWHERE, limited: true };
    if (!proxies) return found(peer, !contains(INTERNAL, peer));
    const given = headers['x-forwarded-for'] ?? '';
    return behind(proxies, peer, typeof given === 'string' ? given : given.join(','));
  };
}

function behind(proxies: BlockList, peer: string, forwarded: string): ClientAddress {
  let hop = peer;
  let rest = forwarded;
  while (contains(proxies, hop)) {
    // A proxy that speaks for nobody, such as its own health check.
    if (rest === '') return found(hop, false);
    const comma = rest.lastIndexOf(',');
    const next = readAddress(rest.slice(comma + 1));
    // It speaks for somebody it cannot name: everyone of that kind shares one limit.
    if (next === undefined) return found(hop, true);
    rest = comma < 0 ? '' : rest.slice(0, comma);
    hop = next;
  }
  return found(hop, true);
}

function found(address: string, limited: ClientAddress['limited']): ClientAddress {
  return { key: isIPv4(address) ? address : `${groups(address).slice(0, 4).join(':')}::/64`, limited };
}

/** An address as proxies and sockets write it, without brackets, port and zone; IPv4 in IPv6 clothes comes out as IPv4. */
function readAddress(text: string): string | undefined {
  const [, bracketed, bare] =
    /^\s*(?:\[([\da-f:.]+)\](?::\d{1,5})?|([\da-f:.]+?)(?:%[\w.-]+)?)\s*$/i.exec(text) ?? [];
  const address = bracketed ?? bare ?? '';
  if (isIPv4(address)) return address;
  if (isIPv6(address)) return unmapped(address);
  const [host = ''] = bare?.split(':') ?? [];
  return isIPv4(host) && /^[^:]+:\d{1,5}$/.test(address) ? host : undefined;
}

function unmapped(address: string): string {
  const [a, b, c, d, e, f, high = 0, low = 0] = groups(address).map((group) => Number.parseInt(group, 16));
  const mapped = [a, b, c, d, e].every((group) => group === 0) && f === 0xffff;
  return mapped ? [high >> 8, high & 255, low >> 8, low & 255].join('.') : address;
}

/** The eight groups of a valid IPv6 address, without leading zeros. */
function groups(address: string): string[] {
  // The last 32 bits may be written as an IPv4 address.
  const dotted = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [left = '', right] = dotted.split('::');
  const before = left === '' ? [] : left.split(':');
  const after = right === undefined || right === '' ? [] : right.split(':');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16).toString(16));
}

function networks(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries.flatMap((name) => NAMED[name] ?? [name])) {
    const [address = '', bits] = entry.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6');
}
