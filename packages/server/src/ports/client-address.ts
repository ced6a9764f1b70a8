import type { IncomingMessage } from 'node:http';

/** Where a request came from, as limits count it. */
export interface ClientAddress {
  /** An IPv4 address, or the /64 of an IPv6 one: who has one address of it has them all. */
  readonly key: string;
  /** False where many people may stand behind the address: limiting it would lock them all out. */
  readonly limited: boolean;
}

/** Finds the client behind proxies. Never throws, whatever the headers hold. */
export type FindClientAddress = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => ClientAddress;
