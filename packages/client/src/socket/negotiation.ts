import type { Socket, SocketEnd, SocketOwner } from './socket.js';

/** Offer the subprotocol of the session extension, or none. */
export type Offer = 'v1' | 'plain';

/** Where the offer comes to nothing: will a connection without it do? */
export type Terms = 'any' | 'v1_only';

export type Open = (offer: Offer, owner: SocketOwner) => Socket;

/** Failures after which a server that once spoke v1 may have become another one. */
const DOUBT_AFTER = 3;
/** Texts of a server without an answer to the offer that are kept while it is asked once more. */
const KEPT_MOST = 256;

/**
 * Makes the offer of B1.1 work with servers that know no subprotocols: WebSocket clients MUST fail a connection whose
 * server selects none of those offered, so that such a server is dialled once more, without an offer.
 *
 * Browsers do not say why a dial failed; it may have been anything. Before the guarantees of v1 are given up for such a
 * failure, the offer is made once more while a plain connection shows that somebody is there.
 */
export interface Negotiation {
  dial(open: Open, owner: SocketOwner, terms: Terms): Socket;
  /** The server greeted: it speaks v1. */
  greeted(): void;
}

/** `mayDialPlain`: false where a dial without subprotocols could not carry the token. */
export function createNegotiation(mayDialPlain: boolean): Negotiation {
  /** Failures in a row: who never spoke v1 is in doubt from the start. What a plain connection shows is forgotten with it. */
  let failures = DOUBT_AFTER;

  return {
    greeted() {
      failures = 0;
    },
    dial(open, owner, terms) {
      const onEnd = (end: SocketEnd): void => {
        // Why plain is dialled, if it may be.
        const reason = mayDialPlain && terms === 'any' && end.noSubprotocol;
        if (terms === 'any') failures++;
        if (reason === 'certain') use(open('plain', owner));
        else if (reason && failures >= DOUBT_AFTER) askAgain(open, owner, use);
        else owner.onEnd(end);
      };
      /** The first is in use, or about to be. */
      let sockets: Sockets = [open('v1', { ...owner, onEnd })];
      const use = (...these: Sockets): void => {
        sockets = these;
      };
      return {
        send: (text) => sockets[0].send(text),
        get bufferedAmount() {
          return sockets[0].bufferedAmount;
        },
        close: async (code) => void (await Promise.all(sockets.map((socket) => socket.close(code)))),
        drop() {
          for (const socket of sockets) socket.drop();
        },
      };
    },
  };
}

type Sockets = readonly [Socket, ...Socket[]];

/**
 * Dials plain to see whether somebody is there; then offers v1 once more and holds the plain connection until that is
 * decided.
 */
function askAgain(open: Open, owner: SocketOwner, use: (...sockets: Sockets) => void): void {
  /** What the plain one brought, until it is decided. */
  let held: { readonly protocol: string; readonly texts: string[] } | undefined;
  let asked: Socket | undefined;

  const takePlain = ({ protocol, texts }: NonNullable<typeof held>): void => {
    held = undefined;
    asked?.drop();
    use(plain);
    owner.onOpen(protocol, true);
    for (const text of texts) owner.onText(text);
  };
  const ask = (): Socket => {
    const socket = open('v1', {
      ...owner,
      onOpen(protocol) {
        held = undefined;
        plain.drop();
        use(socket);
        owner.onOpen(protocol);
      },
      onEnd(end) {
        if (held) takePlain(held);
        else owner.onEnd(end);
      },
    });
    use(socket, plain);
    return socket;
  };
  const plain = open('plain', {
    onOpen(protocol) {
      held = { protocol, texts: [] };
      asked = ask();
    },
    onText(text) {
      if (!held) owner.onText(text);
      else if (held.texts.push(text) > KEPT_MOST) takePlain(held);
    },
    onEnd(end) {
      asked?.drop();
      owner.onEnd(end);
    },
  });
  use(plain);
}
