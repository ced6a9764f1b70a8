import type { Offer } from './negotiation.js';
import { isNode } from './resolve-web-socket.js';
import type { WebSocketConstructor } from './socket.js';

/** Where the access token travels: `auto` is a header on Node and the query in browsers. */
export type TokenTransport = 'auto' | 'header' | 'query' | 'subprotocol';

/** Subprotocol of the session extension (B1.1). */
export const V1_PROTOCOL = 'goconnect.v1';

export interface DialAddress {
  readonly url: string;
  readonly protocols: string[];
  readonly headers?: Record<string, string>;
}

/** Address, subprotocols and headers of one dial (B1.1, B1.2, B1.4, A5.1). `plain` offers no subprotocol. */
export function dialAddress(
  offer: Offer,
  base: string,
  clientId: string,
  token: string,
  transport: TokenTransport,
  WebSocket: WebSocketConstructor,
): DialAddress {
  const url = new URL(base);
  const protocols = offer === 'v1' ? [V1_PROTOCOL] : [];
  url.searchParams.set('client_id', clientId);
  const carrier = transport === 'auto' ? (canSendHeaders(WebSocket) ? 'header' : 'query') : transport;
  if (carrier === 'header') {
    return { url: url.href, protocols, headers: { authorization: `Bearer ${token}` } };
  }
  if (carrier === 'query') url.searchParams.set('token', token);
  else protocols.push(`goconnect.bearer.${token}`);
  return { url: url.href, protocols };
}

/** The global class of Node takes no third argument; every class made for Node does. */
function canSendHeaders(WebSocket: WebSocketConstructor): boolean {
  return isNode() && WebSocket !== (globalThis as { WebSocket?: unknown }).WebSocket;
}
