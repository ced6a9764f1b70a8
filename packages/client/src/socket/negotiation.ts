import type { Socket, SocketOwner } from './socket.js';

/** Offer the subprotocol of the session extension, or none. */
export type Offer = 'v1' | 'plain';

/** Failures after which a server that once spoke v1 may have become another one. */
const DOUBT_AFTER = 3;

/**
 * Makes the offer of B1.1 work with servers that know no subprotocols: WebSocket clients MUST fail a connection whose
 * server selects none of those offered, so that such a server is dialled once more, without an offer.
 */
export interface Negotiation {
  dial(open: (offer: Offer, owner: SocketOwner) => Socket, owner: SocketOwner): Socket;
  /** What the server turned out to speak. */
  worked(offer: Offer): void;
}

/** `mayDialPlain`: false where a dial without subprotocols could not carry the token. */
export function createNegotiation(mayDialPlain: boolean): Negotiation {
  let known: Offer | undefined;
  let failures = 0;
  return {
    worked(offer) {
      known = offer;
      failures = 0;
    },
    dial(open, owner) {
      const first = mayDialPlain && known === 'plain' ? 'plain' : 'v1';
      let socket = open(first, {
        ...owner,
        onEnd(end) {
          failures++;
          const doubtful =
            end.noSubprotocol === 'possible' && (known === undefined || failures >= DOUBT_AFTER);
          const again = first === 'v1' && mayDialPlain && (end.noSubprotocol === 'certain' || doubtful);
          // What worked before does not any more: begin with the offer again.
          if (first === 'plain') known = undefined;
          if (again) socket = open('plain', owner);
          else owner.onEnd(end);
        },
      });
      return {
        send: (text) => socket.send(text),
        get bufferedAmount() {
          return socket.bufferedAmount;
        },
        close: () => socket.close(),
        drop: () => socket.drop(),
      };
    },
  };
}
