import type { AddressInfo } from 'node:net';

/** Where a started server is to be found. */
export interface ServerAddress {
  readonly host: string;
  readonly port: number;
  /** `http://localhost:8080`, without a final slash. */
  readonly url: string;
  /** `ws://localhost:8080/v1/ws`. */
  readonly wsUrl: string;
}

/** An address that a browser on this machine can open. */
export function serverAddress({ address, port, family }: AddressInfo): ServerAddress {
  const everywhere = address === '0.0.0.0' || address === '::';
  const reachable = everywhere || address === '127.0.0.1' || address === '::1' ? 'localhost' : address;
  const host = reachable !== 'localhost' && family === 'IPv6' ? `[${address}]` : reachable;
  return { host: address, port, url: `http://${host}:${port}`, wsUrl: `ws://${host}:${port}/v1/ws` };
}
