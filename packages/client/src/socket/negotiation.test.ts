import { describe, expect, it } from 'vitest';
import { createNegotiation, type Offer } from './negotiation.js';
import type { SocketEnd, SocketOwner } from './socket.js';

const hidden: SocketEnd = { code: 1006, reason: '', noSubprotocol: 'possible' };
const certain: SocketEnd = { code: 1006, reason: '', noSubprotocol: 'certain' };

function world(mayDialPlain = true) {
  const negotiation = createNegotiation(mayDialPlain);
  const dials: { offer: Offer; owner: SocketOwner; sent: string[] }[] = [];
  const ends: SocketEnd[] = [];
  const owner: SocketOwner = { onOpen: () => {}, onText: () => {}, onEnd: (end) => ends.push(end) };
  const dial = () =>
    negotiation.dial((offer, listener) => {
      const sent: string[] = [];
      dials.push({ offer, owner: listener, sent });
      return { send: (text) => sent.push(text), bufferedAmount: 0, close: async () => {}, drop: () => {} };
    }, owner);
  const offers = () => dials.map(({ offer }) => offer);
  return { negotiation, dial, dials, ends, offers, fall: (end: SocketEnd) => dials.at(-1)?.owner.onEnd(end) };
}

describe('offering the session extension (B1.1)', () => {
  it('dials once more without an offer when the server selected none, and goes on with that socket', () => {
    const { dial, dials, ends, offers, fall } = world();
    const socket = dial();
    fall(certain);
    socket.send('x');
    expect(offers()).toEqual(['v1', 'plain']);
    expect(dials[1]?.sent).toEqual(['x']);
    expect(ends).toEqual([]);
    fall(hidden);
    expect(ends).toEqual([hidden]);
  });

  it('begins with what worked, and with the offer again when that fails', () => {
    const { negotiation, dial, offers, fall } = world();
    negotiation.worked('plain');
    dial();
    fall({ code: 1006, reason: '' });
    dial();
    expect(offers()).toEqual(['plain', 'v1']);
  });

  it('does not give up a server that spoke v1 for a failure without a reason, only for several', () => {
    const { negotiation, dial, offers, fall } = world();
    negotiation.worked('v1');
    for (let i = 0; i < 3; i++) {
      dial();
      fall(hidden);
    }
    expect(offers()).toEqual(['v1', 'v1', 'v1', 'plain']);
  });

  it('dials once where the reason is another: nobody listens, or the upgrade was refused', () => {
    const { dial, ends, offers, fall } = world();
    dial();
    fall({ code: 1006, reason: '', status: 503 });
    expect(offers()).toEqual(['v1']);
    expect(ends).toHaveLength(1);
  });

  it('does not dial without subprotocols when one of them carries the token', () => {
    const { negotiation, dial, offers, fall } = world(false);
    dial();
    fall(certain);
    negotiation.worked('plain');
    dial();
    expect(offers()).toEqual(['v1', 'v1']);
  });
});
