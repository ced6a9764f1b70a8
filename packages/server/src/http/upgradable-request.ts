import { IncomingMessage } from 'node:http';

/**
 * Who listens for upgrades gets all of them from Node, also `h2c`, which curl and Java's client offer with any request.
 * Nobody has to take an upgrade up, though (RFC 9110, 7.8): what asks for no WebSocket stays an ordinary request, with its
 * body, its deadlines and its place among the sockets. Node asks each request whether it upgrades once its head is read.
 */
export class UpgradableRequest extends IncomingMessage {
  /** What the parser found. Node's constructor sets it before a field of ours could exist. */
  declare private parsed: unknown;

  get upgrade(): boolean {
    return Boolean(this.parsed) && (this.method === 'CONNECT' || asksForWebSocket(this));
  }

  set upgrade(found: unknown) {
    this.parsed = found;
  }
}

/** Node's parser loses what comes right behind the head of an upgrade that is ignored: no other request may. */
export function mustBeLast({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return headers.upgrade !== undefined;
}

function asksForWebSocket({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const protocols = (headers.upgrade ?? '').split(',');
  return protocols.some((protocol) => protocol.trim().toLowerCase() === 'websocket');
}
